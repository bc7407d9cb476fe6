import { type Expr, i32, type Local, op } from "../../assemble/index.ts";
import { KernelBody, type Pointer, type Scope } from "./body.ts";
import { type AccessSlot, roundsOf, stageTargets, stashBytes } from "./layout.ts";
import { bytesOf, keep, LANES, loadContiguous, storeContiguous } from "./vector.ts";

/** Elements of a unit of work where there are no rows. */
export const FLAT_UNIT = 256;

/** Rows: the outer dimensions are walked, the inner ones gone through once for each stage. */
export class RowsEmitter extends KernelBody {
  emit(): void {
    const { f } = this;
    const [, lo, hi] = f.params;
    const rank = this.kernel.outer.length;
    const isFlat = rank === 0 && this.kernel.reductions.length === 0;
    this.hold();
    if (isFlat) {
      const start = f.let(op("i32.mul", lo, i32(FLAT_UNIT)));
      const size = this.held(this.layout.sizes[0]);
      const end = f.let(op("i32.mul", hi, i32(FLAT_UNIT)));
      f.if(op("i32.gt_s", end, size), () => f.set(end, size));
      const count = f.let(op("i32.sub", end, start));
      f.if(op("i32.le_s", count, i32(0)), () => f.return());
      for (const slot of this.slots) this.beginFlat(slot, start);
      this.prepareKernelValues();
      this.row(() => count);
      return;
    }
    f.if(op("i32.ge_s", lo, hi), () => f.return());
    const indices = this.beginRows(lo);
    this.prepareKernelValues();
    const unit = f.let(lo);
    f.doWhile(
      () => {
        this.row(() => this.countInRow(indices));
        this.advanceRow(indices);
        f.add(unit, i32(1));
      },
      () => op("i32.lt_s", unit, hi),
    );
  }

  protected beginFlat(slot: AccessSlot, start: Local): void {
    const { f } = this;
    const { row } = this.pointer(slot);
    const bytes = slot.isIndex ? 1 : bytesOf(slot.dtype);
    f.set(row, this.word(slot.base));
    const stride = slot.strides[this.vector];
    if (slot.kind === "contiguous") f.add(row, op("i32.mul", start, i32(bytes)));
    else if (stride !== null) f.add(row, op("i32.mul", start, this.held(stride)));
  }

  /** Indices of the outer dimensions at unit `first`, and all pointers there. */
  protected beginRows(first: Expr): Local[] {
    const { f } = this;
    const rank = this.kernel.outer.length;
    const indices = Array.from({ length: rank }, () => f.local("i32"));
    const rest = f.let(first);
    for (let d = rank - 1; d > 0; d--) {
      f.set(indices[d], op("i32.rem_u", rest, this.held(this.layout.sizes[d])));
      f.set(rest, op("i32.div_u", rest, this.held(this.layout.sizes[d])));
    }
    if (rank > 0) f.set(indices[0], rest);
    for (const slot of this.slots) {
      const { row } = this.pointer(slot);
      f.set(row, this.word(slot.base));
      for (let d = 0; d < rank; d++) {
        const stride = slot.strides[d];
        if (stride !== null) f.add(row, op("i32.mul", indices[d], this.held(stride)));
      }
    }
    return indices;
  }

  /** The next row: the last outer dimension counts up, and carries into those before it. */
  protected advanceRow(indices: readonly Local[]): void {
    const { f } = this;
    const step = (d: number): void => {
      f.add(indices[d], i32(1));
      for (const slot of this.slots) {
        const stride = slot.strides[d];
        if (stride !== null) f.add(this.pointer(slot).row, this.held(stride));
      }
      if (d === 0) return;
      const size = this.held(this.layout.sizes[d]);
      f.if(op("i32.eq", indices[d], size), () => {
        f.set(indices[d], i32(0));
        for (const slot of this.slots) {
          const stride = slot.strides[d];
          if (stride === null) continue;
          const { row } = this.pointer(slot);
          f.set(row, op("i32.sub", row, op("i32.mul", size, this.held(stride))));
        }
        step(d - 1);
      });
    };
    if (indices.length > 0) step(indices.length - 1);
  }

  /** Elements of the innermost loop: all, or what is left for the last round of a ragged dimension. */
  protected countInRow(indices: readonly Local[]): Expr {
    const { f } = this;
    const size = this.held(this.layout.sizes[this.vector]);
    if (this.layout.ragged === null) return size;
    const chunk = indices[indices.length - 1];
    const rest = f.let(op("i32.sub", this.held(this.layout.ragged), op("i32.mul", chunk, size)));
    f.if(op("i32.gt_s", rest, size), () => f.set(rest, size));
    return rest;
  }

  /** One row: for each stage what is known for the whole row, then the loops within it. */
  protected row(count: () => Expr): void {
    const { reductions, stores } = this.kernel;
    const { stages } = this.layout;
    this.rowScope.clear();
    const total = count();
    stageTargets(this.kernel, stages).forEach((targets, stage) => {
      const rounds = roundsOf(this.layout, targets);
      reductions.forEach(({ value }, i) => {
        if (stages[value] === stage) this.accumulators[i].reset(rounds);
      });
      const reduced = reductions.map((_, i) => i).filter((i) => stages[reductions[i].value] === stage);
      const written = stores
        .map((_, i) => i)
        .filter((i) => stores[i].level === "element" && stages[stores[i].value] === stage);
      if (reduced.length + written.length === 0) return;
      this.prepareRowValues(
        [...targets, ...reduced.map((i) => reductions[i].value), ...written.map((i) => stores[i].value)],
        stage,
      );
      this.innerLoops(total, rounds, (scope, round) => {
        this.keepForLater(scope, stage);
        for (const i of reduced) {
          const mask = this.isFull ? null : this.mask;
          this.accumulators[i].take(this.value(reductions[i].value, scope), mask, round);
        }
        // All is read before anything is written: a result may lie where an operand was.
        const results = written.map((i) => this.value(stores[i].value, scope));
        written.forEach((i, k) => {
          this.storeElements(this.layout.stores[i], results[k]);
        });
      });
      for (const i of reduced) this.setReduced(reductions[i].node, this.accumulators[i].total());
    });
    stores.forEach((store, i) => {
      if (store.level === "row") this.storeRow(this.layout.stores[i], this.value(store.value, this.rowScope));
    });
  }

  // The loops within a row.

  protected innerLoops(total: Expr, rounds: number, body: (scope: Scope, round: number) => void): void {
    const { f } = this;
    const first = this.kernel.outer.length;
    const depth = this.kernel.inner.length;
    if (depth === 1) {
      this.vectorLoop(total, rounds, body);
      return;
    }
    const saved = new Map([...this.pointers].map(([slot, pointer]) => [slot, pointer.row]));
    this.rowOffset = f.let(i32(0));
    const nest = (level: number): void => {
      if (level === depth - 1) {
        this.vectorLoop(total, rounds, body);
        f.add(this.rowOffset as Local, this.held(this.layout.sizes[this.vector]));
        return;
      }
      const d = first + level;
      for (const pointer of this.pointers.values()) {
        if (pointer.slot.strides[d] !== null) pointer.row = f.let(pointer.row);
      }
      const index = f.let(i32(0));
      const moving = [...this.pointers.values()].filter(({ slot }) => slot.strides[d] !== null);
      const own = moving.map((pointer) => pointer.row);
      f.doWhile(
        () => {
          nest(level + 1);
          moving.forEach((pointer, i) => {
            pointer.row = own[i];
            f.add(own[i], this.held(pointer.slot.strides[d] as number));
          });
          f.add(index, i32(1));
        },
        () => op("i32.lt_s", index, this.held(this.layout.sizes[d])),
      );
    };
    nest(0);
    for (const [slot, row] of saved) (this.pointers.get(slot) as Pointer).row = row;
    this.rowOffset = null;
  }

  /** Four elements a round, several rounds at a time while there are so many; the last round may have fewer. */
  protected vectorLoop(count: Expr, rounds: number, body: (scope: Scope, round: number) => void): void {
    const { f } = this;
    f.set(this.left, count);
    f.set(this.done, i32(0));
    const scattered = [...this.pointers.values()].filter(({ slot }) => slot.kind === "scattered");
    for (const pointer of scattered) pointer.current = f.let(pointer.row);
    this.beginLanes(scattered.length > 0);
    const advance = (elements: number): void => {
      f.add(this.done, i32(elements));
      f.set(this.left, op("i32.sub", this.left, i32(elements)));
    };
    if (rounds > 1) {
      this.isFull = true;
      f.while(
        () => op("i32.ge_s", this.left, i32(rounds * LANES)),
        () => {
          for (let round = 0; round < rounds; round++) {
            this.shift = round * LANES;
            body(new Map(), round);
          }
          advance(rounds * LANES);
        },
      );
      this.shift = 0;
      this.isFull = false;
    }
    f.while(
      () => op("i32.gt_s", this.left, i32(0)),
      () => {
        if (!this.layout.isAligned) this.narrowLanes(scattered.length > 0);
        body(new Map(), 0);
        for (const { slot, current } of scattered) {
          const stride = this.held(slot.strides[this.vector] as number);
          f.add(current as Local, op("i32.shl", stride, i32(2)));
        }
        advance(LANES);
      },
    );
  }

  // Values kept from one stage for later ones.

  protected keepForLater(scope: Scope, stage: number): void {
    for (const [id, { word, stage: first, later }] of this.layout.stash) {
      if (first !== stage && !later.has(stage)) continue;
      const { dtype } = this.kernel.values[id];
      const stored = dtype === "bool" ? "int32" : dtype;
      const elements = this.rowOffset === null ? this.done : op("i32.add", this.done, this.rowOffset);
      const bytes = stashBytes(dtype);
      const address = op(
        "i32.add",
        op("i32.add", this.scratch, this.held(word)),
        op("i32.shl", elements, i32(Math.log2(bytes))),
      );
      const offset = this.shift * bytes;
      if (first === stage) storeContiguous(this.f, stored, address, this.value(id, scope), offset);
      else scope.set(id, keep(this.f, loadContiguous(this.f, stored, address, offset)));
    }
  }
}
