import type { IndexingParams, ScatterOp } from "../ir/builder.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import type { DType } from "../types/dtype.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, type Shape, sameShape, sizeOf, toShape } from "../types/shape.ts";
import { ShapeError } from "../util/errors.ts";
import { checkedIndex, indexOperand, last } from "./lookup.ts";
import { countable, floatingOperand } from "./operands.ts";

/** What reductions of segments make. */
export interface SegmentOptions {
  /** The number of segments: the size of the result's first axis. */
  readonly numSegments: number;
}

/** x as rows, the segment of each, and the shape of the result. */
interface Segments {
  readonly values: Tensor;
  readonly ids: Tensor;
  readonly row: Shape;
  readonly shape: Shape;
  readonly params: IndexingParams;
}

function segmentsOf(operation: string, values: Tensor, given: TensorLike, options: SegmentOptions): Segments {
  checkOptions(operation, options, ["numSegments"]);
  const ids = indexOperand(operation, given);
  if (!sameShape(ids.shape, values.shape.slice(0, ids.rank))) {
    throw new ShapeError(
      `segment ids of shape ${formatShape(ids.shape)} are not the first axes of x ${formatShape(values.shape)}`,
      { operation, shapes: [values.shape, ids.shape], remedy: "Give one id for each x[i]" },
    );
  }
  const row = values.shape.slice(ids.rank);
  return {
    values,
    ids,
    row,
    shape: toShape([options.numSegments, ...row], operation),
    params: { inner: row.length, picked: ids.rank, operation, axis: 0, places: last(ids.rank) },
  };
}

/** What is there before the first element of a segment comes, and what comes of both. */
const reduced = (op: ScatterOp, empty: number, { values, ids, shape, params }: Segments): Tensor =>
  builder.scatter(op, builder.constant(empty, shape, values.dtype), ids, values, params);

/**
 * The sum of all x[i] with segmentIds[i] = s for each segment s: shape [numSegments, ...x.shape[segmentIds.rank:]], 0 where
 * there are none; of bool, int32. Ids need not be sorted; negative ones count from the end.
 * @throws IndexError when the value is computed and an id is out of range, ShapeError where ids are not the first axes of x
 */
export function segmentSum(x: TensorLike, segmentIds: TensorLike, options: SegmentOptions): Tensor {
  return reduced("add", 0, segmentsOf("segmentSum", countable("segmentSum", x), segmentIds, options));
}

/**
 * The mean of all x[i] with segmentIds[i] = s for each segment s, as `segmentSum` adds them up; 0 where there are none, so
 * that nodes of a graph without neighbours stay finite. Integers and bool give float32.
 * @throws IndexError when the value is computed and an id is out of range, ShapeError where ids are not the first axes of x
 */
export function segmentMean(x: TensorLike, segmentIds: TensorLike, options: SegmentOptions): Tensor {
  const operation = "segmentMean";
  const segments = segmentsOf(operation, floatingOperand(operation, x), segmentIds, options);
  const { values, ids, row, shape, params } = segments;
  const counts = builder.scatter(
    "add",
    builder.constant(0, [shape[0]], values.dtype),
    ids,
    builder.constant(1, ids.shape, values.dtype),
    { ...params, inner: 0 },
  );
  const divisors = builder.reshape(builder.max(counts, 1), [shape[0], ...row.map(() => 1)]);
  return builder.div(reduced("add", 0, segments), builder.broadcast(divisors, shape));
}

/** No element is greater; what stands for none of them. */
const GREATEST: Readonly<Record<Exclude<DType, "bool">, number>> = {
  int32: 2 ** 31 - 1,
  uint32: 2 ** 32 - 1,
  float32: Number.POSITIVE_INFINITY,
  float64: Number.POSITIVE_INFINITY,
};
const LEAST: typeof GREATEST = { ...GREATEST, int32: -(2 ** 31), uint32: 0, float32: -GREATEST.float32, float64: -GREATEST.float64 }; // biome-ignore format: a table

/**
 * The greatest of all x[i] with segmentIds[i] = s for each segment s, as `segmentSum` adds them up; where there are none,
 * -infinity, or the least integer; of bool, int32. NaN wins; ties share the gradient.
 * @throws IndexError when the value is computed and an id is out of range, ShapeError where ids are not the first axes of x
 */
export function segmentMax(x: TensorLike, segmentIds: TensorLike, options: SegmentOptions): Tensor {
  const values = countable("segmentMax", x);
  const none = LEAST[values.dtype as keyof typeof LEAST];
  return reduced("max", none, segmentsOf("segmentMax", values, segmentIds, options));
}

/**
 * The smallest of all x[i] with segmentIds[i] = s for each segment s, as `segmentSum` adds them up; where there are none,
 * infinity, or the greatest integer; of bool, int32. NaN wins; ties share the gradient.
 * @throws IndexError when the value is computed and an id is out of range, ShapeError where ids are not the first axes of x
 */
export function segmentMin(x: TensorLike, segmentIds: TensorLike, options: SegmentOptions): Tensor {
  const values = countable("segmentMin", x);
  const none = GREATEST[values.dtype as keyof typeof GREATEST];
  return reduced("min", none, segmentsOf("segmentMin", values, segmentIds, options));
}

/**
 * The product of all x[i] with segmentIds[i] = s for each segment s, as `segmentSum` adds them up; 1 where there are none; of
 * bool, int32. The derivative is exact with zeros among the factors, to any order. Time grows as n log n: rows are
 * sorted by segment, and products of 1, 2, 4 ... neighbours multiplied.
 * @throws IndexError when the value is computed and an id is out of range, ShapeError where ids are not the first axes of x
 */
export function segmentProd(x: TensorLike, segmentIds: TensorLike, options: SegmentOptions): Tensor {
  const operation = "segmentProd";
  const { values, ids, row, shape } = segmentsOf(operation, countable(operation, x), segmentIds, options);
  const count = sizeOf(ids.shape);
  const ones = builder.constant(1, shape, values.dtype);
  if (count === 0) return ones;
  const params: IndexingParams = { inner: 0, picked: 1, operation, axis: 0, places: last(1) };
  const rows: IndexingParams = { ...params, inner: row.length };
  const segments = builder.reshape(checkedIndex(operation, ids, shape[0], 0), [count]);
  const order = builder.argSort(segments, 0);
  const sorted = builder.gather(segments, order, params);
  let products = builder.gather(builder.reshape(values, [count, ...row]), order, rows);
  // Each product reaches twice as far back as the one before, but never into another segment.
  for (let reach = 1; reach < count; reach *= 2) {
    const isSame = builder.compare("equal", sorted, shifted(sorted, reach, -1));
    const flags = builder.reshape(isSame, [count, ...row.map(() => 1)]);
    const earlier = shifted(products, reach, 1);
    products = builder.where(
      builder.broadcast(flags, products.shape),
      builder.mul(products, earlier),
      products,
    );
  }
  // The last row of a segment holds the product of all.
  return builder.scatter("set", ones, sorted, products, rows);
}

/** Along the first axis, what stood `by` places before; `filler` where that is nothing. */
function shifted(x: Tensor, by: number, filler: number): Tensor {
  const along = (n: number): number[] => x.shape.map((_, axis) => (axis === 0 ? n : 0));
  const kept = builder.slice(x, along(0), [x.shape[0] - by, ...x.shape.slice(1)]);
  return builder.concat([builder.constant(filler, [by, ...x.shape.slice(1)], x.dtype), kept], 0);
}
