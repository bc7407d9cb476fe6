import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { broadcastShapes, formatShape, normalizeAxis, removeAxes, stretches } from "../types/shape.ts";
import type { ShapeOf } from "../types/static/index.ts";
import { IndexError, ShapeError } from "../util/errors.ts";
import { section } from "./arrange.ts";
import { countable, floatingOperand, promoteOperands } from "./operands.ts";

export interface CumulativeOptions {
  /** From the last element to the first. */
  readonly reverse?: boolean;
}

export interface ExclusiveOptions extends CumulativeOptions {
  /** Without the element itself: what stands before each one, beginning with 0 (for cumprod 1). */
  readonly exclusive?: boolean;
}

export interface AffineScanOptions extends CumulativeOptions {
  /** The axis of time, the first by default; negative ones count from the end. */
  readonly axis?: number;
  /** h before the first step, which broadcasts to a state's shape; 0 unless given. */
  readonly initial?: TensorLike;
}

export interface DiffOptions {
  /** How many times differences are taken; 1 unless given. */
  readonly n?: number;
  /** The last by default. */
  readonly axis?: number;
  /** Stands before x along the axis. */
  readonly prepend?: TensorLike;
  /** Stands behind x along the axis. */
  readonly append?: TensorLike;
}

/** What is walked along, as a tensor that has the axis: without an axis, all elements in row-major order. */
interface Walk {
  readonly x: Tensor;
  readonly axis: number;
}

const along = (operation: string, x: Tensor, axis: number | undefined): Walk => {
  if (axis === undefined) return { x: builder.reshape(x, [x.size]), axis: 0 };
  return { x: x.node, axis: normalizeAxis(operation, axis, x.rank) };
};

function isReversed(operation: string, options: CumulativeOptions): boolean {
  checkOptions(operation, options, ["reverse"]);
  return options.reverse ?? false;
}

/** Totals one place later, with `first` in the place that becomes free. */
function later(totals: Tensor, axis: number, reverse: boolean, first: number): Tensor {
  const size = totals.shape[axis];
  if (size === 0) return totals;
  const start = builder.constant(first, removeAxes(totals.shape, [axis], true), totals.dtype);
  const rest = reverse ? section(totals, axis, 1, size) : section(totals, axis, 0, size - 1);
  return builder.concat(reverse ? [rest, start] : [start, rest], axis);
}

/**
 * The sum of all elements up to each one along an axis, or (axis undefined) of all elements in row-major order, as a
 * vector. With `reverse`, from each element to the end; with `exclusive`, without the element itself. bool is counted as
 * int32. Float32 is summed in float64 and each total rounded once; float64 in order, within n * 2^-53 of sum(|x|).
 */
export function cumsum<X extends TensorLike>(
  x: X,
  axis: number,
  options?: ExclusiveOptions,
): Tensor<ShapeOf<X>>;
export function cumsum(
  x: TensorLike,
  axis?: undefined,
  options?: ExclusiveOptions,
): Tensor<readonly [number]>;
export function cumsum(x: TensorLike, axis?: number, options?: ExclusiveOptions): Tensor;
export function cumsum(x: TensorLike, axis?: number, options: ExclusiveOptions = {}): Tensor {
  checkOptions("cumsum", options, ["reverse", "exclusive"]);
  const { reverse = false, exclusive = false } = options;
  const walk = along("cumsum", countable("cumsum", x), axis);
  const totals = builder.cumulative("sum", walk.x, walk.axis, reverse);
  return exclusive ? later(totals, walk.axis, reverse, 0) : totals;
}

/**
 * The product of all elements up to each one along an axis, or (axis undefined) in row-major order, as a vector; options
 * as for `cumsum`. The gradient is exact with zeros among the factors, to any order.
 */
export function cumprod<X extends TensorLike>(
  x: X,
  axis: number,
  options?: ExclusiveOptions,
): Tensor<ShapeOf<X>>;
export function cumprod(
  x: TensorLike,
  axis?: undefined,
  options?: ExclusiveOptions,
): Tensor<readonly [number]>;
export function cumprod(x: TensorLike, axis?: number, options?: ExclusiveOptions): Tensor;
export function cumprod(x: TensorLike, axis?: number, options: ExclusiveOptions = {}): Tensor {
  checkOptions("cumprod", options, ["reverse", "exclusive"]);
  const { reverse = false, exclusive = false } = options;
  const walk = along("cumprod", countable("cumprod", x), axis);
  const totals = builder.cumulative("prod", walk.x, walk.axis, reverse);
  return exclusive ? later(totals, walk.axis, reverse, 1) : totals;
}

/**
 * The greatest element up to each one along an axis, or (axis undefined) in row-major order, as a vector; NaN from the
 * first NaN on. The gradient goes to the element that holds the record: the first of several equal ones.
 */
export function cummax<X extends TensorLike>(
  x: X,
  axis: number,
  options?: CumulativeOptions,
): Tensor<ShapeOf<X>>;
export function cummax(
  x: TensorLike,
  axis?: undefined,
  options?: CumulativeOptions,
): Tensor<readonly [number]>;
export function cummax(x: TensorLike, axis?: number, options?: CumulativeOptions): Tensor;
export function cummax(x: TensorLike, axis?: number, options: CumulativeOptions = {}): Tensor {
  const reverse = isReversed("cummax", options);
  const walk = along("cummax", countable("cummax", x), axis);
  return builder.cumulative("max", walk.x, walk.axis, reverse);
}

/**
 * The smallest element up to each one along an axis, or (axis undefined) in row-major order, as a vector; NaN from the
 * first NaN on. The gradient goes to the element that holds the record: the first of several equal ones.
 */
export function cummin<X extends TensorLike>(
  x: X,
  axis: number,
  options?: CumulativeOptions,
): Tensor<ShapeOf<X>>;
export function cummin(
  x: TensorLike,
  axis?: undefined,
  options?: CumulativeOptions,
): Tensor<readonly [number]>;
export function cummin(x: TensorLike, axis?: number, options?: CumulativeOptions): Tensor;
export function cummin(x: TensorLike, axis?: number, options: CumulativeOptions = {}): Tensor {
  const reverse = isReversed("cummin", options);
  const walk = along("cummin", countable("cummin", x), axis);
  return builder.cumulative("min", walk.x, walk.axis, reverse);
}

/**
 * log(cumsum(exp(x))) without overflow or underflow along an axis, or (axis undefined) in row-major order, as a vector;
 * -infinity while there are only such. Values and derivatives are finite for all finite x.
 */
export function logcumsumexp<X extends TensorLike>(
  x: X,
  axis: number,
  options?: CumulativeOptions,
): Tensor<ShapeOf<X>>;
export function logcumsumexp(
  x: TensorLike,
  axis?: undefined,
  options?: CumulativeOptions,
): Tensor<readonly [number]>;
export function logcumsumexp(x: TensorLike, axis?: number, options?: CumulativeOptions): Tensor;
export function logcumsumexp(x: TensorLike, axis?: number, options: CumulativeOptions = {}): Tensor {
  const reverse = isReversed("logcumsumexp", options);
  const walk = along("logcumsumexp", floatingOperand("logcumsumexp", x), axis);
  // s[t] = sum(exp(x[i] - m[t]), i <= t) for the running maximum m: s[t] = exp(m[t-1] - m[t]) * s[t-1] + exp(x[t] - m[t]).
  const greatest = builder.stopGradient(builder.cumulative("max", walk.x, walk.axis, reverse));
  // Infinite maxima are not subtracted: infinity - infinity is NaN.
  const finite = builder.compare("less", builder.abs(greatest), Number.POSITIVE_INFINITY);
  const shift = builder.where(finite, greatest, 0);
  const decay = builder.exp(
    builder.sub(later(greatest, walk.axis, reverse, Number.NEGATIVE_INFINITY), shift),
  );
  const total = builder.affine(decay, builder.exp(builder.sub(walk.x, shift)), walk.axis, reverse);
  const nothing = builder.compare("equal", total, 0);
  const logarithm = builder.where(
    nothing,
    Number.NEGATIVE_INFINITY,
    builder.log(builder.where(nothing, 1, total)),
  );
  return builder.add(logarithm, shift);
}

/**
 * The linear recurrence h[t] = a[t] * h[t-1] + b[t] along an axis (the first by default): all h, in the shape that a and b
 * broadcast to, in their common dtype. An exponential moving average of x is `affineScan(0.9, x.mul(0.1))`.
 * `initial` stands before the first step; `reverse` walks from the last element to the first. One pass in linear time, and
 * derivatives of every order are such passes again. @throws IndexError for a scalar
 */
export function affineScan(a: TensorLike, b: TensorLike, options: AffineScanOptions = {}): Tensor {
  checkOptions("affineScan", options, ["axis", "reverse", "initial"]);
  const { axis = 0, reverse = false, initial } = options;
  const [first, second, before] = scanOperands(a, b, initial);
  const place = normalizeAxis("affineScan", axis, first.rank);
  const size = first.shape[place];
  if (before === null) return builder.affine(first, second, place, reverse);
  const state = removeAxes(first.shape, [place]);
  if (!stretches(before.shape, state)) {
    throw new ShapeError(`initial of shape ${formatShape(before.shape)} is no state ${formatShape(state)}`, {
      operation: "affineScan",
      shapes: [before.shape, first.shape],
      remedy: "A state has the shape of a and b without the axis",
    });
  }
  if (size === 0) return first;
  const start = builder.reshape(builder.broadcast(before, state), removeAxes(first.shape, [place], true));
  const [from, to] = reverse ? [size - 1, size] : [0, 1];
  const head = builder.add(
    builder.mul(section(first, place, from, to), start),
    section(second, place, from, to),
  );
  const rest = reverse ? section(second, place, 0, size - 1) : section(second, place, 1, size);
  return builder.affine(first, builder.concat(reverse ? [rest, head] : [head, rest], place), place, reverse);
}

/** Factors and terms of one shape, and the first state, all of one dtype. */
function scanOperands(
  a: TensorLike,
  b: TensorLike,
  initial: TensorLike | undefined,
): [Tensor, Tensor, Tensor | null] {
  const promoted = promoteOperands("affineScan", initial === undefined ? [a, b] : [a, b, initial]);
  const [first, second, third = null] = promoted.map((x) => countable("affineScan", x));
  const shape = broadcastShapes("affineScan", first.shape, second.shape);
  return [builder.broadcast(first, shape), builder.broadcast(second, shape), third];
}

/**
 * Differences of neighbours along an axis (the last by default), x[i + 1] - x[i], taken n times: the axis becomes n shorter,
 * down to 0. `prepend` and `append` are joined to x first: numbers, or tensors that broadcast to x's shape outside of the axis.
 * bool is counted as int32. @throws IndexError for a scalar, or an n that is not 0, 1, 2, ..., ShapeError, StateError for an unknown option
 */
export function diff(x: TensorLike, options: DiffOptions = {}): Tensor {
  checkOptions("diff", options, ["n", "axis", "prepend", "append"]);
  const { n = 1, axis = -1, prepend, append } = options;
  if (!Number.isInteger(n) || n < 0) {
    throw new IndexError(`differences cannot be taken ${n} times`, {
      operation: "diff",
      remedy: "n is 0, 1, 2, ...",
    });
  }
  let result = joined(x, axis, prepend, append);
  const place = normalizeAxis("diff", axis, result.rank);
  for (let i = 0; i < n && result.shape[place] > 0; i++) {
    const size = result.shape[place];
    result = builder.sub(section(result, place, 1, size), section(result, place, 0, size - 1));
  }
  return result;
}

/** x with what stands before and behind it along an axis. */
function joined(
  x: TensorLike,
  axis: number,
  prepend: TensorLike | undefined,
  append: TensorLike | undefined,
): Tensor {
  const parts = [prepend, asTensor(x, "diff"), append].filter((part) => part !== undefined);
  const promoted = promoteOperands("diff", parts);
  const tensors = promoted.map((part) => countable("diff", part));
  const own = tensors[prepend === undefined ? 0 : 1];
  const place = normalizeAxis("diff", axis, own.rank);
  const fitting = tensors.map((part) => {
    const size = part.rank === 0 ? 1 : part.shape[part.rank - own.rank + place];
    const shape = own.shape.map((other, i) => (i === place ? size : other));
    if (part === own || (size !== undefined && stretches(part.shape, shape))) {
      return builder.broadcast(part, part === own ? own.shape : shape);
    }
    throw new ShapeError(
      `${formatShape(part.shape)} cannot be joined to ${formatShape(own.shape)} along axis ${place}`,
      {
        operation: "diff",
        shapes: [part.shape, own.shape],
        remedy: "Outside of that axis, sizes must be equal or 1",
      },
    );
  });
  return builder.concat(fitting, place);
}
