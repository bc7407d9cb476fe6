import { type Expr, type FunctionBuilder, i32, i32x4, type Local, load, op } from "../../assemble/index.ts";
import type { Value } from "../values.ts";
import { type AccessSlot, isInner, type Layout } from "./layout.ts";
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

/** Values that are known at one level of the loops. */
export type Scope = Map<number, Vec>;

/** Where an access stands: the address of the row, and of the vector within it. */
export interface Pointer {
  readonly slot: AccessSlot;
  row: Local;
  /** For scattered accesses, which move on their own. */
  current: Local | null;
}

/** What the kernels of all kinds share: addresses, vectors of four elements, the values of the body. */
export class KernelBody {
  protected readonly descriptor: Local;
  protected readonly scratch: Local;
  protected readonly inner = new Map<number, boolean>();
  protected readonly pointers = new Map<AccessSlot, Pointer>();
  /** Values that are the same for the whole kernel. */
  protected readonly kernelScope: Scope = new Map();
  /** Values of the present row. */
  protected rowScope: Scope = new Map();
  protected readonly accumulators: Accumulator[];
  protected readonly strideLocals = new Map<number, Local>();
  // Within the innermost loop: elements done, elements left, and masks for the last ones.
  protected readonly done: Local;
  protected readonly left: Local;
  protected mask: Local | null = null;
  protected laneSteps: readonly Local[] = [];
  /** Elements of this round behind the first one of those that are done at a time. */
  protected shift = 0;
  /** Whether all lanes of this round are known to be there. */
  protected isFull = false;
  /** Elements of the row that come before the innermost loop, where there are several inner loops. */
  protected rowOffset: Local | null = null;

  constructor(
    protected readonly f: FunctionBuilder,
    protected readonly layout: Layout,
  ) {
    this.descriptor = f.params[0];
    this.scratch = f.params[f.params.length - 1];
    this.done = f.local("i32");
    this.left = f.local("i32");
    this.accumulators = this.newAccumulators();
  }

  /** Running totals of all reductions. */
  protected newAccumulators(): Accumulator[] {
    const { values, reductions } = this.kernel;
    return reductions.map(
      ({ op: reduction, value, dtype }) => new Accumulator(this.f, reduction, values[value].dtype, dtype),
    );
  }

  protected get kernel() {
    return this.layout.kernel;
  }

  protected get slots(): AccessSlot[] {
    return [...this.layout.loads.values(), ...this.layout.stores];
  }

  protected word(word: number): Expr {
    return load("i32.load", this.descriptor, 4 * word);
  }

  /** A word of the descriptor in a variable. */
  protected held(word: number): Local {
    let local = this.strideLocals.get(word);
    if (local === undefined) {
      local = this.f.let(this.word(word));
      this.strideLocals.set(word, local);
    }
    return local;
  }

  protected get vector(): number {
    const { mode, outer, inner } = this.kernel;
    return mode === "columns" ? outer.length - 1 : outer.length + inner.length - 1;
  }

  /** Reads sizes and strides from the descriptor before any loop. */
  protected hold(): void {
    for (const word of this.layout.sizes) this.held(word);
    for (const slot of this.slots) for (const word of slot.strides) if (word !== null) this.held(word);
    if (this.layout.ragged !== null) this.held(this.layout.ragged);
    for (const { word } of this.layout.stash.values()) this.held(word);
  }

  protected pointer(slot: AccessSlot): Pointer {
    let pointer = this.pointers.get(slot);
    if (pointer === undefined) {
      pointer = { slot, row: this.f.local("i32"), current: null };
      this.pointers.set(slot, pointer);
    }
    return pointer;
  }

  /** Computes before all loops what no row changes. */
  protected prepareKernelValues(): void {
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
  protected prepareRowValues(targets: readonly number[], stage: number): void {
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

  protected setReduced(node: number, total: Vec): void {
    this.kernel.values.forEach((value, id) => {
      if (value.op === "reduced" && value.node === node) this.rowScope.set(id, total);
    });
  }

  /** All four lanes are there. */
  protected beginLanes(hasScattered: boolean): void {
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
  protected narrowLanes(hasScattered: boolean): void {
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
  protected offset(bytes: number): Expr {
    return bytes === 1 ? this.done : op("i32.shl", this.done, i32(Math.log2(bytes)));
  }

  // Values.

  protected value(id: number, scope: Scope): Vec {
    const known = this.kernelScope.get(id) ?? this.rowScope.get(id) ?? scope.get(id);
    if (known !== undefined) return known;
    const value = this.kernel.values[id];
    const target = isInner(this.kernel, id, this.inner) ? scope : this.rowScope;
    const result = keep(this.f, this.compute(id, value, scope));
    target.set(id, result);
    return result;
  }

  protected compute(id: number, value: Value, scope: Scope): Vec {
    switch (value.op) {
      case "constant": {
        const word = this.layout.literals.get(id);
        if (word !== undefined) return loadSplat(value.dtype, this.descriptor, 4 * word);
        return splatConstant(this.f, value.value, value.dtype);
      }
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
  protected lanes({ slot, current }: Pointer): Expr[] {
    const stride = this.held(slot.strides[this.vector] as number);
    const base = current as Local;
    return [base, ...this.laneSteps.map((lane) => op("i32.add", base, op("i32.mul", lane, stride)))];
  }

  protected loadElements(slot: AccessSlot): Vec {
    const pointer = this.pointer(slot);
    if (slot.kind === "splat") return loadSplat(slot.dtype, pointer.row);
    if (slot.kind === "scattered") return loadScattered(this.f, slot.dtype, this.lanes(pointer));
    const bytes = bytesOf(slot.dtype);
    const address = op("i32.add", pointer.row, this.offset(bytes));
    return loadContiguous(this.f, slot.dtype, address, this.shift * bytes);
  }

  protected indexElements(slot: AccessSlot, dtype: Value["dtype"]): Vec {
    const { f } = this;
    const pointer = this.pointer(slot);
    let v: Expr = op("i32x4.splat", pointer.row);
    if (slot.kind === "contiguous") {
      const lanes = [0, 1, 2, 3].map((lane) => lane + this.shift);
      v = op("i32x4.add", op("i32x4.splat", op("i32.add", pointer.row, this.done)), i32x4(...lanes));
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

  // Results.

  protected storeElements(slot: AccessSlot, vec: Vec): void {
    const { f } = this;
    const pointer = this.pointer(slot);
    const count = this.layout.isAligned || this.isFull ? null : this.left;
    if (slot.kind !== "contiguous") {
      const addresses = slot.kind === "scattered" ? this.lanes(pointer) : [];
      if (slot.kind === "splat") storeLanes(f, slot.dtype, () => pointer.row, vec, i32(1));
      else storeLanes(f, slot.dtype, (lane) => addresses[lane], vec, count);
      return;
    }
    const bytes = bytesOf(slot.dtype);
    const address = f.let(op("i32.add", pointer.row, this.offset(bytes)));
    const whole = (): void => storeContiguous(f, slot.dtype, address, vec, this.shift * bytes);
    if (count === null) {
      whole();
      return;
    }
    f.if(op("i32.ge_s", count, i32(LANES)), whole, () =>
      storeLanes(f, slot.dtype, (lane) => op("i32.add", address, i32(lane * bytes)), vec, count),
    );
  }

  protected storeRow(slot: AccessSlot, vec: Vec): void {
    storeLanes(this.f, slot.dtype, () => this.pointer(slot).row, vec, i32(1));
  }
}
