import type { ScatterOp } from "../ir/builder.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, sameShape } from "../types/shape.ts";
import { describeValue } from "../types/trees.ts";
import { ShapeError, StateError } from "../util/errors.ts";
import {
  type AlongAxisOptions,
  fitted,
  type GatherNdOptions,
  type GatherOptions,
  lookUp,
  lookUpAlong,
  lookUpTuples,
  updated,
  withAxisAt,
} from "./lookup.ts";

/**
 * x with one element along the axis replaced for each index, as NumPy's `put_along_axis`, but a new tensor. Values broadcast
 * to the shape of the indices; of several for one place the last stays, and gets the gradient.
 * @throws IndexError when the value is computed and an index is out of range, ShapeError, DTypeError for values that x's
 * dtype cannot hold
 */
export function putAlongAxis(
  x: TensorLike,
  indices: TensorLike,
  values: TensorLike,
  options: AlongAxisOptions = {},
): Tensor {
  const operation = "putAlongAxis";
  checkOptions(operation, options, ["axis"]);
  const { axis = -1 } = options;
  const [tensor, updates] = updated(operation, x, values);
  const { source, index, params, place, end } = lookUpAlong(operation, tensor, indices, axis);
  const batch = source.shape.slice(0, -1);
  if (!sameShape(source.shape, withAxisAt(tensor, place, end).shape)) {
    throw new ShapeError(`indices are larger than x ${formatShape(tensor.shape)} outside of axis ${place}`, {
      operation,
      shapes: [tensor.shape],
      remedy: "Broadcast x first",
    });
  }
  const own = [...batch];
  own.splice(place, 0, index.shape[end]);
  const spread = withAxisAt(fitted(operation, updates, own), place, end);
  return withAxisAt(builder.scatter("set", source, index, spread, params), end, place);
}

function scatterInto(
  op: ScatterOp,
  operation: string,
  x: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  options: GatherOptions,
): Tensor {
  checkOptions(operation, options, ["axis", "batchDims"]);
  const { axis, batchDims = 0 } = options;
  const [tensor, values] = updated(operation, x, updates);
  const found = lookUp(operation, tensor, indices, axis, batchDims);
  return builder.scatter(op, tensor, found.indices, fitted(operation, values, found.shape), found.params);
}

/**
 * x with slices along an axis replaced: the inverse of `gather` with the same indices and options, whose shape the updates
 * have or broadcast to. Of several for one place the last stays, and gets the gradient.
 * @throws IndexError when the value is computed and an index is out of range, ShapeError, DTypeError for updates that x's
 * dtype cannot hold
 */
export const scatterSet = (
  x: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  options: GatherOptions = {},
): Tensor => scatterInto("set", "scatterSet", x, indices, updates, options);

/**
 * x with updates added to slices along an axis, in their order, as `scatterSet` replaces them. The sums are the same however
 * many threads there are; float32 is summed up in float64 and rounded once.
 */
export const scatterAdd = (
  x: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  options: GatherOptions = {},
): Tensor => scatterInto("add", "scatterAdd", x, indices, updates, options);

/**
 * x with slices along an axis multiplied by updates. The derivative is exact where updates are 0; for that, the one by the
 * updates compares all pairs of indices, which takes time in proportion to the square of their number.
 */
export const scatterMul = (
  x: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  options: GatherOptions = {},
): Tensor => scatterInto("mul", "scatterMul", x, indices, updates, options);

/** x with slices along an axis limited to at most the updates. NaN wins; ties, x among them, share the derivative equally. */
export const scatterMin = (
  x: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  options: GatherOptions = {},
): Tensor => scatterInto("min", "scatterMin", x, indices, updates, options);

/** x with slices along an axis raised to at least the updates. NaN wins; ties, x among them, share the derivative equally. */
export const scatterMax = (
  x: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  options: GatherOptions = {},
): Tensor => scatterInto("max", "scatterMax", x, indices, updates, options);

/** What `scatterNd` does with what is in the places. */
export interface ScatterNdOptions extends GatherNdOptions {
  /** "set" (the default) replaces it, as `scatterSet`; the others are as `scatterAdd` and its kind. */
  readonly reduction?: "set" | "add" | "mul" | "min" | "max";
}

const REDUCTIONS: readonly ScatterOp[] = ["set", "add", "mul", "min", "max"];

/**
 * x with elements or slices replaced, or added to and so on, by tuples of indices: the inverse of `gatherNd` with the same
 * indices, whose shape the updates have or broadcast to. ONNX's `ScatterND`; TensorFlow's `scatter_nd(indices, updates,
 * shape)` is `scatterNd(zeros(shape), indices, updates, { reduction: "add" })`.
 * @throws IndexError when the value is computed and an index is out of range, ShapeError, DTypeError for updates that x's
 * dtype cannot hold, StateError for unknown options
 */
export function scatterNd(
  x: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  options: ScatterNdOptions = {},
): Tensor {
  const operation = "scatterNd";
  checkOptions(operation, options, ["reduction", "batchDims"]);
  const { reduction = "set", batchDims = 0 } = options;
  if (!REDUCTIONS.includes(reduction)) {
    throw new StateError(`reduction is ${describeValue(reduction)}`, {
      operation,
      remedy: `It is one of ${REDUCTIONS.join(", ")}`,
    });
  }
  const [tensor, values] = updated(operation, x, updates);
  const { flat, indices: found, params, shape } = lookUpTuples(operation, tensor, indices, batchDims);
  const written = builder.scatter(reduction, flat, found, fitted(operation, values, shape), params);
  return builder.reshape(written, tensor.shape);
}
