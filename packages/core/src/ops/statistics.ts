import type { Tensor } from "../ir/tensor.ts";
import { scalarData, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { isFloating } from "../types/dtype.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, normalizeAxes, sizeOf, stretches } from "../types/shape.ts";
import type { Fits, Reduced, Settled, ShapeOf, StaticAxes } from "../types/static/index.ts";
import { ShapeError } from "../util/errors.ts";
import { broadcastOperands, countable, floatingOperand, promoteOperands } from "./operands.ts";
import type { Axes, ReduceOptions } from "./reduce.ts";

export interface AverageOptions extends ReduceOptions {
  /** How much each element counts: of x's shape, or what broadcasts to it, or a vector along the axis; equally unless given. */
  readonly weights?: TensorLike;
}

export interface CovarianceOptions {
  /** Divide by n - correction: 1, the default, for the estimate from a sample, 0 for a population. */
  readonly correction?: number;
}

export interface IsCloseOptions {
  /** How far apart, relative to y; 1e-5 unless given. */
  readonly rtol?: number;
  /** How far apart in any case; 1e-8 unless given. */
  readonly atol?: number;
  /** Whether NaN is close to NaN; false unless given. */
  readonly equalNaN?: boolean;
}

/** What reductions that leave out NaN are made of. */
interface Present {
  readonly x: Tensor;
  /** Null for dtypes that have no NaN. */
  readonly isNaN: Tensor | null;
  readonly list: readonly number[];
  readonly keepDims: boolean;
}

function present(operation: string, x: Tensor, axes: Axes, options: ReduceOptions): Present {
  checkOptions(operation, options, ["keepDims"]);
  return {
    x,
    isNaN: isFloating(x.dtype) ? builder.isNaN(x) : null,
    list: normalizeAxes(operation, axes, x.rank),
    keepDims: options.keepDims ?? false,
  };
}

const filled = ({ x, isNaN }: Present, value: number): Tensor =>
  isNaN === null ? x.node : builder.where(isNaN, value, x);

/** The sum of all elements that are not NaN, or along axes; 0 for none; of bool, int32. @throws StateError for an unknown option */
export function nansum<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"nansum", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"nansum", ShapeOf<X>, A, O>>>;
export function nansum(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const from = present("nansum", countable("nansum", x), axes, options);
  return builder.reduce("sum", filled(from, 0), from.list, from.keepDims);
}

/**
 * The mean of all elements that are not NaN, or along axes; NaN for none; integers and bool give float32.
 * @throws StateError for an unknown option
 */
export function nanmean<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"nanmean", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"nanmean", ShapeOf<X>, A, O>>>;
export function nanmean(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const from = present("nanmean", floatingOperand("nanmean", x), axes, options);
  const count = builder.reduce(
    "sum",
    builder.cast(builder.not(from.isNaN as Tensor), from.x.dtype),
    from.list,
    from.keepDims,
  );
  const total = builder.reduce("sum", filled(from, 0), from.list, from.keepDims);
  return builder.where(
    builder.compare("equal", count, 0),
    Number.NaN,
    builder.div(total, builder.max(count, 1)),
  );
}

/** The greatest or the smallest element, NaN where all are. */
function extremum(op: "max" | "min", x: TensorLike, axes: Axes, options: ReduceOptions): Tensor {
  const operation = `nan${op}`;
  const from = present(operation, countable(operation, x), axes, options);
  const beyond = op === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (from.isNaN === null) return builder.reduce(op, from.x, from.list, from.keepDims);
  if (sizeOf(from.list.map((axis) => from.x.shape[axis])) === 0) {
    throw new ShapeError(`${op} of nothing: shape ${formatShape(from.x.shape)}`, {
      operation,
      shapes: [from.x.shape],
      remedy: "Reduce axes that are not empty",
    });
  }
  const result = builder.reduce(op, filled(from, beyond), from.list, from.keepDims);
  const none = builder.reduce("and", from.isNaN, from.list, from.keepDims);
  return builder.where(none, Number.NaN, result);
}

/**
 * The greatest element that is not NaN, or along axes; NaN where all are; ties share the gradient; of bool, int32.
 * @throws ShapeError for no elements, StateError for an unknown option
 */
export function nanmax<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"nanmax", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"nanmax", ShapeOf<X>, A, O>>>;
export function nanmax(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return extremum("max", x, axes, options);
}

/**
 * The smallest element that is not NaN, or along axes; NaN where all are; ties share the gradient; of bool, int32.
 * @throws ShapeError for no elements, StateError for an unknown option
 */
export function nanmin<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"nanmin", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"nanmin", ShapeOf<X>, A, O>>>;
export function nanmin(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  return extremum("min", x, axes, options);
}

/**
 * The weighted mean of all elements, or along axes: sum(w * x) / sum(w). Integers and bool give float32.
 * @throws ShapeError for weights that do not fit, StateError for an unknown option
 */
export function average<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends AverageOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"average", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"average", ShapeOf<X>, A, O>>>;
export function average(x: TensorLike, axes?: Axes, options: AverageOptions = {}): Tensor {
  const operation = "average";
  checkOptions(operation, options, ["keepDims", "weights"]);
  const { keepDims = false, weights = 1 } = options;
  const [values, given] = promoteOperands(operation, [floatingOperand(operation, x), weights]);
  const list = normalizeAxes(operation, axes, values.rank);
  const spread = spreadWeights(values, given, list);
  const total = (z: Tensor): Tensor => builder.reduce("sum", z, list, keepDims);
  return builder.div(total(builder.mul(values, spread)), total(spread));
}

function spreadWeights({ shape }: Tensor, weights: Tensor, list: readonly number[]): Tensor {
  const isVector = list.length === 1 && weights.rank === 1 && weights.size === shape[list[0]];
  const aligned = isVector
    ? builder.reshape(
        weights,
        shape.map((_, axis) => (axis === list[0] ? weights.size : 1)),
      )
    : weights;
  if (stretches(aligned.shape, shape)) return builder.broadcast(aligned, shape);
  throw new ShapeError(`weights of shape ${formatShape(weights.shape)} do not fit ${formatShape(shape)}`, {
    operation: "average",
    shapes: [weights.shape, shape],
    remedy: "Give weights of that shape, or a vector along the axis",
  });
}

/** Rows that are variables, columns that are observations; each row without its mean. */
function centered(operation: string, x: TensorLike): Tensor {
  const tensor = floatingOperand(operation, x);
  if (tensor.rank === 0 || tensor.rank > 2) {
    throw new ShapeError(`shape ${formatShape(tensor.shape)} is neither a vector nor a matrix`, {
      operation,
      shapes: [tensor.shape],
      remedy: "Give a row of observations for each variable",
    });
  }
  const axis = tensor.rank - 1;
  const total = builder.reduce("sum", tensor, [axis], true);
  const mean = builder.div(total, builder.literal(tensor.shape[axis], total));
  return builder.sub(tensor, builder.broadcast(mean, tensor.shape));
}

function covariance(operation: string, x: TensorLike, correction: number): Tensor {
  const deviations = centered(operation, x);
  const axis = deviations.rank - 1;
  const products = builder.dot(deviations, deviations, { contract: [[axis], [axis]], batch: [[], []] });
  return builder.div(products, builder.literal(deviations.shape[axis] - correction, products));
}

/**
 * The covariances of variables: x has a row of observations for each, [m, n] gives [m, m], a vector its variance. Divided by
 * n - 1 unless `correction` is another number. Integers and bool give float32.
 * @throws ShapeError for more than two axes, StateError for an unknown option
 */
export function cov(x: TensorLike, options: CovarianceOptions = {}): Tensor {
  checkOptions("cov", options, ["correction"]);
  return covariance("cov", x, options.correction ?? 1);
}

/**
 * The correlations of variables: x has a row of observations for each, [m, n] gives [m, m], a vector 1. Between -1 and 1;
 * NaN for a variable that does not vary. Integers and bool give float32. @throws ShapeError for more than two axes
 */
export function corrcoef(x: TensorLike): Tensor {
  const products = covariance("corrcoef", x, 0);
  if (products.rank === 0) return builder.div(products, products);
  const [m] = products.shape;
  const isDiagonal = builder.compare(
    "equal",
    builder.broadcast(builder.reshape(builder.iota(m, "int32"), [m, 1]), [m, m]),
    builder.broadcast(builder.iota(m, "int32"), [m, m]),
  );
  const deviations = builder.sqrt(builder.reduce("sum", builder.where(isDiagonal, products, 0), [1]));
  const [own, other] = [builder.reshape(deviations, [m, 1]), deviations].map((z) =>
    builder.broadcast(z, [m, m]),
  );
  const ratios = builder.div(builder.div(products, own), other);
  return builder.where(isDiagonal, builder.div(products, products), ratios);
}

/**
 * Whether elements are nearly equal: |x - y| <= atol + rtol * |y|, with broadcasting; equal infinities are, NaN is only with
 * `equalNaN`. bool; no derivative. @throws StateError for an unknown option
 */
export function isClose(x: TensorLike, y: TensorLike, options: IsCloseOptions = {}): Tensor {
  return closeness("isClose", x, y, options);
}

function closeness(operation: string, x: TensorLike, y: TensorLike, options: IsCloseOptions): Tensor {
  checkOptions(operation, options, ["rtol", "atol", "equalNaN"]);
  const { rtol = 1e-5, atol = 1e-8, equalNaN = false } = options;
  const [a, b] = broadcastOperands(operation, [x, y]).map((z) => floatingOperand(operation, z));
  const number = (value: number): Tensor => builder.broadcast(scalarData(value, a.dtype), a.shape);
  const isSame = builder.compare("equal", a, b);
  const bound = builder.add(number(atol), builder.mul(number(rtol), builder.abs(b)));
  const isNear = builder.compare("lessEqual", builder.abs(builder.sub(a, b)), bound);
  const isBounded = builder.compare("less", builder.abs(b), Number.POSITIVE_INFINITY);
  const close = builder.bitwise("or", isSame, builder.bitwise("and", isNear, isBounded));
  if (!equalNaN) return close;
  return builder.bitwise("or", close, builder.bitwise("and", builder.isNaN(a), builder.isNaN(b)));
}

/** Whether all elements are nearly equal, as `isClose` says of each: a bool scalar; true for none. @throws StateError as that */
export function allClose(x: TensorLike, y: TensorLike, options?: IsCloseOptions): Tensor<readonly []>;
export function allClose(x: TensorLike, y: TensorLike, options: IsCloseOptions = {}): Tensor {
  const close = closeness("allClose", x, y, options);
  return builder.reduce("and", close, [...close.shape.keys()]);
}
