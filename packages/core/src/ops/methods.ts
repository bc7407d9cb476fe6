import { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import type { DType } from "../types/dtype.ts";
import type { Shape } from "../types/shape.ts";
import type { EluOptions, GeluOptions, LeakyReluOptions } from "./activations.ts";
import * as activations from "./activations.ts";
import * as math from "./math.ts";
import { matmul } from "./matmul.ts";
import * as movement from "./movement.ts";
import type { Axes, ReduceOptions, VarianceOptions } from "./reduce.ts";
import * as reduce from "./reduce.ts";

/** The operations that are also methods: `x.sin()` is `sin(x)`, `x.add(y)` is `add(x, y)`. */
export interface TensorMethods {
  /** -x */
  neg(): Tensor;
  /** |x| */
  abs(): Tensor;
  /** -1, 0 or 1 */
  sign(): Tensor;
  /** e^x */
  exp(): Tensor;
  /** The natural logarithm; of a softmax, the log-softmax. */
  log(): Tensor;
  /** e^x - 1 */
  expm1(): Tensor;
  /** log(1 + x) */
  log1p(): Tensor;
  /** 2^x */
  exp2(): Tensor;
  /** The logarithm to base 2. */
  log2(): Tensor;
  sin(): Tensor;
  cos(): Tensor;
  tan(): Tensor;
  asin(): Tensor;
  acos(): Tensor;
  atan(): Tensor;
  sinh(): Tensor;
  cosh(): Tensor;
  tanh(): Tensor;
  asinh(): Tensor;
  acosh(): Tensor;
  atanh(): Tensor;
  /** 1 / (1 + e^-x) */
  sigmoid(): Tensor;
  erf(): Tensor;
  erfc(): Tensor;
  erfinv(): Tensor;
  sqrt(): Tensor;
  cbrt(): Tensor;
  floor(): Tensor;
  ceil(): Tensor;
  /** Halves to even. */
  round(): Tensor;
  trunc(): Tensor;
  isNaN(): Tensor;
  /** x * x */
  square(): Tensor;
  /** 1 / x */
  reciprocal(): Tensor;
  /** max(x, 0) */
  relu(): Tensor;
  /** x, or negativeSlope * x below 0. */
  leakyRelu(options?: LeakyReluOptions): Tensor;
  /** x, or alpha * (e^x - 1) below 0. */
  elu(options?: EluOptions): Tensor;
  /** x times the normal distribution function. */
  gelu(options?: GeluOptions): Tensor;
  /** x * sigmoid(x) */
  silu(): Tensor;
  /** log(1 + e^x) */
  softplus(): Tensor;
  add(y: TensorLike): Tensor;
  sub(y: TensorLike): Tensor;
  mul(y: TensorLike): Tensor;
  div(y: TensorLike): Tensor;
  mod(y: TensorLike): Tensor;
  pow(y: TensorLike): Tensor;
  atan2(x: TensorLike): Tensor;
  maximum(y: TensorLike): Tensor;
  minimum(y: TensorLike): Tensor;
  equal(y: TensorLike): Tensor;
  notEqual(y: TensorLike): Tensor;
  less(y: TensorLike): Tensor;
  lessEqual(y: TensorLike): Tensor;
  greater(y: TensorLike): Tensor;
  greaterEqual(y: TensorLike): Tensor;
  logicalAnd(y: TensorLike): Tensor;
  logicalOr(y: TensorLike): Tensor;
  logicalXor(y: TensorLike): Tensor;
  logicalNot(): Tensor;
  /** Limited to [low, high]. */
  clip(low: TensorLike, high: TensorLike): Tensor;
  /** Another dtype. */
  cast(dtype: DType): Tensor;
  sum(axes?: Axes, options?: ReduceOptions): Tensor;
  mean(axes?: Axes, options?: ReduceOptions): Tensor;
  prod(axes?: Axes, options?: ReduceOptions): Tensor;
  max(axes?: Axes, options?: ReduceOptions): Tensor;
  min(axes?: Axes, options?: ReduceOptions): Tensor;
  any(axes?: Axes, options?: ReduceOptions): Tensor;
  all(axes?: Axes, options?: ReduceOptions): Tensor;
  variance(axes?: Axes, options?: VarianceOptions): Tensor;
  std(axes?: Axes, options?: VarianceOptions): Tensor;
  logsumexp(axes?: Axes, options?: ReduceOptions): Tensor;
  argmax(axis?: number, options?: ReduceOptions): Tensor;
  argmin(axis?: number, options?: ReduceOptions): Tensor;
  /** Along axes, the last by default. */
  softmax(axes?: Axes): Tensor;
  /** Along axes, the last by default. */
  logSoftmax(axes?: Axes): Tensor;
  /** One size may be -1. */
  reshape(shape: Shape): Tensor;
  /** Reversed, or in the given order. */
  transpose(axes?: readonly number[]): Tensor;
  broadcastTo(shape: Shape): Tensor;
  squeeze(axes?: number | readonly number[]): Tensor;
  expandDims(axis: number): Tensor;
  slice(
    start: number | readonly (number | null)[],
    end?: number | readonly (number | null)[],
    options?: { readonly step?: number | readonly number[] },
  ): Tensor;
  pad(widths: readonly (readonly [number, number])[], options?: { readonly value?: number }): Tensor;
  flip(axes?: number | readonly number[]): Tensor;
  /** The matrix product. */
  matmul(y: TensorLike): Tensor;
}

const { elu, gelu, leakyRelu, logSoftmax, relu, silu, softmax, softplus } = activations;
const { where: _where, ...mathMethods } = math;
const { concat: _concat, stack: _stack, ...movementMethods } = movement;

const FUNCTIONS: Record<keyof TensorMethods, (x: Tensor, ...rest: never[]) => Tensor> = {
  ...mathMethods,
  ...movementMethods,
  ...reduce,
  elu,
  gelu,
  leakyRelu,
  logSoftmax,
  relu,
  silu,
  softmax,
  softplus,
  matmul,
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
