import type { IndexingParams } from "../ir/builder.ts";
import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, sameShape, toShape } from "../types/shape.ts";
import { describeValue } from "../types/trees.ts";
import { IndexError, ShapeError, StateError } from "../util/errors.ts";
import { indexOperand } from "./lookup.ts";
import { sizeFrom } from "./nonzero.ts";
import { countable, floatingOperand, promoteOperands } from "./operands.ts";
import { checkVector, placesIn } from "./search.ts";

export interface BincountOptions {
  /** What each element counts for, of x's shape; 1 unless given. */
  readonly weights?: TensorLike;
  /** The number of counts; read from the greatest element unless given, which tracing does not allow. */
  readonly length?: number;
  /** At least so many counts, where `length` is not given; 0 by default. */
  readonly minLength?: number;
}

export interface HistogramOptions {
  /** How many intervals of equal size (10 unless given), or their edges, which ascend: one more than intervals. */
  readonly bins?: number | TensorLike;
  /** From where to where intervals of equal size go; from the least element to the greatest unless given. */
  readonly range?: readonly [number, number];
  /** What each element counts for, of x's shape; 1 unless given. */
  readonly weights?: TensorLike;
  /** Whether counts are divided by their sum and the sizes of intervals, so that the integral is 1; false unless given. */
  readonly density?: boolean;
}

/** The sum of weights for each of `length` places, which are a vector; what is in place `length` is not counted. */
function totals(operation: string, places: Tensor, weights: Tensor, length: number): Tensor {
  const params: IndexingParams = { inner: 0, picked: 1, operation, axis: 0, places: [-1] };
  const none = builder.constant(0, [length], weights.dtype);
  return builder.scatter("add", none, places, weights, params);
}

/** Weights for each element, as a vector. @throws ShapeError */
function weightsOf(operation: string, x: Tensor, weights: TensorLike | undefined): Tensor {
  if (weights === undefined) return builder.constant(1, [x.size], "int32");
  const tensor = countable(operation, weights);
  if (sameShape(tensor.shape, x.shape)) return builder.reshape(tensor, [x.size]);
  throw new ShapeError(`weights have shape ${formatShape(tensor.shape)}, not ${formatShape(x.shape)}`, {
    operation,
    shapes: [tensor.shape, x.shape],
    remedy: "Give one for each element",
  });
}

/**
 * How often each of 0, 1, 2, ... occurs among whole numbers, or the sum of their weights: a vector, int32 or of the weights'
 * dtype (of bool, int32). It has as many places as the greatest number asks for, which is read, unless `length` is given.
 * @throws IndexError when the value is computed and a number is negative (it shows as one from 2^31 on) or not below `length`,
 * ShapeError for weights of another shape, TraceError inside of vmap and compile without `length`, StateError for an unknown option
 */
export function bincount(x: TensorLike, options: BincountOptions = {}): Tensor {
  const operation = "bincount";
  checkOptions(operation, options, ["weights", "length", "minLength"]);
  const { weights, length, minLength = 0 } = options;
  const tensor = indexOperand(operation, x);
  const own = weightsOf(operation, tensor, weights);
  // Without a sign, negative numbers are out of range instead of counted from the end.
  const numbers = builder.cast(builder.reshape(tensor, [tensor.size]), "uint32");
  const needed = (): Tensor =>
    tensor.size === 0
      ? builder.constant(0, [], "int32")
      : builder.add(builder.reduce("max", builder.reshape(tensor, [tensor.size]), [0]), 1);
  const count = length ?? Math.max(sizeFrom(operation, {}, needed), minLength);
  return totals(operation, numbers, own, toShape([count], operation)[0]);
}

/**
 * Counts of elements in intervals that lie side by side, or sums of their weights, and the edges of the intervals:
 * `[counts, edges]`, vectors of n and n + 1. An interval holds its left edge, the last one both; what is outside, and NaN, is not
 * counted. Counts are int32, or of the weights' dtype, with `density` floating. Edges are in x's dtype, float32 for integers.
 * The derivative by the weights is exact; by x it is that of edges taken from the data, and 0 but for those.
 * @throws ShapeError, IndexError for a range that is none, StateError for an unknown option
 */
export function histogram(x: TensorLike, options: HistogramOptions = {}): [counts: Tensor, edges: Tensor] {
  const operation = "histogram";
  checkOptions(operation, options, ["bins", "range", "weights", "density"]);
  const { bins = 10, range, weights, density = false } = options;
  const given = asTensor(x, operation);
  const own = weightsOf(operation, given, weights);
  const values = floatingOperand(operation, builder.reshape(given, [given.size]));
  const edges = typeof bins === "number" ? evenEdges(values, bins, range) : checkEdges(operation, bins);
  const count = edges.size - 1;
  const [bounds, numbers] = promoteOperands(operation, [edges, values]);
  const place = builder.sub(placesIn(operation, bounds, numbers, true), 1);
  const last = builder.broadcast(builder.slice(bounds, [count], [count + 1]), numbers.shape);
  const isLast = builder.compare("equal", numbers, last);
  const isBelow = builder.compare("less", place, 0);
  // What is outside of all intervals goes to one place more, which is cut off.
  const target = builder.where(isBelow, count, builder.where(isLast, count - 1, place));
  const counts = builder.slice(totals(operation, target, own, count + 1), [0], [count]);
  return [density ? densityOf(counts, bounds) : counts, edges];
}

function densityOf(counts: Tensor, edges: Tensor): Tensor {
  const n = counts.size;
  const sizes = builder.sub(builder.slice(edges, [1], [n + 1]), builder.slice(edges, [0], [n]));
  const [own, widths] = promoteOperands("histogram", [floatingOperand("histogram", counts), sizes]);
  const total = builder.broadcast(builder.reduce("sum", own, [0]), own.shape);
  return builder.div(own, builder.mul(total, widths));
}

function checkEdges(operation: string, edges: TensorLike): Tensor {
  const tensor = floatingOperand(operation, checkVector(operation, edges));
  if (tensor.size >= 2) return tensor;
  throw new ShapeError(`${tensor.size} edges make no interval`, {
    operation,
    shapes: [tensor.shape],
    remedy: "Give at least two, or a number of intervals",
  });
}

/** Edges at equal distances, computed in float64 and rounded once. */
function evenEdges(values: Tensor, count: number, range: readonly [number, number] | undefined): Tensor {
  if (!Number.isInteger(count) || count < 1) {
    throw new StateError(`bins is ${describeValue(count)}`, {
      operation: "histogram",
      remedy: "Give a whole number, at least 1, or the edges",
    });
  }
  const [low, high] = range === undefined ? extent(values) : givenExtent(range);
  const index = builder.iota(count + 1, "float64");
  const along = (x: Tensor): Tensor => builder.broadcast(x, index.shape);
  const step = builder.div(builder.sub(high, low), count);
  const inner = builder.add(along(low), builder.mul(along(step), index));
  const edges = builder.where(builder.compare("equal", index, count), along(high), inner);
  return builder.cast(edges, values.dtype);
}

/** The least and the greatest element, half a unit around them where they are the same; of nothing, 0 and 1. */
function extent(values: Tensor): [Tensor, Tensor] {
  if (values.size === 0) return givenExtent([0, 1]);
  const wide = builder.cast(values, "float64");
  return apart(builder.reduce("min", wide, [0]), builder.reduce("max", wide, [0]));
}

function givenExtent(range: readonly [number, number]): [Tensor, Tensor] {
  if (Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0] <= range[1]) {
    const [low, high] = range.map((end) => builder.constant(end, [], "float64"));
    return apart(low, high);
  }
  throw new IndexError(`range is ${describeValue(range)}`, {
    operation: "histogram",
    remedy: "Give two finite numbers, the smaller one first",
  });
}

function apart(low: Tensor, high: Tensor): [Tensor, Tensor] {
  const isPoint = builder.compare("equal", low, high);
  return [
    builder.where(isPoint, builder.sub(low, 0.5), low),
    builder.where(isPoint, builder.add(high, 0.5), high),
  ];
}
