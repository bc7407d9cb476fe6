import {
  type Expr,
  type FunctionBuilder,
  i32,
  i32x4,
  type Local,
  load,
  op,
  type Signature,
} from "../../assemble/index.ts";
import type { Value } from "../values.ts";
import { type AccessSlot, isInner, type Layout, stageTargets, stashBytes } from "./layout.ts";
import { emitOperation } from "./operations.ts";
import { Accumulator } from "./reductions.ts";
import {
  bytesOf,
  keep,
  LANES,
  loadContiguous,
  loadScattered,
  loadSplat,
  splatConstant,
  storeContiguous,
  storeLanes,
  type Vec,
} from "./vector.ts";

/** (descriptor, first unit, end of units, scratch of this thread) */
export const KERNEL: Signature = { params: ["i32", "i32", "i32", "i32"], results: [] };

/** (descriptor, batch, rows from, to, columns from, to, tile, bytes of a row of the tile, scratch) */
export const EPILOGUE: Signature = {
  params: ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
  results: [],
};

/** Elements of a unit of work where there are no rows. */
export const FLAT_UNIT = 256;

/** Writes the code of a kernel into a function. */
export function emitKernel(f: FunctionBuilder, layout: Layout): void {
  const emitter = new KernelEmitter(f, layout);
  if (layout.kernel.mode === "columns") emitter.columns();
  else if (layout.kernel.mode === "epilogue") emitter.epilogue();
  else emitter.rows();
}

/** Values that are known at one level of the loops. */
type Scope = Map<number, Vec>;

/** Where an access stands: the address of the row, and of the vector within it. */
interface Pointer {
  readonly slot: AccessSlot;
  row: Local;
  /** For scattered accesses, which move on their own. */
  current: Local | null;
}

class KernelEmitter {
  private readonly descriptor: Local;
  private readonly scratch: Local;
  private readonly inner = new Map<number, boolean>();
  private readonly pointers = new Map<AccessSlot, Pointer>();
  /** Values that are the same for the whole kernel. */
  private readonly kernelScope: Scope = new Map();
  /** Values of the present row. */
  private readonly rowScope: Scope = new Map();
  private readonly accumulators: Accumulator[];
  private readonly strideLocals = new Map<number, Local>();
  // Within the innermost loop: elements done, elements left, and masks for the last ones.
  private readonly done: Local;
  private readonly left: Local;
  private mask: Local | null = null;
  private laneSteps: readonly Local[] = [];
  /** Elements of the row that come before the innermost loop, where there are several inner loops. */
  private rowOffset: Local | null = null;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly layout: Layout,
  ) {
    const { values, reductions } = layout.kernel;
    this.descriptor = f.params[0];
    this.scratch = f.params[f.params.length - 1];
    this.done = f.local("i32");
    this.left = f.local("i32");
    this.accumulators = reductions.map(
      ({ op: reduction, value, dtype }) => new Accumulator(f, reduction, values[value].dtype, dtype),
    );
  }

  private get kernel() {
    return this.layout.kernel;
  }

  private get slots(): AccessSlot[] {
    return [...this.layout.loads.values(), ...this.layout.stores];
  }

  private word(word: number): Expr {
    return load("i32.load", this.descriptor, 4 * word);
  }

  /** A word of the descriptor in a variable. */
  private held(word: number): Local {
    let local = this.strideLocals.get(word);
    if (local === undefined) {
      local = this.f.let(this.word(word));
      this.strideLocals.set(word, local);
    }
    return local;
  }

  private get vector(): number {
    const { mode, outer, inner } = this.kernel;
    return mode === "columns" ? outer.length - 1 : outer.length + inner.length - 1;
  }

  // Rows: the outer dimensions are walked, the inner ones gone through once for each stage.

  rows(): void {
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

  /** Reads sizes and strides from the descriptor before any loop. */
  private hold(): void {
    for (const word of this.layout.sizes) this.held(word);
    for (const slot of this.slots) for (const word of slot.strides) if (word !== null) this.held(word);
    if (this.layout.ragged !== null) this.held(this.layout.ragged);
    for (const { word } of this.layout.stash.values()) this.held(word);
  }

  private pointer(slot: AccessSlot): Pointer {
    let pointer = this.pointers.get(slot);
    if (pointer === undefined) {
      pointer = { slot, row: this.f.local("i32"), current: null };
      this.pointers.set(slot, pointer);
    }
    return pointer;
  }

  private beginFlat(slot: AccessSlot, start: Local): void {
    const { f } = this;
    const { row } = this.pointer(slot);
    const bytes = slot.isIndex ? 1 : bytesOf(slot.dtype);
    f.set(row, this.word(slot.base));
    const stride = slot.strides[this.vector];
    if (slot.kind === "contiguous") f.add(row, op("i32.mul", start, i32(bytes)));
    else if (stride !== null) f.add(row, op("i32.mul", start, this.held(stride)));
  }

  /** Indices of the outer dimensions at unit `first`, and all pointers there. */
  private beginRows(first: Expr): Local[] {
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
  private advanceRow(indices: readonly Local[]): void {
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
  private countInRow(indices: readonly Local[]): Expr {
    const { f } = this;
    const size = this.held(this.layout.sizes[this.vector]);
    if (this.layout.ragged === null) return size;
    const chunk = indices[indices.length - 1];
    const rest = f.let(op("i32.sub", this.held(this.layout.ragged), op("i32.mul", chunk, size)));
    f.if(op("i32.gt_s", rest, size), () => f.set(rest, size));
    return rest;
  }

  /** One row: for each stage what is known for the whole row, then the loops within it. */
  private row(count: () => Expr): void {
    const { reductions, stores } = this.kernel;
    const { stages } = this.layout;
    this.rowScope.clear();
    const total = count();
    stageTargets(this.kernel, stages).forEach((targets, stage) => {
      reductions.forEach(({ value }, i) => {
        if (stages[value] === stage) this.accumulators[i].reset();
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
      this.innerLoops(total, (scope) => {
        this.keepForLater(scope, stage);
        for (const i of reduced) {
          this.accumulators[i].take(this.value(reductions[i].value, scope), this.mask);
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

  private setReduced(node: number, total: Vec): void {
    this.kernel.values.forEach((value, id) => {
      if (value.op === "reduced" && value.node === node) this.rowScope.set(id, total);
    });
  }

  /** Computes before all loops what no row changes. */
  private prepareKernelValues(): void {
    const { values, tile } = this.kernel;
    const isFixed: boolean[] = [];
    values.forEach((value, id) => {
      if (value.op === "scalar") isFixed[id] = value.args.every((arg) => isFixed[arg]);
      else if (value.op === "load" || value.op === "index") {
        isFixed[id] =
          value.access.strides.every((stride) => stride === 0) &&
          (value.op === "index" || value.buffer !== tile);
      } else isFixed[id] = value.op === "constant";
    });
    const used = new Set(
      values.flatMap((value, id) => (value.op === "scalar" && !isFixed[id] ? value.args : [])),
    );
    for (const { value } of [...this.kernel.stores, ...this.kernel.reductions]) used.add(value);
    for (const id of used) if (isFixed[id]) this.kernelScope.set(id, this.value(id, this.kernelScope));
    this.rowScope.clear();
  }

  /** Computes before the loops what does not change within them. */
  private prepareRowValues(targets: readonly number[], stage: number): void {
    const seen = new Set<number>();
    const visit = (id: number): void => {
      if (seen.has(id) || this.rowScope.has(id)) return;
      seen.add(id);
      const value = this.kernel.values[id];
      if (!isInner(this.kernel, id, this.inner)) {
        this.value(id, this.rowScope);
        return;
      }
      const isKept = this.layout.stash.get(id)?.later.has(stage) ?? false;
      if (value.op === "scalar" && !isKept) value.args.forEach(visit);
    };
    targets.forEach(visit);
  }

  // The loops within a row.

  private innerLoops(total: Expr, body: (scope: Scope) => void): void {
    const { f } = this;
    const first = this.kernel.outer.length;
    const depth = this.kernel.inner.length;
    if (depth === 1) {
      this.vectorLoop(total, body);
      return;
    }
    const saved = new Map([...this.pointers].map(([slot, pointer]) => [slot, pointer.row]));
    this.rowOffset = f.let(i32(0));
    const nest = (level: number): void => {
      if (level === depth - 1) {
        this.vectorLoop(total, body);
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

  /** Four elements a round; the last round may have fewer. */
  private vectorLoop(count: Expr, body: (scope: Scope) => void): void {
    const { f } = this;
    const { isAligned } = this.layout;
    f.set(this.left, count);
    f.set(this.done, i32(0));
    const scattered = [...this.pointers.values()].filter(({ slot }) => slot.kind === "scattered");
    for (const pointer of scattered) pointer.current = f.let(pointer.row);
    this.beginLanes(scattered.length > 0);
    f.doWhile(
      () => {
        if (!isAligned) this.narrowLanes(scattered.length > 0);
        body(new Map());
        for (const { slot, current } of scattered) {
          const stride = this.held(slot.strides[this.vector] as number);
          f.add(current as Local, op("i32.shl", stride, i32(2)));
        }
        f.add(this.done, i32(LANES));
        f.set(this.left, op("i32.sub", this.left, i32(LANES)));
      },
      () => op("i32.gt_s", this.left, i32(0)),
    );
  }

  /** All four lanes are there. */
  private beginLanes(hasScattered: boolean): void {
    const { f } = this;
    if (!this.layout.isAligned && this.kernel.reductions.length > 0) {
      this.mask ??= f.local("v128");
      f.set(this.mask, i32x4(-1));
    }
    if (!hasScattered) return;
    if (this.laneSteps.length === 0) this.laneSteps = [1, 2, 3].map(() => f.local("i32"));
    this.laneSteps.forEach((lane, i) => {
      f.set(lane, i32(i + 1));
    });
  }

  /** In the last round: what lies behind the end is not counted, and not read where that may be far away. */
  private narrowLanes(hasScattered: boolean): void {
    const { f } = this;
    const { mask } = this;
    if (mask === null && !hasScattered) return;
    f.if(op("i32.lt_s", this.left, i32(LANES)), () => {
      if (mask !== null) f.set(mask, op("i32x4.lt_s", i32x4(0, 1, 2, 3), op("i32x4.splat", this.left)));
      if (!hasScattered) return;
      const last = f.let(op("i32.sub", this.left, i32(1)));
      for (const lane of this.laneSteps) f.if(op("i32.gt_s", lane, last), () => f.set(lane, last));
    });
  }

  /** Elements done, as bytes of elements of this size. */
  private offset(bytes: number): Expr {
    return bytes === 1 ? this.done : op("i32.shl", this.done, i32(Math.log2(bytes)));
  }

  // Values.

  private value(id: number, scope: Scope): Vec {
    const known = this.kernelScope.get(id) ?? this.rowScope.get(id) ?? scope.get(id);
    if (known !== undefined) return known;
    const value = this.kernel.values[id];
    const target = isInner(this.kernel, id, this.inner) ? scope : this.rowScope;
    const result = keep(this.f, this.compute(id, value, scope));
    target.set(id, result);
    return result;
  }

  private compute(id: number, value: Value, scope: Scope): Vec {
    switch (value.op) {
      case "constant":
        return splatConstant(this.f, value.value, value.dtype);
      case "load":
        return this.loadElements(this.layout.loads.get(id) as AccessSlot);
      case "index":
        return this.indexElements(this.layout.loads.get(id) as AccessSlot, value.dtype);
      case "scalar": {
        const args = value.args.map((arg) => this.value(arg, scope));
        const from = this.kernel.values[value.args[value.name === "where" ? 1 : 0]].dtype;
        return emitOperation(
          this.f,
          { name: value.name, variant: value.variant, from, to: value.dtype },
          args,
        );
      }
      case "reduced":
        // Set when its stage is done.
        return this.rowScope.get(id) as Vec;
    }
  }

  /** The addresses of four elements that do not lie side by side. */
  private lanes({ slot, current }: Pointer): Expr[] {
    const stride = this.held(slot.strides[this.vector] as number);
    const base = current as Local;
    return [base, ...this.laneSteps.map((lane) => op("i32.add", base, op("i32.mul", lane, stride)))];
  }

  private loadElements(slot: AccessSlot): Vec {
    const pointer = this.pointer(slot);
    if (slot.kind === "splat") return loadSplat(slot.dtype, pointer.row);
    if (slot.kind === "scattered") return loadScattered(this.f, slot.dtype, this.lanes(pointer));
    return loadContiguous(this.f, slot.dtype, op("i32.add", pointer.row, this.offset(bytesOf(slot.dtype))));
  }

  private indexElements(slot: AccessSlot, dtype: Value["dtype"]): Vec {
    const { f } = this;
    const pointer = this.pointer(slot);
    let v: Expr = op("i32x4.splat", pointer.row);
    if (slot.kind === "contiguous") {
      v = op("i32x4.add", op("i32x4.splat", op("i32.add", pointer.row, this.done)), i32x4(0, 1, 2, 3));
    } else if (slot.kind === "scattered") {
      const stride = op("i32x4.splat", this.held(slot.strides[this.vector] as number));
      v = op(
        "i32x4.add",
        op("i32x4.splat", pointer.current as Local),
        op("i32x4.mul", stride, i32x4(0, 1, 2, 3)),
      );
    }
    const whole = f.let(v);
    if (dtype === "int32" || dtype === "uint32") return [whole];
    return emitOperation(f, { name: "cast", variant: "", from: "int32", to: dtype }, [[whole]]);
  }

  // Values kept from one stage for later ones.

  private keepForLater(scope: Scope, stage: number): void {
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
      if (first === stage) storeContiguous(this.f, stored, address, this.value(id, scope));
      else scope.set(id, keep(this.f, loadContiguous(this.f, stored, address)));
    }
  }

  // Results.

  private storeElements(slot: AccessSlot, vec: Vec): void {
    const { f } = this;
    const pointer = this.pointer(slot);
    const count = this.layout.isAligned ? null : this.left;
    if (slot.kind !== "contiguous") {
      const addresses = slot.kind === "scattered" ? this.lanes(pointer) : [];
      if (slot.kind === "splat") storeLanes(f, slot.dtype, () => pointer.row, vec, i32(1));
      else storeLanes(f, slot.dtype, (lane) => addresses[lane], vec, count);
      return;
    }
    const bytes = bytesOf(slot.dtype);
    const address = f.let(op("i32.add", pointer.row, this.offset(bytes)));
    const whole = (): void => storeContiguous(f, slot.dtype, address, vec);
    if (count === null) {
      whole();
      return;
    }
    f.if(op("i32.ge_s", count, i32(LANES)), whole, () =>
      storeLanes(f, slot.dtype, (lane) => op("i32.add", address, i32(lane * bytes)), vec, count),
    );
  }

  private storeRow(slot: AccessSlot, vec: Vec): void {
    storeLanes(this.f, slot.dtype, () => this.pointer(slot).row, vec, i32(1));
  }

  // Columns: a unit is four neighbouring columns, reduced over the inner dimensions.

  columns(): void {
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
      if (slot.kind !== "scattered") continue;
      pointer.current ??= f.local("i32");
    }
    for (const pointer of this.pointers.values()) this.setCurrent(pointer);
  }

  /** Scattered accesses stand at the first of the four columns. */
  private setCurrent({ slot, row, current }: Pointer): void {
    if (current === null) return;
    const stride = this.held(slot.strides[this.vector] as number);
    this.f.set(current, op("i32.add", row, op("i32.mul", this.done, stride)));
  }

  private reducedLoops(level: number, body: () => void): void {
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

  // Epilogues: rows and columns of a block of a matrix product.

  epilogue(): void {
    const { f } = this;
    const [, batch, rowFrom, rowTo, columnFrom, columnTo, tile, tileStride] = f.params;
    const { outer, tile: tileBuffer, values } = this.kernel;
    f.if(op("i32.ge_s", rowFrom, rowTo), () => f.return());
    this.hold();
    const count = f.let(op("i32.sub", columnTo, columnFrom));
    const rowDimension = outer.length - 1;
    const rest = f.let(batch);
    const indices = Array.from({ length: rowDimension }, () => f.local("i32"));
    for (let d = rowDimension - 1; d >= 0; d--) {
      f.set(indices[d], op("i32.rem_u", rest, this.held(this.layout.sizes[d])));
      f.set(rest, op("i32.div_u", rest, this.held(this.layout.sizes[d])));
    }
    const tiles = new Set<AccessSlot>();
    for (const [id, slot] of this.layout.loads) {
      const value = values[id];
      if (value.op === "load" && value.buffer === tileBuffer) tiles.add(slot);
    }
    for (const slot of this.slots) {
      const { row } = this.pointer(slot);
      if (tiles.has(slot)) {
        f.set(row, tile);
        continue;
      }
      f.set(row, this.word(slot.base));
      for (let d = 0; d < rowDimension; d++) {
        const stride = slot.strides[d];
        if (stride !== null) f.add(row, op("i32.mul", indices[d], this.held(stride)));
      }
      const stride = slot.strides[rowDimension];
      if (stride !== null) f.add(row, op("i32.mul", rowFrom, this.held(stride)));
      const across = slot.strides[this.vector];
      const bytes = slot.isIndex ? 1 : bytesOf(slot.dtype);
      if (slot.kind === "contiguous") f.add(row, op("i32.mul", columnFrom, i32(bytes)));
      else if (across !== null) f.add(row, op("i32.mul", columnFrom, this.held(across)));
    }
    this.prepareKernelValues();
    const current = f.let(rowFrom);
    f.doWhile(
      () => {
        this.row(() => count);
        for (const slot of this.slots) {
          const stride = slot.strides[rowDimension];
          if (tiles.has(slot)) f.add(this.pointer(slot).row, tileStride);
          else if (stride !== null) f.add(this.pointer(slot).row, this.held(stride));
        }
        f.add(current, i32(1));
      },
      () => op("i32.lt_s", current, rowTo),
    );
  }
}
