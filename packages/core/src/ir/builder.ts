import type { DType } from "../types/dtype.ts";
import type { Shape } from "../types/shape.ts";
import type { Tensor } from "./tensor.ts";

/** An operand in a rule: numbers are literals of the other operand's shape and dtype. */
export type Operand = Tensor | number;

export type CompareOp = "equal" | "notEqual" | "less" | "lessEqual" | "greater" | "greaterEqual";
export type BitwiseOp = "and" | "or" | "xor";
export type ReduceOp = "sum" | "max" | "min" | "prod" | "and" | "or";

/** The operations of one operand that rules may use. */
export type UnaryName =
  | "neg" | "abs" | "sign" | "exp" | "log" | "expm1" | "log1p" | "exp2" | "log2"
  | "sin" | "cos" | "tan" | "asin" | "acos" | "atan" | "sinh" | "cosh" | "tanh" | "asinh" | "acosh" | "atanh"
  | "sigmoid" | "erf" | "erfc" | "erfinv" | "sqrt" | "cbrt" | "floor" | "ceil" | "round" | "trunc" | "isNaN"; // biome-ignore format: a table

/** The operations of two operands that rules may use. */
export type BinaryName = "add" | "sub" | "mul" | "div" | "quotient" | "pow" | "max" | "min" | "mod" | "atan2";

/** Which axes a `dot` contracts and which it walks in step, counted from the front of each operand. */
export interface DotAxes {
  readonly contract: readonly [readonly number[], readonly number[]];
  readonly batch: readonly [readonly number[], readonly number[]];
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
  /** The order of the elements along an axis: stable, NaN last. */
  argSort(x: Tensor, axis: number, descending?: boolean): Tensor;
  dot(x: Tensor, y: Tensor, axes: DotAxes): Tensor;
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
  /** The cotangents of `inputs`, given that of `output`. */
  vjp(output: Tensor, ct: Tensor, inputs: readonly Tensor[]): (Tensor | null)[];
}
