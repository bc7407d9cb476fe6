import { isTensor, type Tensor } from "../ir/tensor.ts";
import { fromValues, scalarData, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, normalizeAxes, removeAxes, type Shape, sizeOf } from "../types/shape.ts";
import type { Fits, Reduced, Settled, ShapeOf, StaticAxes } from "../types/static/index.ts";
import { describeValue } from "../types/trees.ts";
import { IndexError, ShapeError, StateError } from "../util/errors.ts";
import { last } from "./lookup.ts";
import { floatingOperand } from "./operands.ts";
import type { Axes, ReduceOptions } from "./reduce.ts";

/** What a quantile is that lies between two elements. */
export type QuantileMethod = "linear" | "lower" | "higher" | "nearest" | "midpoint";

export interface QuantileOptions extends ReduceOptions {
  /**
   * Between two elements: on the line between them ("linear", the default), the smaller ("lower"), the greater ("higher"), the
   * nearer, of equally near ones that with the even place ("nearest"), or their mean ("midpoint").
   */
  readonly method?: QuantileMethod;
}

const METHODS: readonly QuantileMethod[] = ["linear", "lower", "higher", "nearest", "midpoint"];

/** The elements along axes, and the order that sorts them, as the last axis. */
interface Ordered {
  readonly rows: Tensor;
  readonly order: Tensor;
  readonly count: number;
  /** The shape of one result. */
  readonly shape: readonly number[];
}

function ordered(operation: string, x: TensorLike, axes: Axes, keepDims: boolean): Ordered {
  const tensor = floatingOperand(operation, x);
  const list = normalizeAxes(operation, axes, tensor.rank);
  const kept = [...tensor.shape.keys()].filter((axis) => !list.includes(axis));
  const leading = kept.map((axis) => tensor.shape[axis]);
  const count = sizeOf(list.map((axis) => tensor.shape[axis]));
  if (count === 0) {
    throw new ShapeError(`there are no elements in ${formatShape(tensor.shape)} to choose from`, {
      operation,
      shapes: [tensor.shape],
      remedy: "Reduce axes that are not empty",
    });
  }
  const rows = builder.reshape(builder.permute(tensor, [...kept, ...list]), [...leading, count]);
  const order = builder.argSort(rows, leading.length);
  return { rows, order, count, shape: removeAxes(tensor.shape, list, keepDims) };
}

/** What stands at some places of each row, of the same for all. */
function elementsAt(operation: string, { rows, order }: Ordered, places: Tensor): Tensor {
  const leading = rows.shape.slice(0, -1);
  const params = {
    inner: 0,
    picked: places.rank,
    operation,
    axis: leading.length,
    places: last(places.rank),
  };
  // First which elements these are, then only those: the gradient, too, is about no others.
  const which = builder.gather(order, builder.broadcast(places, [...leading, ...places.shape]), params);
  return builder.gather(rows, which, params);
}

/** What stands `share` of the way from a to b, which is not smaller. Equal infinities have nothing between them. */
function between(a: Tensor, b: Tensor, share: Tensor): Tensor {
  const isInfinite = builder.compare("equal", builder.abs(a), Number.POSITIVE_INFINITY);
  const isNowhere = builder.bitwise("and", isInfinite, builder.compare("equal", a, b));
  return builder.add(a, builder.mul(builder.where(isNowhere, 0, builder.sub(b, a)), share));
}

/** NaN, which is sorted last, wins. */
function orNaN(result: Tensor, operation: string, from: Ordered): Tensor {
  const leading = from.rows.shape.slice(0, -1);
  const end = builder.constant(from.count - 1, [], "int32");
  const trailing = new Array<number>(result.rank - leading.length).fill(1);
  const greatest = builder.reshape(elementsAt(operation, from, end), [...leading, ...trailing]);
  const all = builder.broadcast(greatest, result.shape);
  return builder.where(builder.isNaN(all), all, result);
}

/** Places and shares for numbers between 0 and 1. */
function placed(
  q: Tensor,
  count: number,
  method: QuantileMethod,
): { low: Tensor; high: Tensor; share: Tensor } {
  const position = builder.mul(q, count - 1);
  const [low, high] = [builder.floor(position), builder.ceil(position)];
  const zero = builder.literal(0, position);
  if (method === "lower") return { low, high: low, share: zero };
  if (method === "higher") return { low: high, high, share: zero };
  if (method === "nearest")
    return { low: builder.round(position), high: builder.round(position), share: zero };
  return {
    low,
    high,
    share: method === "linear" ? builder.sub(position, low) : builder.literal(0.5, position),
  };
}

/** The quantiles as float64. @throws StateError for numbers that are none, DTypeError */
function fractions(operation: string, q: TensorLike, whole: number): Tensor {
  if (isTensor(q)) return builder.div(builder.cast(floatingOperand(operation, q), "float64"), whole);
  const values = typeof q === "number" ? [q] : [...fromValues(q, { dtype: "float64" }, operation).dataSync()];
  const wrong = values.find((value) => !(value >= 0 && value <= whole));
  if (wrong !== undefined) {
    throw new IndexError(`${wrong} is not between 0 and ${whole}`, {
      operation,
      remedy: whole === 1 ? "Give shares; percentile takes percentages" : "Give percentages",
    });
  }
  if (typeof q === "number") return scalarData(q / whole, "float64");
  const given = fromValues(q, { dtype: "float64" }, operation);
  return whole === 1 ? given : builder.div(given, whole);
}

function quantiles(
  operation: string,
  x: TensorLike,
  q: TensorLike,
  whole: number,
  axes: Axes,
  options: QuantileOptions,
): Tensor {
  checkOptions(operation, options, ["keepDims", "method"]);
  const { keepDims = false, method = "linear" } = options;
  if (!METHODS.includes(method)) {
    throw new StateError(`method is ${describeValue(method)}`, {
      operation,
      remedy: `It is one of ${METHODS.join(", ")}`,
    });
  }
  const from = ordered(operation, x, axes, keepDims);
  const { rows, count, shape } = from;
  const shares = fractions(operation, q, whole);
  // What is not between 0 and 1, in a tensor, becomes NaN in the end.
  const isValid = builder.bitwise(
    "and",
    builder.compare("greaterEqual", shares, 0),
    builder.compare("lessEqual", shares, 1),
  );
  const { low, high, share } = placed(builder.where(isValid, shares, 0), count, method);
  const element = (place: Tensor): Tensor => elementsAt(operation, from, builder.cast(place, "int32"));
  const a = element(low);
  const spread = (z: Tensor): Tensor => builder.broadcast(z, a.shape);
  const exact = low === high ? a : between(a, element(high), spread(builder.cast(share, a.dtype)));
  const result = builder.where(spread(isValid), orNaN(exact, operation, from), Number.NaN);
  // The axes of q come first.
  const leading = rows.rank - 1;
  const own = Array.from({ length: shares.rank }, (_, i) => leading + i);
  const front = builder.permute(result, [...own, ...Array.from({ length: leading }, (_, i) => i)]);
  return builder.reshape(front, [...shares.shape, ...shape]);
}

/**
 * What a share q of the elements is not above, along axes (all by default): the element at place q * (n - 1) in ascending
 * order, or what `method` makes of the two around it. q is a number from 0 to 1, or a tensor of such: its axes come first in
 * the result. NaN where one of the elements, or q, is NaN, or a tensor's q is not between 0 and 1. Integers and bool give
 * float32. The gradient goes to the elements that are chosen, the first of equal ones before the others, and to q. A full sort.
 * @throws ShapeError for no elements, IndexError for a number q below 0 or above 1, StateError for an unknown option
 */
export function quantile<
  X extends TensorLike,
  const Q extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends QuantileOptions = Record<never, never>,
>(
  x: X,
  q: Q,
  axes?: A & Fits<Reduced<"quantile", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Q extends number ? Settled<Reduced<"quantile", ShapeOf<X>, A, O>> : Shape>;
export function quantile(x: TensorLike, q: TensorLike, axes?: Axes, options: QuantileOptions = {}): Tensor {
  return quantiles("quantile", x, q, 1, axes, options);
}

/**
 * What q percent of the elements along axes are not above: `quantile(x, q / 100, axes, options)`, q is from 0 to 100.
 * @throws ShapeError, IndexError, StateError as that
 */
export function percentile<
  X extends TensorLike,
  const Q extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends QuantileOptions = Record<never, never>,
>(
  x: X,
  q: Q,
  axes?: A & Fits<Reduced<"percentile", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Q extends number ? Settled<Reduced<"percentile", ShapeOf<X>, A, O>> : Shape>;
export function percentile(x: TensorLike, q: TensorLike, axes?: Axes, options: QuantileOptions = {}): Tensor {
  return quantiles("percentile", x, q, 100, axes, options);
}

/**
 * The element in the middle along axes (all by default), or the mean of the two there; NaN where there is one. Integers and
 * bool give float32. The gradient goes to that element, or half of it to each of the two. A full sort.
 * @throws ShapeError for no elements, StateError for an unknown option
 */
export function median<
  X extends TensorLike,
  const A extends StaticAxes = undefined,
  const O extends ReduceOptions = Record<never, never>,
>(
  x: X,
  axes?: A & Fits<Reduced<"median", ShapeOf<X>, A, O>>,
  options?: O,
): Tensor<Settled<Reduced<"median", ShapeOf<X>, A, O>>>;
export function median(x: TensorLike, axes?: Axes, options: ReduceOptions = {}): Tensor {
  checkOptions("median", options, ["keepDims"]);
  const from = ordered("median", x, axes, options.keepDims ?? false);
  const element = (place: number): Tensor => elementsAt("median", from, builder.constant(place, [], "int32"));
  const low = element((from.count - 1) >> 1);
  const middle =
    from.count % 2 === 1 ? low : between(low, element(from.count >> 1), builder.literal(0.5, low));
  return builder.reshape(orNaN(middle, "median", from), from.shape);
}
