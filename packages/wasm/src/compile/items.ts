import type { ConvParams, DType, FoldParams, IndexingParams, ScatterOp, Shape } from "@cotangent/core";
import type { Affine, Domain } from "./affine.ts";
import type { CompiledControl } from "./control/bodies.ts";
import type { Trace } from "./trace.ts";

/** Memory that holds one value: a node's, or a partial result of a reduction. */
export interface Buffer {
  readonly size: number;
  readonly dtype: DType;
}

/** A value for each element. */
export interface MapItem {
  readonly kind: "map";
  readonly buffer: number;
  readonly trace: Trace;
  /** Where in the buffer each element goes. */
  readonly store: Affine;
}

export type ReduceOp = "sum" | "prod" | "max" | "min" | "and" | "or";

/** Sums and products of float32 are made in float64, and rounded once: no order of many small terms loses them. */
export const accumulatorDtype = (op: ReduceOp, dtype: DType): DType =>
  dtype === "float32" && (op === "sum" || op === "prod") ? "float64" : dtype;

/** A value for each point of the dimensions that are kept. */
export interface ReduceItem {
  readonly kind: "reduce";
  readonly buffer: number;
  readonly op: ReduceOp;
  /** Computes what is reduced. */
  readonly trace: Trace;
  /** For each dimension of the domain, whether it is reduced. */
  readonly reduced: readonly boolean[];
  /** Whether the last dimension is among them: else vectors run across the kept columns. */
  readonly style: "rows" | "columns";
  /** What the last dimension counts up to in all, where its last round is shorter. */
  readonly ragged: number | null;
}

/** A matrix product. */
export interface DotItem {
  readonly kind: "dot";
  readonly buffer: number;
  readonly x: Operand;
  readonly y: Operand;
  readonly dtype: DType;
  readonly batch: readonly number[];
  readonly m: readonly number[];
  readonly n: readonly number[];
  readonly k: readonly number[];
}

/** A matrix in a buffer: element strides for each axis. */
export interface Operand {
  readonly buffer: number;
  readonly offset: number;
  readonly batch: readonly number[];
  /** Stride of the free axes, as one. */
  readonly free: number;
  /** Stride of the contracted axes, as one. */
  readonly contract: number;
}

/** A convolution. */
export interface ConvItem {
  readonly kind: "conv";
  readonly buffer: number;
  /** [groups, examples, channels, ...space] */
  readonly x: StridedOperand;
  /** [groups, outputs, channels, ...taps] */
  readonly w: StridedOperand;
  readonly dtype: DType;
  readonly params: ConvParams;
  /** Axes of [groups, examples, outputs, ...space] in the order in which the result is stored, and their sizes. */
  readonly order: readonly number[];
  readonly sizes: readonly number[];
}

/** A view of a buffer: a stride for each axis. */
export interface StridedOperand {
  readonly buffer: number;
  readonly offset: number;
  readonly shape: Shape;
  readonly strides: readonly number[];
}

/** Sliding windows of a stored value, added up. */
export interface FoldItem {
  readonly kind: "fold";
  readonly buffer: number;
  /** [..., ...counts, ...kernel] */
  readonly x: StridedOperand;
  readonly dtype: DType;
  readonly params: FoldParams;
  /** Axes of [..., ...sizes] in the order in which the result is stored, and their sizes. */
  readonly order: readonly number[];
  readonly sizes: readonly number[];
}

/** The index of an extremum along an axis of a stored value. */
export interface ArgReduceItem {
  readonly kind: "argReduce";
  readonly buffer: number;
  readonly source: number;
  readonly sourceDtype: DType;
  readonly op: "max" | "min";
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

export type CumulativeOp = "sum" | "prod" | "max" | "min" | "affine";

/** Running totals along an axis of stored values: of x, or of factors and terms. */
export interface CumulativeItem {
  readonly kind: "cumulative";
  readonly buffer: number;
  readonly sources: readonly number[];
  readonly dtype: DType;
  readonly op: CumulativeOp;
  readonly reverse: boolean;
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

/** The row that each index means; notes indices that are out of range. */
export interface PickItem {
  readonly kind: "pick";
  readonly buffer: number;
  readonly indices: number;
  readonly dtype: "int32" | "uint32";
  readonly shape: Shape;
  readonly size: number;
  /** For the error. */
  readonly params: IndexingParams;
}

/** How rows lie: an axis of `size` rows of `row` elements for each of `batch`, of which `picked` are named. */
export interface RowLayout {
  readonly batch: number;
  readonly size: number;
  readonly row: number;
  readonly picked: number;
  /** Every batch picks the same rows, which are there once. */
  readonly shared: boolean;
}

/** Copies rows to where they are asked for. */
export interface GatherItem extends RowLayout {
  readonly kind: "gather";
  readonly buffer: number;
  readonly source: number;
  readonly rows: number;
  readonly dtype: DType;
}

/** Puts rows where they belong, in order. */
export interface ScatterItem extends RowLayout {
  readonly kind: "scatter";
  readonly buffer: number;
  readonly op: ScatterOp;
  /** What is there before; -1 for zeros. */
  readonly source: number;
  readonly rows: number;
  readonly updates: number;
  readonly dtype: DType;
}

/** The order of a stored value's elements along an axis. */
export interface ArgSortItem {
  readonly kind: "argSort";
  readonly buffer: number;
  readonly source: number;
  readonly sourceDtype: DType;
  readonly descending: boolean;
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

/** One value that a loop or a branch gives, as core's `PartParams` say, and where it goes. */
export interface Part {
  readonly buffer: number;
  readonly kind: "result" | "stack" | "count";
  readonly index: number;
}

/** A loop or a branch: programs of their own that run a number of times, or not. */
export interface ControlItem {
  readonly kind: "control";
  readonly buffer: number;
  /** The inputs of the call, stored. */
  readonly sources: readonly number[];
  readonly parts: readonly Part[];
  readonly compiled: CompiledControl;
}

/** The memory of a part of a call, which writes it. */
export interface PartItem {
  readonly kind: "part";
  readonly buffer: number;
  readonly call: number;
}

/** Sets a whole buffer to zero. */
export interface FillItem {
  readonly kind: "fill";
  readonly buffer: number;
}

export type Item =
  | MapItem
  | ReduceItem
  | DotItem
  | ConvItem
  | FoldItem
  | ArgReduceItem
  | ArgSortItem
  | CumulativeItem
  | PickItem
  | GatherItem
  | ScatterItem
  | ControlItem
  | PartItem
  | FillItem;

/** Buffers that an item reads. */
export function loadsOf(item: Item): number[] {
  if (item.kind === "dot") return [item.x.buffer, item.y.buffer];
  if (item.kind === "conv") return [...new Set([item.x.buffer, item.w.buffer])];
  if (item.kind === "fold") return [item.x.buffer];
  if (item.kind === "argReduce" || item.kind === "argSort") return [item.source];
  if (item.kind === "cumulative") return [...new Set(item.sources)];
  if (item.kind === "pick") return [item.indices];
  if (item.kind === "gather") return [item.source, item.rows];
  if (item.kind === "scatter") {
    return item.source < 0 ? [item.rows, item.updates] : [item.source, item.rows, item.updates];
  }
  if (item.kind === "control") return [...new Set(item.sources)];
  if (item.kind === "fill" || item.kind === "part") return [];
  const buffers = item.trace.values.list.flatMap((value) => (value.op === "load" ? [value.buffer] : []));
  return [...new Set(buffers)];
}

export const itemDomain = (item: MapItem | ReduceItem): Domain => item.trace.domain;
