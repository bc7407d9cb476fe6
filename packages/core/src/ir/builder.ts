import type { DType } from "../types/dtype.ts";
import type { Shape } from "../types/shape.ts";
import type { Params } from "./primitive.ts";
import type { Tensor } from "./tensor.ts";

/** An operand in a rule: numbers are literals of the other operand's shape and dtype. */
export type Operand = Tensor | number;

export type CompareOp = "equal" | "notEqual" | "less" | "lessEqual" | "greater" | "greaterEqual";
export type BitwiseOp = "and" | "or" | "xor";
/** Bits moved out are lost; the arithmetic shift copies the sign, the others put zeros in. */
export type ShiftOp = "left" | "arithmetic" | "logical";
/** What an update does with what is in its place. */
export type ScatterOp = "set" | "add" | "mul" | "min" | "max";
export type ReduceOp = "sum" | "max" | "min" | "prod" | "and" | "or";
export type CumulativeOp = "sum" | "prod" | "max" | "min" | "affine";

/** The operations of one operand that rules may use. */
export type UnaryName =
  | "neg" | "abs" | "sign" | "exp" | "log" | "expm1" | "log1p" | "exp2" | "log2" | "log10"
  | "sin" | "cos" | "tan" | "asin" | "acos" | "atan" | "sinh" | "cosh" | "tanh" | "asinh" | "acosh" | "atanh"
  | "sigmoid" | "erf" | "erfc" | "erfinv" | "lgamma"
  | "sqrt" | "cbrt" | "floor" | "ceil" | "round" | "trunc" | "isNaN"; // biome-ignore format: a table

/** The operations of two operands that rules may use. */
export type BinaryName = "add" | "sub" | "mul" | "div" | "quotient" | "pow" | "max" | "min" | "mod" | "atan2";

/** Which rows of x indices mean, and what an error says of an index that means none. All leading axes are batch axes. */
export interface IndexingParams {
  /** How many axes of x lie behind the one that is looked up: the shape of a row. */
  readonly inner: number;
  /** How many of the last axes of the indices count what is looked up in one batch. */
  readonly picked: number;
  /** The public function that was called. */
  readonly operation: string;
  /** The axis that is looked up as the caller counts it. */
  readonly axis: number;
  /** The axes of the caller's indices as axes of the primitive's, counted from the end. */
  readonly places: readonly number[];
}

/** Which axes a `dot` contracts and which it walks in step, counted from the front of each operand. */
export interface DotAxes {
  readonly contract: readonly [readonly number[], readonly number[]];
  readonly batch: readonly [readonly number[], readonly number[]];
}

/** Where the kernels of a `conv` are put: one number for each spatial axis. */
export interface ConvParams {
  /** From one place of the kernels to the next; 1 or more. */
  readonly strides: readonly number[];
  /** Zeros before and after x, counted where its elements already stand apart; negative ones cut away. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** From one element of x to the next, with zeros between them; 1 or more. */
  readonly inputDilation: readonly number[];
  /** From one element of a kernel to the next; 1 or more. */
  readonly kernelDilation: readonly number[];
}

/** Sliding windows over the last axes, one number for each of them, all 1 or more. */
export interface WindowParams {
  /** How many elements a window has. */
  readonly kernel: readonly number[];
  /** From one window to the next. */
  readonly strides: readonly number[];
  /** From one element of a window to the next. */
  readonly dilation: readonly number[];
}

/** Sliding windows that are added up: see `WindowParams`. */
export interface FoldParams {
  /** Of the axes over which the windows slide. */
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
}

/**
 * What derivative and batching rules build with: the primitives on operands of equal shapes (nothing broadcasts
 * by itself here), numbers as literals, and the derivative of a body. Axes are counted from the front.
 */
export interface Builder
  extends Record<UnaryName, (x: Tensor) => Tensor>,
    Record<BinaryName, (x: Operand, y: Operand) => Tensor> {
  /** A literal of the given shape and dtype. */
  constant(value: number, shape: Shape, dtype: DType): Tensor;
  /** A literal of `like`'s shape and dtype. */
  literal(value: number, like: Tensor): Tensor;
  /** The number that every element of x is known to be, or null. */
  literalValue(x: Tensor): number | null;
  compare(op: CompareOp, x: Operand, y: Operand): Tensor;
  bitwise(op: BitwiseOp, x: Tensor, y: Tensor): Tensor;
  not(x: Tensor): Tensor;
  /** Counts outside of [0, 31] move all bits out. */
  shift(op: ShiftOp, x: Tensor, count: Tensor): Tensor;
  /** The same bits as another dtype of the same size. */
  bitcast(x: Tensor, dtype: DType): Tensor;
  /** The derivative of order n + 1 of log Gamma. */
  polygamma(n: number, x: Tensor): Tensor;
  /** At least one branch is a tensor. */
  where(condition: Tensor, x: Operand, y: Operand): Tensor;
  cast(x: Tensor, dtype: DType): Tensor;
  reshape(x: Tensor, shape: Shape): Tensor;
  permute(x: Tensor, axes: readonly number[]): Tensor;
  /** Axes are aligned at the end; sizes of 1 stretch. */
  broadcast(x: Tensor, shape: Shape): Tensor;
  slice(x: Tensor, start: readonly number[], end: readonly number[], step?: readonly number[]): Tensor;
  pad(x: Tensor, low: readonly number[], high: readonly number[], interior?: readonly number[]): Tensor;
  flip(x: Tensor, axes: readonly number[]): Tensor;
  concat(xs: readonly Tensor[], axis: number): Tensor;
  /** The axes are removed, or kept with size 1. */
  reduce(op: ReduceOp, x: Tensor, axes: readonly number[], keepDims?: boolean): Tensor;
  argReduce(op: "max" | "min", x: Tensor, axis: number): Tensor;
  /** The totals of all elements up to each one, or of all from each one on. */
  cumulative(op: Exclude<CumulativeOp, "affine">, x: Tensor, axis: number, reverse?: boolean): Tensor;
  /** h[t] = a[t] * h[t-1] + c[t], beginning with c[0]; reversed, from the last element to the first. */
  affine(a: Tensor, c: Tensor, axis: number, reverse?: boolean): Tensor;
  /** The order of the elements along an axis: stable, NaN last. */
  argSort(x: Tensor, axis: number, descending?: boolean): Tensor;
  dot(x: Tensor, y: Tensor, axes: DotAxes): Tensor;
  /** x [G, N, C, ...S] with kernels w [G, O, C, ...K]: [G, N, O, ...T]. */
  conv(x: Tensor, w: Tensor, params: ConvParams): Tensor;
  /** x [..., ...S] as windows [..., ...T, ...K]. */
  windows(x: Tensor, params: WindowParams): Tensor;
  /** Windows [..., ...T, ...K] added up: [..., ...sizes]. */
  fold(x: Tensor, params: FoldParams): Tensor;
  /** 0, 1, 2 ... in a vector. */
  iota(size: number, dtype: DType): Tensor;
  /** x [batch, size, row], indices [batch, picked]: the rows in [batch, picked, row]. */
  gather(x: Tensor, indices: Tensor, params: IndexingParams): Tensor;
  /** x with rows [batch, picked, row] put into it. */
  scatter(op: ScatterOp, x: Tensor, indices: Tensor, updates: Tensor, params: IndexingParams): Tensor;
  /**
   * Bits from keys whose own axes, but the last, come first in the result; counters begin at `start`, a uint32 for each
   * key, or at 0.
   */
  randomBits(key: Tensor, shape: Shape, pair?: boolean, start?: Tensor): Tensor;
  /** x as a new node: what is differentiated by x afterwards does not see the old one. */
  identity(x: Tensor): Tensor;
  stopGradient(x: Tensor): Tensor;
  /** `value`, which computes `original` out of `operand` in a better way. */
  alternative(value: Tensor, original: Tensor, operand: Tensor): Tensor;
  /** x, computed again rather than shared with what is equal to it, and not before all of `after` are computed. */
  barrier(x: Tensor, after: readonly Tensor[]): Tensor;
  /** A call with a derivative rule of its own, and one of its results. */
  customCall(inputs: readonly Tensor[], params: Params): Tensor;
  customResult(value: Tensor, call: Tensor, index: number): Tensor;
  /** The cotangents of `inputs`, given that of `output`. */
  vjp(output: Tensor, ct: Tensor, inputs: readonly Tensor[]): (Tensor | null)[];
}
