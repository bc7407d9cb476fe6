import type { DType } from "@cotangent/core";
import type { Affine, Domain } from "./affine.ts";
import {
  epilogueStrides,
  type Group,
  isProduct,
  isRowLevel,
  type ProductItem,
  productSizes,
} from "./fuse.ts";
import type { Buffer, MapItem, ReduceItem, ReduceOp } from "./items.ts";
import { costOf, type Value, ValueList } from "./values.ts";

/** A kernel as loops: what is computed at each point, what is reduced, what is written. */
export interface LoopKernel {
  /**
   * rows: a function of its own goes over each row, stage by stage. columns: vectors run across the kept columns.
   * epilogue: a block of a matrix product is what is read and written.
   */
  readonly mode: "rows" | "columns" | "epilogue";
  /** Sizes of the loops over rows, outermost first. */
  readonly outer: Domain;
  /** Sizes of the loops within a row; vectors run along the last one (in columns: along the last outer one). */
  readonly inner: Domain;
  /** All accesses have strides for the outer dimensions, then for the inner ones. */
  readonly values: readonly Value[];
  readonly reductions: readonly Reduction[];
  readonly stores: readonly Store[];
  readonly ragged: number | null;
  /** The buffer whose values come from the product's tile. */
  readonly tile: number | null;
}

export interface Reduction {
  readonly node: number;
  readonly op: ReduceOp;
  readonly value: number;
  /** Of the result; sums and products of float32 are made in float64. */
  readonly dtype: DType;
}

export interface Store {
  readonly buffer: number;
  readonly value: number;
  readonly access: Affine;
  /** One for each row, or one for each element. */
  readonly level: "row" | "element";
  readonly dtype: DType;
}

/** Lowers a group of elementwise values and reductions to loops; `isNeeded` says what others read. */
export function lowerGroup(
  group: Group,
  buffers: readonly Buffer[],
  isNeeded: (buffer: number) => boolean,
): LoopKernel {
  return isProduct(group.items[0])
    ? lowerEpilogue(group, buffers, isNeeded)
    : lowerLoops(group, buffers, isNeeded);
}

/** Puts the items' values into one list, in which the kernel's own values stand for loads of them. */
class Body {
  readonly values = new ValueList();
  readonly roots = new Map<number, number>();

  constructor(private readonly access: (access: Affine, rowLevel: boolean) => Affine) {}

  import(item: MapItem | ReduceItem, rowLevel: boolean): number {
    const renamed: number[] = [];
    for (const value of item.trace.values.list) renamed.push(this.importValue(value, renamed, rowLevel));
    return renamed[item.trace.root];
  }

  private importValue(value: Value, renamed: readonly number[], rowLevel: boolean): number {
    if (value.op === "load") {
      const own = this.roots.get(value.buffer);
      if (own !== undefined) return own;
    }
    if (value.op === "load" || value.op === "index") {
      return this.values.add({ ...value, access: this.access(value.access, rowLevel) });
    }
    if (value.op === "scalar")
      return this.values.add({ ...value, args: value.args.map((arg) => renamed[arg]) });
    return this.values.add(value);
  }
}

function lowerLoops(
  group: Group,
  buffers: readonly Buffer[],
  isNeeded: (buffer: number) => boolean,
): LoopKernel {
  const { domain } = group;
  const reduced = group.reduced ?? domain.map((_, d) => d === domain.length - 1);
  const dims = domain.map((_, d) => d);
  const kept = dims.filter((d) => !reduced[d]);
  const order = [...kept, ...dims.filter((d) => reduced[d])];
  const access = ({ offset, strides }: Affine, rowLevel: boolean): Affine => ({
    offset,
    strides: rowLevel
      ? [...strides, ...new Array<number>(order.length - kept.length).fill(0)]
      : order.map((d) => strides[d]),
  });
  const body = new Body(access);
  const reductions: Reduction[] = [];
  const stores: Store[] = [];
  for (const item of group.items as (MapItem | ReduceItem)[]) {
    const { buffer } = item;
    const rowLevel = isRowLevel(group, buffer);
    const value = body.import(item, item.kind === "map" && rowLevel);
    if (item.kind === "reduce") {
      reductions.push({ node: buffer, op: item.op, value, dtype: buffers[buffer].dtype });
      body.roots.set(buffer, body.values.add({ op: "reduced", node: buffer, dtype: buffers[buffer].dtype }));
    } else {
      body.roots.set(buffer, value);
    }
    if (!isNeeded(buffer)) continue;
    const store = item.kind === "map" ? item.store : rowMajorOver(kept.map((d) => domain[d]));
    stores.push({
      buffer,
      value: body.roots.get(buffer) as number,
      access: access(store, rowLevel),
      level: rowLevel ? "row" : "element",
      dtype: buffers[buffer].dtype,
    });
  }
  const kernel: LoopKernel = {
    mode: group.kind === "columns" ? "columns" : "rows",
    outer: kept.map((d) => domain[d]),
    inner: order.slice(kept.length).map((d) => domain[d]),
    values: body.values.list,
    reductions,
    stores,
    ragged: group.ragged,
    tile: null,
  };
  return collapse(kernel);
}

function lowerEpilogue(
  group: Group,
  buffers: readonly Buffer[],
  isNeeded: (buffer: number) => boolean,
): LoopKernel {
  const product = group.items[0] as ProductItem;
  const access = (affine: Affine): Affine => {
    const { offset, batch, row, column } = epilogueStrides(product, affine) as NonNullable<
      ReturnType<typeof epilogueStrides>
    >;
    return { offset, strides: [...batch, row, column] };
  };
  const { batch, m, n } = productSizes(product);
  const outer = [...batch, m];
  const inner = [n];
  const whole =
    product.kind === "dot" ? rowMajorOver([...outer, ...inner]) : access(rowMajorOver(group.domain));
  const body = new Body(access);
  const value = body.values.add({
    op: "load",
    buffer: product.buffer,
    access: whole,
    dtype: product.dtype,
  });
  body.roots.set(product.buffer, value);
  const stores: Store[] = [];
  const store = (buffer: number, value: number, at: Affine): void => {
    if (isNeeded(buffer)) {
      stores.push({ buffer, value, access: at, level: "element", dtype: buffers[buffer].dtype });
    }
  };
  store(product.buffer, value, whole);
  for (const item of group.items.slice(1) as MapItem[]) {
    const value = body.import(item, false);
    body.roots.set(item.buffer, value);
    store(item.buffer, value, access(item.store));
  }
  return {
    mode: "epilogue",
    outer,
    inner,
    values: body.values.list,
    reductions: [],
    stores,
    ragged: null,
    tile: product.buffer,
  };
}

function rowMajorOver(sizes: readonly number[]): Affine {
  const strides: number[] = new Array(sizes.length);
  let stride = 1;
  for (let d = sizes.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= sizes[d];
  }
  return { offset: 0, strides };
}

/** Neighbouring loops that all accesses go through as through one become one; there is at least one inner loop. */
function collapse(kernel: LoopKernel): LoopKernel {
  const sizes = [...kernel.outer, ...kernel.inner];
  let split = kernel.outer.length;
  let { values, stores } = kernel;
  const change = (to: (access: Affine) => Affine): void => {
    values = values.map((value) =>
      value.op === "load" || value.op === "index" ? { ...value, access: to(value.access) } : value,
    );
    stores = stores.map((store) => ({ ...store, access: to(store.access) }));
  };
  if (kernel.ragged !== null) return kernel;
  const isPlain = kernel.reductions.length === 0;
  const accesses = (): Affine[] => [
    ...values.flatMap((value) => (value.op === "load" || value.op === "index" ? [value.access] : [])),
    ...stores.map((store) => store.access),
  ];
  for (let d = sizes.length - 2; d >= 0; d--) {
    // Reduced dimensions stay as they are: how they are merged decides the order of sums, which accesses must not.
    if (!isPlain && d + 1 >= split) continue;
    if (!accesses().every(({ strides }) => strides[d] === strides[d + 1] * sizes[d + 1])) continue;
    change(({ offset, strides }) => ({ offset, strides: strides.filter((_, i) => i !== d) }));
    sizes.splice(d, 2, sizes[d] * sizes[d + 1]);
    if (d + 1 < split) split--;
  }
  if (isPlain) split = Math.max(0, sizes.length - 1);
  if (sizes.length === 0) {
    change(({ offset }) => ({ offset, strides: [0] }));
    stores = stores.map((store) => ({ ...store, access: { ...store.access, strides: [1] } }));
    sizes.push(1);
  }
  return { ...kernel, outer: sizes.slice(0, split), inner: sizes.slice(split), values, stores };
}

/** What the whole body costs at one point, in about cycles for four. */
export const bodyCost = ({ values }: LoopKernel): number =>
  values.reduce((sum, value) => sum + (value.op === "scalar" ? costOf(value) : 1), 1);
