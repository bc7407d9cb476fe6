import { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import type { EluOptions, GeluOptions, LeakyReluOptions } from "./activations.ts";
import * as activations from "./activations.ts";
import type { NanToNumOptions } from "./arithmetic.ts";
import * as arithmetic from "./arithmetic.ts";
import { moveAxis, type RepeatOptions, ravel, repeat, roll, swapAxes, tile } from "./arrange.ts";
import { at } from "./at/indexed.ts";
import * as bits from "./bits.ts";
import { cumprod, cumsum, type ExclusiveOptions } from "./cumulative.ts";
import { type DiagonalOptions, diag, diagonal, type TriangleOptions, trace, tril, triu } from "./diagonal.ts";
import { gather, type TakeOptions, take, takeAlongAxis } from "./gather.ts";
import type { AlongAxisOptions, GatherOptions } from "./lookup.ts";
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
  AtMethod,
  BinaryMethod,
  BroadcastMethod,
  CastMethod,
  ClipMethod,
  CumulativeMethod,
  DiagMethod,
  DiagonalMethod,
  DotMethod,
  ExpandDimsMethod,
  InnerMethod,
  MatmulMethod,
  MoveAxisMethod,
  OuterMethod,
  RavelMethod,
  ReductionByMethod,
  ReductionMethod,
  ReshapeMethod,
  RollMethod,
  SqueezeMethod,
  SwapAxesMethod,
  TraceMethod,
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
  /** Sine of an angle in radians. */
  sin: UnaryMethod;
  /** Cosine of an angle in radians. */
  cos: UnaryMethod;
  /** Tangent of an angle in radians. */
  tan: UnaryMethod;
  /** Arcsine, in radians; NaN outside of [-1, 1]. */
  asin: UnaryMethod;
  /** Arccosine, in radians; NaN outside of [-1, 1]. */
  acos: UnaryMethod;
  /** Arctangent, in radians. */
  atan: UnaryMethod;
  /** Hyperbolic sine. */
  sinh: UnaryMethod;
  /** Hyperbolic cosine. */
  cosh: UnaryMethod;
  /** Hyperbolic tangent. */
  tanh: UnaryMethod;
  /** Inverse hyperbolic sine. */
  asinh: UnaryMethod;
  /** Inverse hyperbolic cosine; NaN below 1. */
  acosh: UnaryMethod;
  /** Inverse hyperbolic tangent; NaN outside of [-1, 1]. */
  atanh: UnaryMethod;
  /** 1 / (1 + e^-x) */
  sigmoid: UnaryMethod;
  /** The error function. */
  erf: UnaryMethod;
  /** 1 - erf(x), accurate for large x. */
  erfc: UnaryMethod;
  /** The inverse of erf; infinite at -1 and 1, NaN beyond. */
  erfinv: UnaryMethod;
  /** The square root; NaN for negative x. */
  sqrt: UnaryMethod;
  /** The cube root. */
  cbrt: UnaryMethod;
  /** The largest whole number not above x. */
  floor: UnaryMethod;
  /** The smallest whole number not below x. */
  ceil: UnaryMethod;
  /** Halves to even. */
  round: UnaryMethod;
  /** x without its fraction. */
  trunc: UnaryMethod;
  /** True where x is NaN. */
  isNaN: UnaryMethod;
  /** x * x */
  square: UnaryMethod;
  /** 1 / x */
  reciprocal: UnaryMethod;
  /** max(x, 0) */
  relu: UnaryMethod;
  /** x + y, with broadcasting. */
  add: BinaryMethod<"add">;
  /** x - y, with broadcasting. */
  sub: BinaryMethod<"sub">;
  /** x * y, element by element, with broadcasting. */
  mul: BinaryMethod<"mul">;
  /** x / y, with broadcasting; integers give float32. */
  div: BinaryMethod<"div">;
  /** The remainder with the divisor's sign, with broadcasting; 0 for integers divided by 0. */
  mod: BinaryMethod<"mod">;
  /** x^y, with broadcasting; integers give float32. */
  pow: BinaryMethod<"pow">;
  /** The angle of the point (x, y) in radians, in (-pi, pi], with broadcasting. */
  atan2: BinaryMethod<"atan2">;
  /** The greater of both, NaN if one is; a tie gives each side half of the gradient. */
  maximum: BinaryMethod<"maximum">;
  /** The smaller of both, NaN if one is; a tie gives each side half of the gradient. */
  minimum: BinaryMethod<"minimum">;
  /** x = y, element by element, as bool; false for NaN. */
  equal: BinaryMethod<"equal">;
  /** x != y, element by element, as bool; true for NaN. */
  notEqual: BinaryMethod<"notEqual">;
  /** x < y, element by element, as bool. */
  less: BinaryMethod<"less">;
  /** x <= y, element by element, as bool. */
  lessEqual: BinaryMethod<"lessEqual">;
  /** x > y, element by element, as bool. */
  greater: BinaryMethod<"greater">;
  /** x >= y, element by element, as bool. */
  greaterEqual: BinaryMethod<"greaterEqual">;
  /** True where both are. */
  logicalAnd: BinaryMethod<"logicalAnd">;
  /** True where one or both are. */
  logicalOr: BinaryMethod<"logicalOr">;
  /** True where exactly one is. */
  logicalXor: BinaryMethod<"logicalXor">;
  /** True where x is false. */
  logicalNot: UnaryMethod;
  /** The logarithm to base 10. */
  log10: UnaryMethod;
  /** 1 / sqrt(x) */
  rsqrt: UnaryMethod;
  /** Neither infinite nor NaN. */
  isFinite: UnaryMethod;
  /** True where x is infinite, of either sign. */
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
  /** The bits that both have, with broadcasting; of bool, logical and. */
  bitwiseAnd: BinaryMethod<"bitwiseAnd">;
  /** The bits that one or both have, with broadcasting; of bool, logical or. */
  bitwiseOr: BinaryMethod<"bitwiseOr">;
  /** The bits that exactly one has, with broadcasting; of bool, unequal. */
  bitwiseXor: BinaryMethod<"bitwiseXor">;
  /** Every bit turned over: -x - 1 for int32; of bool, logical not. */
  bitwiseNot: UnaryMethod;
  /** x with its bits moved `count` places up, with broadcasting; zeros come in. */
  leftShift: BinaryMethod<"leftShift">;
  /** With the sign on int32, without on uint32. */
  rightShift: BinaryMethod<"rightShift">;
  /** The same bits as another dtype. */
  bitcast: CastMethod;
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
  /** The sum of all elements, or along axes; 0 for none; of bool, int32. */
  sum: ReductionMethod<"sum", ReduceOptions>;
  /** The arithmetic mean; integers and bool give float32; NaN for no elements. */
  mean: ReductionMethod<"mean", ReduceOptions>;
  /** The product of all elements, or along axes; 1 for none. */
  prod: ReductionMethod<"prod", ReduceOptions>;
  /** The greatest element, NaN if there is one; ties share the gradient. */
  max: ReductionMethod<"max", ReduceOptions>;
  /** The smallest element, NaN if there is one; ties share the gradient. */
  min: ReductionMethod<"min", ReduceOptions>;
  /** True where any element is true (not 0); false for none. */
  any: ReductionMethod<"any", ReduceOptions>;
  /** True where all elements are true (not 0); true for none. */
  all: ReductionMethod<"all", ReduceOptions>;
  /** The mean squared deviation from the mean, divided by n - correction (0 unless given). */
  variance: ReductionMethod<"variance", VarianceOptions>;
  /** The square root of the variance; its gradient where all elements are equal is 0. */
  std: ReductionMethod<"std", VarianceOptions>;
  /** log(sum(exp(x))) without overflow or underflow; -infinity for no elements. */
  logsumexp: ReductionMethod<"logsumexp", ReduceOptions>;
  /** The index (int32) of the first greatest element along an axis, or in row-major order; NaN wins. */
  argmax: ReductionMethod<"argmax", ReduceOptions>;
  /** The index (int32) of the first smallest element along an axis, or in row-major order; NaN wins. */
  argmin: ReductionMethod<"argmin", ReduceOptions>;
  /** The sum of all elements up to each one, along an axis or of all as a vector. */
  cumsum: CumulativeMethod<ExclusiveOptions>;
  /** The product of all elements up to each one, along an axis or of all as a vector. */
  cumprod: CumulativeMethod<ExclusiveOptions>;
  /** The indices that sort along an axis, the last by default. */
  argsort: UnaryMethodWith<SortOptions>;
  /** The elements of x in order along an axis, of x's shape and dtype: `takeAlongAxis(x, argsort(x))`. */
  sort: UnaryMethodWith<SortOptions>;
  /** Along axes, the last by default. */
  softmax: AlongMethod;
  /** Along axes, the last by default. */
  logSoftmax: AlongMethod;
  /** One size may be -1. */
  reshape: ReshapeMethod;
  /** Reversed, or in the given order. */
  transpose: TransposeMethod;
  /** x repeated along missing axes and those of size 1. */
  broadcastTo: BroadcastMethod;
  /** x without axes of size 1: the given ones, or all. */
  squeeze: SqueezeMethod;
  /** x with a new axis of size 1 in the given place of the result. */
  expandDims: ExpandDimsMethod;
  /**
   * The elements from `start` (inclusive) to `end` (exclusive) of the first axes, as JavaScript slices: negative positions
   * count from the end, positions beyond it stop there.
   */
  slice(
    start: number | null | readonly (number | null)[],
    end?: number | null | readonly (number | null)[],
    options?: { readonly step?: number | readonly number[] },
  ): Tensor;
  /** Zeros (or `value`) around x: [before, after] for each axis. */
  pad(widths: readonly (readonly [number, number])[], options?: { readonly value?: number }): Tensor;
  /** The elements in reverse order along axes, all by default. */
  flip: AlongMethod;
  /** All elements as a vector. */
  ravel: RavelMethod;
  /** All elements as a vector, as `ravel` makes it. */
  flatten: RavelMethod;
  /** Copies behind one another. */
  tile(reps: number | readonly number[]): Tensor;
  /** Each element several times. */
  repeat(repeats: number | readonly number[] | Tensor, axis?: number, options?: RepeatOptions): Tensor;
  /** Moved on, what is pushed out at one end back in at the other. */
  roll: RollMethod;
  /** x with two axes in each other's places. */
  swapAxes: SwapAxesMethod;
  /** x with axes moved to the given places of the result, the others in their order around them. */
  moveAxis: MoveAxisMethod;
  /** On and below a diagonal; 0 above. */
  tril: UnaryMethodWith<TriangleOptions>;
  /** On and above a diagonal; 0 below. */
  triu: UnaryMethodWith<TriangleOptions>;
  /** A vector as a diagonal matrix; of a matrix, its diagonal. */
  diag: DiagMethod<TriangleOptions>;
  /**
   * The diagonals of the matrices that two axes span (the first two by default): those axes disappear, the diagonal is the
   * last axis.
   */
  diagonal: DiagonalMethod<DiagonalOptions>;
  /** The sum of a diagonal. */
  trace: TraceMethod<DiagonalOptions>;
  /** The length as a vector, of all elements or along axes. */
  norm: ReductionByMethod<"norm", NormOptions>;
  /** The elements along an axis (of all, unless given) that the indices name. */
  take(indices: TensorLike, options?: TakeOptions): Tensor;
  /** One element along an axis, the last unless given, for each index. */
  takeAlongAxis(indices: TensorLike, options?: AlongAxisOptions): Tensor;
  /** Slices along an axis, with leading axes that go in step with those of the indices. */
  gather(indices: TensorLike, options?: GatherOptions): Tensor;
  /** The elements that indices name, as NumPy's brackets do, to read (`get`) or, in a new tensor, to change (`set`, `add` ...). */
  at: AtMethod;
  /** The matrix product. */
  matmul: MatmulMethod;
  /** The product as NumPy's `dot`. */
  dot: DotMethod;
  /** The sum of products over the last axes. */
  inner: InnerMethod;
  /** All products of two elements. */
  outer: OuterMethod;
}

const { elu, gelu, leakyRelu, logSoftmax, relu, silu, softmax, softplus } = activations;
const { where: _where, ...mathMethods } = math;
const { lerp: _lerp, ...arithmeticMethods } = arithmetic;
const { polygamma: _polygamma, ...specialMethods } = special;
const { concat: _concat, stack: _stack, ...movementMethods } = movement;

const FUNCTIONS: Record<keyof TensorMethods, (x: Tensor, ...rest: never[]) => unknown> = {
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
  at,
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
