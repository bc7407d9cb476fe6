import { type Affine, type Domain, rowMajor, sameAffine } from "./affine.ts";
import { convRoles } from "./convolution.ts";
import { type ConvItem, type DotItem, type Item, loadsOf, type MapItem, type ReduceItem } from "./items.ts";
import type { Materialized } from "./materialize.ts";

/** Items that one kernel computes together. */
export interface Group {
  /** Its place in the order in which kernels were begun; what it reads comes from kernels before. */
  readonly index: number;
  readonly kind:
    | "loops"
    | "columns"
    | "dot"
    | "conv"
    | "fold"
    | "argReduce"
    | "argSort"
    | "cumulative"
    | "pick"
    | "gather"
    | "scatter"
    | "control"
    | "fill";
  readonly domain: Domain;
  /** For each dimension, whether it is reduced; null while nothing is. */
  reduced: readonly boolean[] | null;
  /** What the last dimension counts up to in all, where its last round is shorter. */
  readonly ragged: number | null;
  readonly items: Item[];
  /** Values of all items together. */
  size: number;
}

/** Values that a kernel may hold. */
const MAX_KERNEL = 512;
/** Kernels of the same domain that an item may still join, the newest first. */
const CANDIDATES = 6;

/**
 * Joins items to kernels: elementwise values of one domain, reductions over the same dimensions with what is made of
 * their results (softmax, layer norm, cross-entropy: one kernel that goes over each row), elementwise values that read
 * a matrix product at their own place (its epilogue: bias and activation, the optimiser's update).
 */
export function fuse({ items, buffers }: Materialized): Group[] {
  return new Fuser(items, buffers.length).run();
}

class Fuser {
  private readonly groups: Group[] = [];
  /** For each buffer, the group that last wrote to it. */
  private readonly producer: Int32Array;
  private readonly byDomain = new Map<string, Group[]>();
  private readonly loads: Set<number>[] = [];
  /** For each group, the other groups that read what it makes. */
  private readonly readers: Set<number>[] = [];
  /** Buffers that several items write. */
  private readonly inParts = new Set<number>();
  /** Groups whose items have moved into others. */
  private readonly retired = new Set<number>();

  constructor(
    private readonly items: readonly Item[],
    buffers: number,
  ) {
    this.producer = new Int32Array(buffers).fill(-1);
    const seen = new Set<number>();
    for (const { buffer } of items) {
      if (seen.has(buffer)) this.inParts.add(buffer);
      seen.add(buffer);
    }
  }

  run(): Group[] {
    for (const item of this.items) this.place(item);
    return this.groups.filter(({ items }) => items.length > 0).map((group, index) => ({ ...group, index }));
  }

  private place(item: Item): void {
    const reads = loadsOf(item);
    const after = reads.reduce(
      (last, buffer) => Math.max(last, this.producer[buffer]),
      this.producer[item.buffer],
    );
    const group =
      item.kind === "part" ? this.groups[this.producer[item.call]] : this.joined(item, reads, after);
    group.items.push(item);
    for (const buffer of reads) {
      this.loads[group.index].add(buffer);
      const maker = this.producer[buffer];
      if (maker >= 0 && maker !== group.index) this.readers[maker].add(group.index);
    }
    if (item.kind === "map" || item.kind === "reduce") group.size += item.trace.values.list.length;
    if (item.kind === "reduce" && group.reduced === null) {
      group.reduced = item.reduced;
      this.register(group, keptDomain(group));
    }
    this.producer[item.buffer] = group.index;
    for (const buffer of reads) this.absorb(group, this.producer[buffer]);
  }

  private joined(item: Item, reads: readonly number[], after: number): Group {
    return this.candidates(item).find((one) => this.fits(one, item, reads, after)) ?? this.begin(item);
  }

  /** Moves all items of an earlier group into `group` where they fit, and nothing in between has read them. */
  private absorb(group: Group, earlier: number): void {
    if (earlier < 0 || earlier === group.index || group.kind !== "loops" || group.ragged !== null) return;
    const from = this.groups[earlier];
    if (from.kind !== "loops" || from.ragged !== null || from.size + group.size > MAX_KERNEL) return;
    if (!sameSizes(from.domain, group.domain)) return;
    if (from.items.some(({ buffer }) => this.inParts.has(buffer))) return;
    for (const reader of this.readers[earlier]) if (reader !== group.index) return;
    const merged: Group = {
      ...group,
      reduced: group.reduced ?? from.reduced,
      items: [...from.items, ...group.items],
    };
    if (from.reduced !== null && !from.reduced.every((flag, d) => flag === merged.reduced?.[d])) return;
    const own = merged.items.map(({ buffer }) => buffer);
    if (new Set(own).size !== own.length) return;
    const fits = merged.items.every((item) => {
      if (item.kind === "reduce") return aligned(merged, item, own, item.reduced);
      return item.kind === "map" && this.fitsMap(merged, item, own);
    });
    if (!fits) return;
    group.items.unshift(...from.items);
    group.size += from.size;
    if (group.reduced === null && from.reduced !== null) {
      group.reduced = from.reduced;
      this.register(group, keptDomain(group));
    }
    for (const item of from.items) this.producer[item.buffer] = group.index;
    for (const buffer of this.loads[earlier]) {
      this.loads[group.index].add(buffer);
      const maker = this.producer[buffer];
      if (maker < 0 || maker === group.index) continue;
      this.readers[maker].delete(earlier);
      this.readers[maker].add(group.index);
    }
    from.items.length = 0;
    this.loads[earlier].clear();
    this.retired.add(earlier);
  }

  private begin(item: Item): Group {
    const isLoop = item.kind === "map" || item.kind === "reduce";
    const group: Group = {
      index: this.groups.length,
      kind:
        item.kind === "reduce" && item.style === "columns"
          ? "columns"
          : isLoop
            ? "loops"
            : (item.kind as Group["kind"]),
      domain: isLoop ? item.trace.domain : isProduct(item) ? productDomain(item) : [],
      reduced: null,
      ragged: item.kind === "reduce" ? item.ragged : null,
      items: [],
      size: 0,
    };
    this.groups.push(group);
    this.loads.push(new Set());
    this.readers.push(new Set());
    if (isLoop || isProduct(item)) this.register(group, group.domain);
    return group;
  }

  private register(group: Group, domain: Domain): void {
    const key = domain.join();
    const list = this.byDomain.get(key) ?? [];
    if (!list.includes(group)) list.unshift(group);
    this.byDomain.set(key, list.slice(0, CANDIDATES));
  }

  private candidates(item: Item): readonly Group[] {
    if (item.kind !== "map" && item.kind !== "reduce") return [];
    const list = this.byDomain.get(item.trace.domain.join()) ?? [];
    return this.retired.size === 0 ? list : list.filter(({ index }) => !this.retired.has(index));
  }

  private fits(group: Group, item: Item, reads: readonly number[], after: number): boolean {
    if (item.kind !== "map" && item.kind !== "reduce") return false;
    if (after > group.index || group.size + item.trace.values.list.length > MAX_KERNEL) return false;
    if (group.items.some((one) => one.buffer === item.buffer)) return false;
    // Both the rest of a ragged kernel and a product's tile are met at their own place only.
    const own = group.items.map((one) => one.buffer);
    const joined = reads.filter((buffer) => own.includes(buffer));
    if (group.ragged !== null || (item.kind === "reduce" && item.ragged !== null)) return false;
    if (group.kind === "dot" || group.kind === "conv")
      return item.kind === "map" && joined.length > 0 && this.fitsEpilogue(group, item, own);
    const related = joined.length > 0 || reads.some((buffer) => this.loads[group.index].has(buffer));
    if (!related && group.domain.length > 0) return false;
    if (item.kind === "reduce") return this.fitsReduction(group, item, own);
    if (group.kind !== "loops") return false;
    return this.fitsMap(group, item, own);
  }

  private fitsReduction(group: Group, item: ReduceItem, own: readonly number[]): boolean {
    if (
      (item.style === "columns") !== (group.kind === "columns") ||
      !sameSizes(group.domain, item.trace.domain)
    ) {
      return false;
    }
    if (group.reduced !== null && !group.reduced.every((flag, d) => flag === item.reduced[d])) return false;
    if (group.kind === "columns")
      return !item.trace.values.list.some((v) => v.op === "load" && own.includes(v.buffer));
    return aligned(group, item, own, item.reduced);
  }

  private fitsMap(group: Group, item: MapItem, own: readonly number[]): boolean {
    if (sameSizes(group.domain, item.trace.domain)) return aligned(group, item, own, group.reduced);
    // A value for each row, of what the rows were reduced to.
    if (group.reduced === null || !sameSizes(keptDomain(group), item.trace.domain)) return false;
    const strides = rowMajor(item.trace.domain);
    return item.trace.values.list.every((value) => {
      if (value.op !== "load" || !own.includes(value.buffer)) return true;
      if (!isRowLevel(group, value.buffer) || !isStoredInOrder(group, value.buffer)) return false;
      return sameAffine(value.access, { offset: 0, strides });
    });
  }

  private fitsEpilogue(group: Group, item: MapItem, own: readonly number[]): boolean {
    const dot = group.items[0] as ProductItem;
    // Where elements of x stand apart, rows of the result are made class by class.
    if (dot.kind === "conv" && dot.params.inputDilation.some((step) => step > 1)) return false;
    if (!sameSizes(group.domain, item.trace.domain)) return false;
    if (!aligned(group, item, own, null)) return false;
    const accesses = item.trace.values.list.flatMap((v) =>
      v.op === "load" || v.op === "index" ? [v.access] : [],
    );
    return [...accesses, item.store].every((access) => epilogueStrides(dot, access) !== null);
  }
}

const sameSizes = (a: Domain, b: Domain): boolean => a.length === b.length && a.every((n, d) => n === b[d]);

export const keptDomain = ({ domain, reduced }: Group): number[] =>
  reduced === null ? [...domain] : domain.filter((_, d) => !reduced[d]);

/** Items whose result is a matrix, made by the library: what is elementwise behind them is done while it is at hand. */
export type ProductItem = DotItem | ConvItem;

export const isProduct = (item: Item): item is ProductItem => item.kind === "dot" || item.kind === "conv";

/** A dimension of a product's result, and what it is part of. */
interface ProductAxis {
  readonly size: number;
  readonly role: "batch" | "m" | "n";
}

/** The dimensions of a product's result as they lie in memory. */
function productAxes(item: ProductItem): ProductAxis[] {
  if (item.kind === "conv") {
    const roles = convRoles(item, item.w.shape);
    return item.order.map((axis) => ({ size: item.sizes[axis], role: roles[axis] }));
  }
  return (["batch", "m", "n"] as const).flatMap((role) => item[role].map((size) => ({ size, role })));
}

export const productDomain = (item: ProductItem): number[] =>
  productAxes(item)
    .map(({ size }) => size)
    .filter((size) => size !== 1);

/** Sizes of the axes of a product's batch, and its rows and columns. */
export function productSizes(item: ProductItem): { batch: number[]; m: number; n: number } {
  const axes = productAxes(item);
  const sizes = (role: ProductAxis["role"]) =>
    axes.filter((axis) => axis.role === role).map(({ size }) => size);
  const all = (role: ProductAxis["role"]): number => sizes(role).reduce((product, n) => product * n, 1);
  return { batch: sizes("batch"), m: all("m"), n: all("n") };
}

/** True for a value for each row, false for one for each element. */
export function isRowLevel(group: Group, buffer: number): boolean {
  const item = group.items.find((one) => one.buffer === buffer);
  if (item?.kind === "reduce") return true;
  return item?.kind === "map" && group.reduced !== null && item.trace.domain.length < group.domain.length;
}

/** False for one part of a larger value, such as a part of a concat: what others read may be another part. */
function isStoredInOrder(group: Group, buffer: number): boolean {
  const item = group.items.find((one) => one.buffer === buffer);
  return item?.kind !== "map" || sameAffine(item.store, ownStoreOf(item.trace.domain));
}

/** Whether all that the item reads of the kernel's own values is at the item's own place, or of its own row. */
function aligned(
  group: Group,
  item: MapItem | ReduceItem,
  own: readonly number[],
  reduced: readonly boolean[] | null,
): boolean {
  const { domain } = item.trace;
  const strides = rowMajor(domain);
  const kept = domain.filter((_, d) => !(reduced?.[d] ?? false));
  const keptStrides = rowMajor(kept);
  let k = 0;
  const rowStrides = domain.map((_, d) => (reduced?.[d] ? 0 : keptStrides[k++]));
  return item.trace.values.list.every((value) => {
    if (value.op !== "load" || !own.includes(value.buffer)) return true;
    if (!isStoredInOrder(group, value.buffer)) return false;
    const expected = isRowLevel(group, value.buffer) ? rowStrides : strides;
    return sameAffine(value.access, { offset: 0, strides: expected });
  });
}

const ownStoreOf = (domain: Domain): Affine => ({ offset: 0, strides: rowMajor(domain) });

/** An access as strides for a product's rows and columns, and for each axis of its batch; null where it is not so. */
export function epilogueStrides(
  item: ProductItem,
  { offset, strides }: Affine,
): { offset: number; batch: number[]; row: number; column: number } | null {
  let d = 0;
  const axes = productAxes(item).map(({ size, role }) => ({
    size,
    role,
    stride: size === 1 ? 0 : strides[d++],
  }));
  const of = (role: ProductAxis["role"]) => axes.filter((axis) => axis.role === role);
  const one = (role: ProductAxis["role"]): number | null =>
    asOne(
      of(role).map(({ size }) => size),
      of(role).map(({ stride }) => stride),
    );
  const [row, column] = [one("m"), one("n")];
  if (row === null || column === null) return null;
  return { offset, batch: of("batch").map(({ stride }) => stride), row, column };
}

function asOne(sizes: readonly number[], strides: readonly number[]): number | null {
  let expected: number | null = null;
  let innermost = 0;
  for (let i = sizes.length - 1; i >= 0; i--) {
    if (sizes[i] === 1) continue;
    if (expected === null) innermost = strides[i];
    else if (strides[i] !== expected) return null;
    expected = strides[i] * sizes[i];
  }
  return innermost;
}
