import { i32, type Local, op } from "../../assemble/index.ts";
import { KernelBody, type Pointer, type Scope } from "./body.ts";
import { LANES } from "./vector.ts";

/** A unit is four neighbouring columns, reduced over the inner dimensions. */
export class ColumnsEmitter extends KernelBody {
  emit(): void {
    const { f } = this;
    const [, lo, hi] = f.params;
    const { outer, reductions, stores } = this.kernel;
    f.if(op("i32.ge_s", lo, hi), () => f.return());
    this.hold();
    const last = outer.length - 1;
    const columns = this.held(this.layout.sizes[last]);
    const vectors = f.let(op("i32.shr_u", op("i32.add", columns, i32(LANES - 1)), i32(2)));
    const unit = f.let(lo);
    f.doWhile(
      () => {
        this.rowScope.clear();
        f.set(this.done, op("i32.shl", op("i32.rem_u", unit, vectors), i32(2)));
        f.set(this.left, op("i32.sub", columns, this.done));
        const scattered = this.slots.some((slot) => slot.kind === "scattered");
        this.beginLanes(scattered);
        this.narrowLanes(scattered);
        this.beginColumns(f.let(op("i32.div_u", unit, vectors)));
        for (const accumulator of this.accumulators) accumulator.reset();
        this.prepareRowValues(
          reductions.map(({ value }) => value),
          0,
        );
        this.reducedLoops(0, () => {
          const scope: Scope = new Map();
          reductions.forEach(({ value }, i) => {
            this.accumulators[i].take(this.value(value, scope), null);
          });
        });
        reductions.forEach(({ node }, i) => {
          this.setReduced(node, this.accumulators[i].lanes());
        });
        stores.forEach((store, i) => {
          this.storeElements(this.layout.stores[i], this.value(store.value, this.rowScope));
        });
        f.add(unit, i32(1));
      },
      () => op("i32.lt_s", unit, hi),
    );
  }

  /** Pointers at the row that unit `row` of the other kept dimensions stands for. */
  protected beginColumns(row: Local): void {
    const { f } = this;
    const rank = this.kernel.outer.length - 1;
    const indices = Array.from({ length: rank }, () => f.local("i32"));
    for (let d = rank - 1; d > 0; d--) {
      f.set(indices[d], op("i32.rem_u", row, this.held(this.layout.sizes[d])));
      f.set(row, op("i32.div_u", row, this.held(this.layout.sizes[d])));
    }
    if (rank > 0) f.set(indices[0], row);
    for (const slot of this.slots) {
      const pointer = this.pointer(slot);
      f.set(pointer.row, this.word(slot.base));
      for (let d = 0; d < rank; d++) {
        const stride = slot.strides[d];
        if (stride !== null) f.add(pointer.row, op("i32.mul", indices[d], this.held(stride)));
      }
      if (slot.kind !== "scattered") continue;
      pointer.current ??= f.local("i32");
    }
    for (const pointer of this.pointers.values()) this.setCurrent(pointer);
  }

  /** Scattered accesses stand at the first of the four columns. */
  protected setCurrent({ slot, row, current }: Pointer): void {
    if (current === null) return;
    const stride = this.held(slot.strides[this.vector] as number);
    this.f.set(current, op("i32.add", row, op("i32.mul", this.done, stride)));
  }

  protected reducedLoops(level: number, body: () => void): void {
    const { f } = this;
    if (level === this.kernel.inner.length) {
      body();
      return;
    }
    const d = this.kernel.outer.length + level;
    const moving = [...this.pointers.values()].filter(({ slot }) => slot.strides[d] !== null);
    const before = moving.map(({ row }) => f.let(row));
    const index = f.let(i32(0));
    f.doWhile(
      () => {
        this.reducedLoops(level + 1, body);
        for (const pointer of moving) {
          const stride = this.held(pointer.slot.strides[d] as number);
          f.add(pointer.row, stride);
          if (pointer.current !== null) f.add(pointer.current, stride);
        }
        f.add(index, i32(1));
      },
      () => op("i32.lt_s", index, this.held(this.layout.sizes[d])),
    );
    moving.forEach((pointer, i) => {
      f.set(pointer.row, before[i]);
      this.setCurrent(pointer);
    });
  }
}
