import { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import type { DType } from "../types/dtype.ts";
import type { EluOptions, GeluOptions, LeakyReluOptions } from "./activations.ts";
import * as activations from "./activations.ts";
import type { NanToNumOptions } from "./arithmetic.ts";
import * as arithmetic from "./arithmetic.ts";
import { moveAxis, ravel, repeat, roll, swapAxes, tile } from "./arrange.ts";
import * as bits from "./bits.ts";
import { cumprod, cumsum, type ExclusiveOptions } from "./cumulative.ts";
import { type DiagonalOptions, diag, diagonal, type TriangleOptions, trace, tril, triu } from "./diagonal.ts";
import {
  type AlongAxisOptions,
  type GatherOptions,
  gather,
  type TakeOptions,
  take,
  takeAlongAxis,
} from "./indexing.ts";
import * as math from "./math.ts";
import { matmul } from "./matmul.ts";
import * as movement from "./movement.ts";
import { type NormOptions, norm } from "./norm.ts";
import { dot, inner, outer } from "./products.ts";
import type { ReduceOptions, VarianceOptions } from "./reduce.ts";
import * as reduce from "./reduce.ts";
import type { SortOptions } from "./sort.ts";
import * as sorting from "./sort.ts";
import * as special from "./special.ts";
import type {
  AlongMethod,
  BinaryMethod,
  BroadcastMethod,
  CastMethod,
  ClipMethod,
  ExpandDimsMethod,
  MatmulMethod,
  ReductionMethod,
  ReshapeMethod,
  SqueezeMethod,
  TransposeMethod,
  UnaryMethod,
  UnaryMethodWith,
} from "./typed.ts";

/** The operations that are also methods: `x.sin()` is `sin(x)`, `x.add(y)` is `add(x, y)`. */
export interface TensorMethods {
  /** -x */
  neg: UnaryMethod;
  /** |x| */
  abs: UnaryMethod;
  /** -1, 0 or 1 */
  sign: UnaryMethod;
  /** e^x */
  exp: UnaryMethod;
  /** The natural logarithm; of a softmax, the log-softmax. */
  log: UnaryMethod;
  /** e^x - 1 */
  expm1: UnaryMethod;
  /** log(1 + x) */
  log1p: UnaryMethod;
  /** 2^x */
  exp2: UnaryMethod;
  /** The logarithm to base 2. */
  log2: UnaryMethod;
  sin: UnaryMethod;
  cos: UnaryMethod;
  tan: UnaryMethod;
  asin: UnaryMethod;
  acos: UnaryMethod;
  atan: UnaryMethod;
  sinh: UnaryMethod;
  cosh: UnaryMethod;
  tanh: UnaryMethod;
  asinh: UnaryMethod;
  acosh: UnaryMethod;
  atanh: UnaryMethod;
  /** 1 / (1 + e^-x) */
  sigmoid: UnaryMethod;
  erf: UnaryMethod;
  erfc: UnaryMethod;
  erfinv: UnaryMethod;
  sqrt: UnaryMethod;
  cbrt: UnaryMethod;
  floor: UnaryMethod;
  ceil: UnaryMethod;
  /** Halves to even. */
  round: UnaryMethod;
  trunc: UnaryMethod;
  isNaN: UnaryMethod;
  /** x * x */
  square: UnaryMethod;
  /** 1 / x */
  reciprocal: UnaryMethod;
  /** max(x, 0) */
  relu: UnaryMethod;
  add: BinaryMethod<"add">;
  sub: BinaryMethod<"sub">;
  mul: BinaryMethod<"mul">;
  div: BinaryMethod<"div">;
  mod: BinaryMethod<"mod">;
  pow: BinaryMethod<"pow">;
  atan2: BinaryMethod<"atan2">;
  maximum: BinaryMethod<"maximum">;
  minimum: BinaryMethod<"minimum">;
  equal: BinaryMethod<"equal">;
  notEqual: BinaryMethod<"notEqual">;
  less: BinaryMethod<"less">;
  lessEqual: BinaryMethod<"lessEqual">;
  greater: BinaryMethod<"greater">;
  greaterEqual: BinaryMethod<"greaterEqual">;
  logicalAnd: BinaryMethod<"logicalAnd">;
  logicalOr: BinaryMethod<"logicalOr">;
  logicalXor: BinaryMethod<"logicalXor">;
  logicalNot: UnaryMethod;
  /** The logarithm to base 10. */
  log10: UnaryMethod;
  /** 1 / sqrt(x) */
  rsqrt: UnaryMethod;
  /** Neither infinite nor NaN. */
  isFinite: UnaryMethod;
  isInf: UnaryMethod;
  /** Numbers in the places of NaN (0) and infinities (the largest numbers). */
  nanToNum: UnaryMethodWith<NanToNumOptions>;
  /** Radians as degrees. */
  degrees: UnaryMethod;
  /** Degrees as radians. */
  radians: UnaryMethod;
  /** sqrt(x^2 + y^2) */
  hypot: BinaryMethod<"hypot">;
  /** (x - y)^2 */
  squaredDifference: BinaryMethod<"squaredDifference">;
  /** |x| with the sign of y. */
  copysign: BinaryMethod<"copysign">;
  /** The remainder with the sign of x. */
  fmod: BinaryMethod<"fmod">;
  /** x / y rounded down. */
  floorDivide: BinaryMethod<"floorDivide">;
  /** log|Gamma(x)| */
  lgamma: UnaryMethod;
  /** The derivative of log Gamma. */
  digamma: UnaryMethod;
  /** log(e^x + e^y) */
  logaddexp: BinaryMethod<"logaddexp">;
  /** x log(y), 0 where x = 0. */
  xlogy: BinaryMethod<"xlogy">;
  /** sin(pi x) / (pi x) */
  sinc: UnaryMethod;
  /** log(x / (1 - x)) */
  logit: UnaryMethod;
  bitwiseAnd: BinaryMethod<"bitwiseAnd">;
  bitwiseOr: BinaryMethod<"bitwiseOr">;
  bitwiseXor: BinaryMethod<"bitwiseXor">;
  bitwiseNot: UnaryMethod;
  leftShift: BinaryMethod<"leftShift">;
  /** With the sign on int32, without on uint32. */
  rightShift: BinaryMethod<"rightShift">;
  /** The same bits as another dtype. */
  bitcast(dtype: DType): Tensor;
  /** x, or negativeSlope * x below 0. */
  leakyRelu: UnaryMethodWith<LeakyReluOptions>;
  /** x, or alpha * (e^x - 1) below 0. */
  elu: UnaryMethodWith<EluOptions>;
  /** x times the normal distribution function. */
  gelu: UnaryMethodWith<GeluOptions>;
  /** x * sigmoid(x) */
  silu: UnaryMethod;
  /** log(1 + e^x) */
  softplus: UnaryMethod;
  /** Limited to [low, high]. */
  clip: ClipMethod;
  /** Another dtype. */
  cast: CastMethod;
  sum: ReductionMethod<"sum", ReduceOptions>;
  mean: ReductionMethod<"mean", ReduceOptions>;
  prod: ReductionMethod<"prod", ReduceOptions>;
  max: ReductionMethod<"max", ReduceOptions>;
  min: ReductionMethod<"min", ReduceOptions>;
  any: ReductionMethod<"any", ReduceOptions>;
  all: ReductionMethod<"all", ReduceOptions>;
  variance: ReductionMethod<"variance", VarianceOptions>;
  std: ReductionMethod<"std", VarianceOptions>;
  logsumexp: ReductionMethod<"logsumexp", ReduceOptions>;
  argmax: ReductionMethod<"argmax", ReduceOptions>;
  argmin: ReductionMethod<"argmin", ReduceOptions>;
  /** The sum of all elements up to each one, along an axis or of all as a vector. */
  cumsum(axis?: number, options?: ExclusiveOptions): Tensor;
  /** The product of all elements up to each one, along an axis or of all as a vector. */
  cumprod(axis?: number, options?: ExclusiveOptions): Tensor;
  /** The indices that sort along an axis, the last by default. */
  argsort(options?: SortOptions): Tensor;
  sort(options?: SortOptions): Tensor;
  /** Along axes, the last by default. */
  softmax: AlongMethod;
  /** Along axes, the last by default. */
  logSoftmax: AlongMethod;
  /** One size may be -1. */
  reshape: ReshapeMethod;
  /** Reversed, or in the given order. */
  transpose: TransposeMethod;
  broadcastTo: BroadcastMethod;
  squeeze: SqueezeMethod;
  expandDims: ExpandDimsMethod;
  slice(
    start: number | null | readonly (number | null)[],
    end?: number | null | readonly (number | null)[],
    options?: { readonly step?: number | readonly number[] },
  ): Tensor;
  pad(widths: readonly (readonly [number, number])[], options?: { readonly value?: number }): Tensor;
  flip: AlongMethod;
  /** All elements as a vector. */
  ravel: UnaryMethod;
  /** All elements as a vector, as `ravel` makes it. */
  flatten: UnaryMethod;
  /** Copies behind one another. */
  tile(reps: number | readonly number[]): Tensor;
  /** Each element several times. */
  repeat(repeats: number | readonly number[], axis?: number): Tensor;
  /** Moved on, what is pushed out at one end back in at the other. */
  roll(shift: number | readonly number[], axes?: number | readonly number[]): Tensor;
  swapAxes(axis1: number, axis2: number): Tensor;
  moveAxis(source: number | readonly number[], destination: number | readonly number[]): Tensor;
  /** On and below a diagonal; 0 above. */
  tril(options?: TriangleOptions): Tensor;
  /** On and above a diagonal; 0 below. */
  triu(options?: TriangleOptions): Tensor;
  /** A vector as a diagonal matrix; of a matrix, its diagonal. */
  diag(options?: TriangleOptions): Tensor;
  diagonal(options?: DiagonalOptions): Tensor;
  /** The sum of a diagonal. */
  trace(options?: DiagonalOptions): Tensor;
  /** The length as a vector, of all elements or along axes. */
  norm(options?: NormOptions): Tensor;
  /** The elements along an axis (of all, unless given) that the indices name. */
  take(indices: TensorLike, options?: TakeOptions): Tensor;
  /** One element along an axis, the last unless given, for each index. */
  takeAlongAxis(indices: TensorLike, options?: AlongAxisOptions): Tensor;
  /** Slices along an axis, with leading axes that go in step with those of the indices. */
  gather(indices: TensorLike, options?: GatherOptions): Tensor;
  /** The matrix product. */
  matmul: MatmulMethod;
  /** The product as NumPy's `dot`. */
  dot: BinaryMethod<"dot">;
  /** The sum of products over the last axes. */
  inner: BinaryMethod<"inner">;
  /** All products of two elements. */
  outer: BinaryMethod<"outer">;
}

const { elu, gelu, leakyRelu, logSoftmax, relu, silu, softmax, softplus } = activations;
const { where: _where, ...mathMethods } = math;
const { lerp: _lerp, ...arithmeticMethods } = arithmetic;
const { polygamma: _polygamma, ...specialMethods } = special;
const { concat: _concat, stack: _stack, ...movementMethods } = movement;

const FUNCTIONS: Record<keyof TensorMethods, (x: Tensor, ...rest: never[]) => Tensor> = {
  ...mathMethods,
  ...arithmeticMethods,
  ...bits,
  ...specialMethods,
  ...movementMethods,
  ...reduce,
  cumsum,
  cumprod,
  moveAxis,
  ravel,
  flatten: ravel,
  repeat,
  roll,
  swapAxes,
  tile,
  diag,
  diagonal,
  trace,
  tril,
  triu,
  norm,
  dot,
  inner,
  outer,
  ...sorting,
  elu,
  gelu,
  leakyRelu,
  logSoftmax,
  relu,
  silu,
  softmax,
  softplus,
  matmul,
  take,
  takeAlongAxis,
  gather,
};

/** Puts the methods on the prototype. The only place that does. */
export function installMethods(): void {
  for (const [name, operation] of Object.entries(FUNCTIONS)) {
    Object.defineProperty(Tensor.prototype, name, {
      value(this: Tensor, ...rest: never[]) {
        return operation(this, ...rest);
      },
      writable: true,
      configurable: true,
    });
  }
}
