import type { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { normalizeAxes, normalizeAxis, removeAxes, sizeOf } from "../types/shape.ts";
import type { Fits, Reduced, Settled, ShapeOf, StaticAxes } from "../types/static/index.ts";
import { countable, floatingOperand, truth } from "./operands.ts";

/** An axis, several, or (undefined) all; negative ones count from the end. */
export type Axes = number | readonly number[] | undefined;

export interface ReduceOptions {
  /** Keep reduced axes with size 1. */
  readonly keepDims?: boolean;
}

export interface VarianceOptions extends ReduceOptions {
  /** Divide by n - correction: 0 for the variance of a population, 1 for the estimate from a sample. */
  readonly correction?: number;
}

/** Whether axes are kept. @throws StateError for unknown options, which would otherwise change nothing in silence */
function keeps(operation: string, options: ReduceOptions, known: readonly string[] = ["keepDims"]): boolean {
  checkOptions(operation, options, known);
  return options.keepDims ?? false;
}

const countAlong = (x: Tensor, axes: readonly number[]): number => sizeOf(axes.map((axis) => x.shape[axis]));

/** The sum of all elements, or along axes; 0 for none; of bool, int32. */
export function sum<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"sum", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"sum", ShapeOf<X>, A, O>>>;
export function sum(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const keepDims = keeps("sum", options);
  const tensor = countable("sum", x);
  return builder.reduce("sum", tensor, normalizeAxes("sum", axes, tensor.rank), keepDims);
}

/** The product of all elements, or along axes; 1 for none. Its gradient is right with zeros among the factors. */
export function prod<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"prod", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"prod", ShapeOf<X>, A, O>>>;
export function prod(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const keepDims = keeps("prod", options);
  const tensor = countable("prod", x);
  return builder.reduce("prod", tensor, normalizeAxes("prod", axes, tensor.rank), keepDims);
}

/** The greatest element, NaN if there is one; ties share the gradient. @throws ShapeError for no elements */
export function max<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"max", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"max", ShapeOf<X>, A, O>>>;
export function max(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const keepDims = keeps("max", options);
  const tensor = countable("max", x);
  return builder.reduce("max", tensor, normalizeAxes("max", axes, tensor.rank), keepDims);
}

/** The smallest element, NaN if there is one; ties share the gradient. @throws ShapeError for no elements */
export function min<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"min", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"min", ShapeOf<X>, A, O>>>;
export function min(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const keepDims = keeps("min", options);
  const tensor = countable("min", x);
  return builder.reduce("min", tensor, normalizeAxes("min", axes, tensor.rank), keepDims);
}

/** The arithmetic mean; integers and bool give float32; NaN for no elements. */
export function mean<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"mean", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"mean", ShapeOf<X>, A, O>>>;
export function mean(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const keepDims = keeps("mean", options);
  const tensor = floatingOperand("mean", x);
  const list = normalizeAxes("mean", axes, tensor.rank);
  return builder.div(builder.reduce("sum", tensor, list, keepDims), countAlong(tensor, list));
}

/**
 * The mean squared deviation from the mean, divided by n - correction (0 unless given). Of all elements, or along axes.
 */
export function variance<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends VarianceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"variance", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"variance", ShapeOf<X>, A, O>>>;
export function variance(x: TensorLike, axes?: Axes, options: VarianceOptions = {}): Tensor {
  return spreadOf("variance", x, axes, options);
}

function spreadOf(operation: string, x: TensorLike, axes: Axes, options: VarianceOptions): Tensor {
  const keepDims = keeps(operation, options, ["keepDims", "correction"]);
  const correction = options.correction ?? 0;
  const tensor = floatingOperand(operation, x);
  const list = normalizeAxes(operation, axes, tensor.rank);
  const deviation = builder.sub(
    tensor,
    builder.broadcast(mean(tensor, list, { keepDims: true }), tensor.shape),
  );
  const squares = builder.reduce("sum", builder.mul(deviation, deviation), list, keepDims);
  return builder.div(squares, Math.max(countAlong(tensor, list) - correction, 0));
}

/** The square root of the variance; its gradient where all elements are equal is 0. */
export function std<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends VarianceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"std", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"std", ShapeOf<X>, A, O>>>;
export function std(x: TensorLike, axes?: Axes, options: VarianceOptions = {}): Tensor {
  const spread = spreadOf("std", x, axes, options);
  const zero = builder.compare("equal", spread, 0);
  return builder.where(builder.not(zero), builder.sqrt(builder.where(zero, 1, spread)), 0);
}

/** log(sum(exp(x))) without overflow or underflow; -infinity for no elements. */
export function logsumexp<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"logsumexp", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"logsumexp", ShapeOf<X>, A, O>>>;
export function logsumexp(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const keepDims = keeps("logsumexp", options);
  const tensor = floatingOperand("logsumexp", x);
  const list = normalizeAxes("logsumexp", axes, tensor.rank);
  if (countAlong(tensor, list) === 0)
    return builder.constant(Number.NEGATIVE_INFINITY, removeAxes(tensor.shape, list, keepDims), tensor.dtype);
  const greatest = builder.stopGradient(builder.reduce("max", tensor, list, true));
  // Infinite maxima are not subtracted: infinity - infinity is NaN.
  const finite = builder.compare("less", builder.abs(greatest), Number.POSITIVE_INFINITY);
  const shift = builder.where(finite, greatest, 0);
  const total = builder.reduce(
    "sum",
    builder.exp(builder.sub(tensor, builder.broadcast(shift, tensor.shape))),
    list,
    true,
  );
  const nothing = builder.compare("equal", total, 0);
  const logarithm = builder.where(
    nothing,
    Number.NEGATIVE_INFINITY,
    builder.log(builder.where(nothing, 1, total)),
  );
  const result = builder.add(logarithm, shift);
  return keepDims
    ? result
    : builder.reshape(
        result,
        tensor.shape.filter((_, axis) => !list.includes(axis)),
      );
}

/** True where any element is true (not 0); false for none. */
export function any<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"any", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"any", ShapeOf<X>, A, O>>>;
export function any(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const keepDims = keeps("any", options);
  const tensor = truth("any", x);
  return builder.reduce("or", tensor, normalizeAxes("any", axes, tensor.rank), keepDims);
}

/** True where all elements are true (not 0); true for none. */
export function all<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"all", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"all", ShapeOf<X>, A, O>>>;
export function all(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const keepDims = keeps("all", options);
  const tensor = truth("all", x);
  return builder.reduce("and", tensor, normalizeAxes("all", axes, tensor.rank), keepDims);
}

function argExtremum(op: "max" | "min", x: TensorLike, axis: number | undefined, keepDims: boolean): Tensor {
  const operation = `arg${op}`;
  const tensor = countable(operation, x);
  const flat = axis === undefined ? builder.reshape(tensor, [tensor.size]) : tensor;
  const place = normalizeAxis(operation, axis ?? 0, flat.rank);
  const index = builder.argReduce(op, flat, place);
  if (!keepDims) return index;
  return builder.reshape(
    index,
    tensor.shape.map((size, i) => (axis === undefined || i === place ? 1 : size)),
  );
}

/** The index (int32) of the first greatest element along an axis, or in row-major order; NaN wins. */
export function argmax<
  X extends TensorLike,
  const A extends number | undefined = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axis?: A & Fits<Reduced<"argmax", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"argmax", ShapeOf<X>, A, O>>>;
export function argmax(x: TensorLike, axis?: number, options: ReduceOptions = {}): Tensor {
  const keepDims = keeps("argmax", options);
  return argExtremum("max", x, axis, keepDims);
}

/** The index (int32) of the first smallest element along an axis, or in row-major order; NaN wins. */
export function argmin<
  X extends TensorLike,
  const A extends number | undefined = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axis?: A & Fits<Reduced<"argmin", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"argmin", ShapeOf<X>, A, O>>>;
export function argmin(x: TensorLike, axis?: number, options: ReduceOptions = {}): Tensor {
  const keepDims = keeps("argmin", options);
  return argExtremum("min", x, axis, keepDims);
}
