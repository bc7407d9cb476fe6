import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import {
  type AlongAxisOptions,
  type GatherNdOptions,
  type GatherOptions,
  lookUp,
  lookUpAlong,
  lookUpTuples,
  withAxisAt,
} from "./lookup.ts";

/** How `take` reads. */
export interface TakeOptions {
  /** The axis that is looked up; all axes as one, in row-major order, unless given. */
  readonly axis?: number;
}

/**
 * The elements of x along an axis that the indices name, as NumPy's `take`: shape
 * `x.shape[:axis] + indices.shape + x.shape[axis + 1:]`. Without an axis x counts as flat. Negative indices count from the
 * end.
 * @throws IndexError when the value is computed and an index is out of range, DTypeError for indices that are not whole
 */
export function take(x: TensorLike, indices: TensorLike, options: TakeOptions = {}): Tensor {
  checkOptions("take", options, ["axis"]);
  const { axis } = options;
  const tensor = asTensor(x, "take");
  const from = axis === undefined ? builder.reshape(tensor, [tensor.size]) : tensor;
  const found = lookUp("take", from, indices, axis ?? 0, 0);
  return builder.gather(from, found.indices, found.params);
}

/**
 * Slices of x along one axis, as TensorFlow's `gather`: the first `batchDims` axes of x and of the indices go in step, and
 * the result has shape `x.shape[:axis] + indices.shape[batchDims:] + x.shape[axis + 1:]`. (PyTorch's function of that name,
 * one index for each element, is `takeAlongAxis`.) Negative indices count from the end.
 * @throws IndexError when the value is computed and an index is out of range, ShapeError for batch axes that differ
 */
export function gather(x: TensorLike, indices: TensorLike, options: GatherOptions = {}): Tensor {
  checkOptions("gather", options, ["axis", "batchDims"]);
  const { axis, batchDims = 0 } = options;
  const tensor = asTensor(x, "gather");
  const found = lookUp("gather", tensor, indices, axis, batchDims);
  return builder.gather(tensor, found.indices, found.params);
}

/**
 * One element of x along the axis for each index, as NumPy's `take_along_axis` and PyTorch's `gather`: indices have as many
 * axes as x, sizes broadcast on all but that one. What argmax and sorts of one axis give fits. Negative indices count from
 * the end.
 * @throws IndexError when the value is computed and an index is out of range, ShapeError for shapes that do not fit
 */
export function takeAlongAxis(x: TensorLike, indices: TensorLike, options: AlongAxisOptions = {}): Tensor {
  checkOptions("takeAlongAxis", options, ["axis"]);
  const { axis = -1 } = options;
  const { source, index, params, place, end } = lookUpAlong("takeAlongAxis", x, indices, axis);
  return withAxisAt(builder.gather(source, index, params), end, place);
}

/**
 * Elements or slices of x by tuples of indices, as TensorFlow's `gather_nd`: the last axis of the indices holds one index for
 * each of the first axes of x behind the batch. Shape `indices.shape[:-1] + x.shape[batchDims + tuple length:]`. Negative
 * indices count from the end.
 * @throws IndexError when the value is computed and an index is out of range, ShapeError for shapes that do not fit
 */
export function gatherNd(x: TensorLike, indices: TensorLike, options: GatherNdOptions = {}): Tensor {
  checkOptions("gatherNd", options, ["batchDims"]);
  const { batchDims = 0 } = options;
  const found = lookUpTuples("gatherNd", asTensor(x, "gatherNd"), indices, batchDims);
  return builder.gather(found.flat, found.indices, found.params);
}
