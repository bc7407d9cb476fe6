import { i32, type Local, op } from "../../assemble/index.ts";
import { KernelBody, type Pointer, type Scope } from "./body.ts";
import { accumulatedBytes } from "./layout.ts";
import type { Accumulator } from "./reductions.ts";
import { LANES } from "./vector.ts";

/**
 * Rows that columns go down before the next ones do: so few that their lines of memory are still in the first-level cache
 * then, though rows may lie a multiple of 4096 bytes apart. Two sums over 4096 rows of 1024 took 2.2 ms with 8, 2.8 with
 * 32, and 8.4 when four columns went all the way (Node 24, one thread).
 */
const BLOCK_ROWS = 8;

/** Vectors of running totals that are held in registers. */
const TOTALS = 8;

/**
 * A unit is a strip of neighbouring columns, reduced over the inner dimensions: block by block of rows, four columns at a
 * time, whose running totals wait in scratch for the next block.
 */
export class ColumnsEmitter extends KernelBody {
  /** The first column of the strip, and the one behind its last. */
  private readonly from: Local = this.f.local("i32");
  private readonly to: Local = this.f.local("i32");
  /** Blocks of rows that are left, of how many. */
  private readonly blocks: Local = this.f.local("i32");
  private readonly allBlocks: Local = this.f.local("i32");
  private readonly hasScattered = this.slots.some((slot) => slot.kind === "scattered");
  /** Vectors that go down together: as many as there are registers for their totals. */
  private readonly together = this.hasScattered
    ? 1
    : Math.max(1, Math.min(4, Math.floor(TOTALS / (accumulatedBytes(this.kernel) / 16))));
  private readonly totals: readonly (readonly Accumulator[])[] = Array.from(
    { length: this.together },
    (_, i) => (i === 0 ? this.accumulators : this.newAccumulators()),
  );

  emit(): void {
    const { f } = this;
    const [, lo, hi] = f.params;
    const { outer } = this.kernel;
    f.if(op("i32.ge_s", lo, hi), () => f.return());
    this.hold();
    const columns = this.held(this.layout.sizes[outer.length - 1]);
    const strip = this.held(this.layout.strip as number);
    const strips = f.let(op("i32.div_u", op("i32.sub", op("i32.add", columns, strip), i32(1)), strip));
    f.set(this.allBlocks, this.countBlocks());
    const unit = f.let(lo);
    f.doWhile(
      () => {
        f.set(this.from, op("i32.mul", op("i32.rem_u", unit, strips), strip));
        f.set(this.to, op("i32.add", this.from, strip));
        f.if(op("i32.gt_s", this.to, columns), () => f.set(this.to, columns));
        this.beginColumns(f.let(op("i32.div_u", unit, strips)));
        f.set(this.blocks, this.allBlocks);
        this.reducedLoops(0);
        f.add(unit, i32(1));
      },
      () => op("i32.lt_s", unit, hi),
    );
  }

  private get innermost(): number {
    return this.kernel.outer.length + this.kernel.inner.length - 1;
  }

  private countBlocks() {
    const { outer, inner } = this.kernel;
    const rows = this.held(this.layout.sizes[this.innermost]);
    let blocks = op("i32.div_u", op("i32.add", rows, i32(BLOCK_ROWS - 1)), i32(BLOCK_ROWS));
    for (let level = 0; level < inner.length - 1; level++) {
      blocks = op("i32.mul", blocks, this.held(this.layout.sizes[outer.length + level]));
    }
    return blocks;
  }

  /** Pointers at the row that unit `row` of the other kept dimensions stands for. */
  private beginColumns(row: Local): void {
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
      if (slot.kind === "scattered") pointer.current ??= f.local("i32");
    }
  }

  /** Scattered accesses stand at the first of the four columns. */
  private setCurrent({ slot, row, current }: Pointer): void {
    if (current === null) return;
    const stride = this.held(slot.strides[this.vector] as number);
    this.f.set(current, op("i32.add", row, op("i32.mul", this.done, stride)));
  }

  private moving(d: number): Pointer[] {
    return [...this.pointers.values()].filter(({ slot }) => slot.strides[d] !== null);
  }

  /** Goes through a reduced dimension; `pointers` stand where they stood, afterwards. */
  private through(d: number, moving: readonly Pointer[], count: Local, body: () => void): void {
    const { f } = this;
    const before = moving.map(({ row }) => f.let(row));
    const left = f.let(count);
    f.doWhile(
      () => {
        body();
        for (const { slot, row, current } of moving) {
          const stride = this.held(slot.strides[d] as number);
          f.add(row, stride);
          if (current !== null) f.add(current, stride);
        }
        f.set(left, op("i32.sub", left, i32(1)));
      },
      () => left,
    );
    moving.forEach(({ row }, i) => {
      f.set(row, before[i]);
    });
  }

  private reducedLoops(level: number): void {
    const d = this.kernel.outer.length + level;
    if (d === this.innermost) this.rowBlocks(d);
    else this.through(d, this.moving(d), this.held(this.layout.sizes[d]), () => this.reducedLoops(level + 1));
  }

  /** The innermost reduced dimension, block by block. */
  private rowBlocks(d: number): void {
    const { f } = this;
    const moving = this.moving(d);
    const before = moving.map(({ row }) => f.let(row));
    const left = f.let(this.held(this.layout.sizes[d]));
    const rows = f.local("i32");
    f.doWhile(
      () => {
        f.set(rows, i32(BLOCK_ROWS));
        f.if(op("i32.lt_s", left, rows), () => f.set(rows, left));
        this.vectors(d, moving, rows);
        for (const { slot, row } of moving) {
          f.add(row, op("i32.mul", rows, this.held(slot.strides[d] as number)));
        }
        f.set(this.blocks, op("i32.sub", this.blocks, i32(1)));
        f.set(left, op("i32.sub", left, rows));
      },
      () => left,
    );
    moving.forEach(({ row }, i) => {
      f.set(row, before[i]);
    });
  }

  /** All columns of the strip over some rows: several vectors at a time while there are so many, then one by one. */
  private vectors(d: number, moving: readonly Pointer[], rows: Local): void {
    const { f } = this;
    const kept = f.let(this.scratch);
    f.set(this.done, this.from);
    const widths = this.together > 1 ? [this.together, 1] : [1];
    for (const width of widths) {
      f.while(
        () => op("i32.le_s", op("i32.add", this.done, i32(width === 1 ? 1 : width * LANES)), this.to),
        () => {
          this.down(width, d, moving, rows, kept);
          f.add(this.done, i32(width * LANES));
          f.add(kept, i32(width * accumulatedBytes(this.kernel)));
        },
      );
    }
  }

  /** Some vectors of columns over some rows. */
  private down(width: number, d: number, moving: readonly Pointer[], rows: Local, kept: Local): void {
    const { f } = this;
    const { reductions, stores } = this.kernel;
    const values = reductions.map(({ value }) => value);
    this.isFull = width > 1;
    if (width === 1) {
      f.set(this.left, op("i32.sub", this.to, this.done));
      this.beginLanes(this.hasScattered);
      this.narrowLanes(this.hasScattered);
    }
    for (const pointer of this.pointers.values()) this.setCurrent(pointer);
    f.if(
      op("i32.eq", this.blocks, this.allBlocks),
      () => this.eachTotal(width, (total) => total.reset()),
      () => this.eachTotal(width, (total, offset) => total.restore(kept, offset)),
    );
    const scopes = this.totals.slice(0, width).map((): Scope => new Map());
    const each = (act: (totals: readonly Accumulator[]) => void): void => {
      for (let i = 0; i < width; i++) {
        this.shift = i * LANES;
        this.rowScope = scopes[i];
        act(this.totals[i]);
      }
      this.shift = 0;
    };
    each(() => this.prepareRowValues(values, 0));
    this.through(d, moving, rows, () =>
      each((totals) => {
        const scope: Scope = new Map();
        values.forEach((value, k) => {
          totals[k].take(this.value(value, scope), null);
        });
      }),
    );
    f.if(
      op("i32.eq", this.blocks, i32(1)),
      () =>
        each((totals) => {
          reductions.forEach(({ node }, k) => {
            this.setReduced(node, totals[k].lanes());
          });
          stores.forEach((store, k) => {
            this.storeElements(this.layout.stores[k], this.value(store.value, this.rowScope));
          });
        }),
      () => this.eachTotal(width, (total, offset) => total.save(kept, offset)),
    );
    this.isFull = false;
  }

  /** Each running total of some vectors, and its place among them. */
  private eachTotal(width: number, act: (total: Accumulator, offset: number) => void): void {
    let offset = 0;
    for (const total of this.totals.slice(0, width).flat()) {
      act(total, offset);
      offset += total.bytes;
    }
  }
}
