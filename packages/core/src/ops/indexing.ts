import type { IndexingParams, ScatterOp } from "../ir/builder.ts";
import { flattenNested } from "../ir/nested.ts";
import { isTensor, type Tensor } from "../ir/tensor.ts";
import { asTensor, fromValues, type TensorLike } from "../prims/convert.ts";
import { weakKind } from "../prims/leaves.ts";
import { builder } from "../transform/vjp.ts";
import {
  broadcastShapes,
  formatShape,
  normalizeAxis,
  type Shape,
  sameShape,
  stretches,
  toShape,
} from "../types/shape.ts";
import { DTypeError, IndexError, ShapeError } from "../util/errors.ts";
import { countable, promoteOperands } from "./operands.ts";

/** How `take` reads. */
export interface TakeOptions {
  /** The axis that is looked up; all axes as one, in row-major order, unless given. */
  readonly axis?: number;
}

/** Where `takeAlongAxis` and `putAlongAxis` look up. */
export interface AlongAxisOptions {
  /** The axis that is looked up, the last unless given. */
  readonly axis?: number;
}

/** Where `gather` and its inverses look up. */
export interface GatherOptions {
  /** The axis that is looked up, the first behind the batch unless given. */
  readonly axis?: number;
  /** So many leading axes of x and of the indices go in step; 0 unless given. */
  readonly batchDims?: number;
}

/** Where the tuples of `gatherNd` begin. */
export interface GatherNdOptions {
  /** So many leading axes of x and of the indices go in step; 0 unless given. */
  readonly batchDims?: number;
}

/** What `segmentSum` makes. */
export interface SegmentOptions {
  /** The number of segments: the size of the result's first axis. */
  readonly numSegments: number;
}

const last = (count: number): number[] => Array.from({ length: count }, (_, i) => i - count);

function notWhole(operation: string, dtype: string): DTypeError {
  return new DTypeError(`indices have dtype ${dtype}`, {
    operation,
    dtypes: [dtype],
    remedy: "Cast them to int32",
  });
}

/** Indices as a tensor of whole numbers. @throws DTypeError */
function indexOperand(operation: string, indices: TensorLike): Tensor {
  if (typeof indices === "number" || Array.isArray(indices)) {
    const { values } = flattenNested(indices, operation);
    if (values.every((value) => Number.isInteger(value))) {
      return fromValues(indices, { dtype: "int32" }, operation);
    }
    const isBool = values.some((value) => typeof value === "boolean");
    throw notWhole(operation, isBool ? "bool" : "float32");
  }
  if (isTensor(indices) && weakKind(indices) === "integer") return builder.cast(indices.node, "int32");
  const tensor = asTensor(indices, operation);
  if (tensor.dtype === "int32" || tensor.dtype === "uint32") return tensor;
  throw notWhole(operation, tensor.dtype);
}

/** x, indices and params of a lookup along one axis: what stands before the axis is batch, shared indices are repeated. */
interface Lookup {
  readonly indices: Tensor;
  readonly params: IndexingParams;
  /** The shape of what is picked. */
  readonly shape: Shape;
}

function lookUp(
  operation: string,
  x: Tensor,
  given: TensorLike,
  axis: number | undefined,
  batchDims: number,
): Lookup {
  const own = indexOperand(operation, given);
  checkBatchDims(operation, batchDims, Math.min(x.rank - 1, own.rank));
  const place = normalizeAxis(operation, axis ?? batchDims, x.rank);
  if (place < batchDims) {
    throw new IndexError(`axis ${place} is one of the ${batchDims} batch axes`, {
      operation,
      shapes: [x.shape, own.shape],
      remedy: "The axis stands behind the batch axes",
    });
  }
  const batch = own.shape.slice(0, batchDims);
  const picked = own.shape.slice(batchDims);
  if (!sameShape(batch, x.shape.slice(0, batchDims))) {
    throw new ShapeError(
      `the first ${batchDims} axes of ${formatShape(x.shape)} and of indices ${formatShape(own.shape)} differ`,
      { operation, shapes: [x.shape, own.shape], remedy: "Batch axes have equal sizes" },
    );
  }
  const before = x.shape.slice(0, place);
  const ones = new Array<number>(place - batchDims).fill(1);
  const aligned = builder.reshape(own, [...batch, ...ones, ...picked]);
  // Batch axes of the caller's indices stand before those that are repeated.
  const leading = Array.from({ length: batchDims }, (_, i) => i - place - picked.length);
  return {
    indices: builder.broadcast(aligned, [...before, ...picked]),
    params: {
      inner: x.rank - 1 - place,
      picked: picked.length,
      operation,
      axis: place,
      places: [...leading, ...last(picked.length)],
    },
    shape: [...before, ...picked, ...x.shape.slice(place + 1)],
  };
}

function checkBatchDims(operation: string, batchDims: number, most: number): void {
  if (Number.isInteger(batchDims) && batchDims >= 0 && batchDims <= most) return;
  throw new IndexError(`batchDims is ${batchDims}, not between 0 and ${most}`, {
    operation,
    remedy: "Give how many leading axes of x and of the indices go in step",
  });
}

/**
 * The elements of x along an axis that the indices name, as NumPy's `take`: shape
 * `x.shape[:axis] + indices.shape + x.shape[axis + 1:]`. Without an axis x counts as flat. Negative indices count from the
 * end.
 * @throws IndexError when the value is computed and an index is out of range, DTypeError for indices that are not whole
 */
export function take(x: TensorLike, indices: TensorLike, { axis }: TakeOptions = {}): Tensor {
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
export function gather(
  x: TensorLike,
  indices: TensorLike,
  { axis, batchDims = 0 }: GatherOptions = {},
): Tensor {
  const tensor = asTensor(x, "gather");
  const found = lookUp("gather", tensor, indices, axis, batchDims);
  return builder.gather(tensor, found.indices, found.params);
}

const moveAxis = (x: Tensor, from: number, to: number): Tensor => {
  const axes = Array.from({ length: x.rank }, (_, axis) => axis).filter((axis) => axis !== from);
  axes.splice(to, 0, from);
  return builder.permute(x, axes);
};

/** x and indices with the axis last and all others broadcast against one another. */
function lookUpAlong(operation: string, x: TensorLike, given: TensorLike, axis: number) {
  const tensor = asTensor(x, operation);
  const own = indexOperand(operation, given);
  if (tensor.rank === 0 || own.rank !== tensor.rank) {
    throw new ShapeError(
      `x ${formatShape(tensor.shape)} and indices ${formatShape(own.shape)} have ${tensor.rank} and ${own.rank} axes`,
      {
        operation,
        shapes: [tensor.shape, own.shape],
        remedy: "They have equally many axes, at least one; use take or gather for indices of any shape",
      },
    );
  }
  const place = normalizeAxis(operation, axis, tensor.rank);
  const end = tensor.rank - 1;
  const source = moveAxis(tensor, place, end);
  const index = moveAxis(own, place, end);
  const batch = broadcastShapes(operation, source.shape.slice(0, -1), index.shape.slice(0, -1));
  const places = Array.from({ length: tensor.rank }, (_, d) =>
    d === place ? -1 : (d < place ? d : d - 1) - tensor.rank,
  );
  const params: IndexingParams = { inner: 0, picked: 1, operation, axis: place, places };
  return {
    place,
    end,
    source: builder.broadcast(source, [...batch, source.shape[end]]),
    index: builder.broadcast(index, [...batch, index.shape[end]]),
    params,
  };
}

/**
 * One element of x along the axis for each index, as NumPy's `take_along_axis` and PyTorch's `gather`: indices have as many
 * axes as x, sizes broadcast on all but that one. What argmax and sorts of one axis give fits. Negative indices count from
 * the end.
 * @throws IndexError when the value is computed and an index is out of range, ShapeError for shapes that do not fit
 */
export function takeAlongAxis(
  x: TensorLike,
  indices: TensorLike,
  { axis = -1 }: AlongAxisOptions = {},
): Tensor {
  const { source, index, params, place, end } = lookUpAlong("takeAlongAxis", x, indices, axis);
  return moveAxis(builder.gather(source, index, params), end, place);
}

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
  { axis = -1 }: AlongAxisOptions = {},
): Tensor {
  const operation = "putAlongAxis";
  const [tensor, updates] = updated(operation, x, values);
  const { source, index, params, place, end } = lookUpAlong(operation, tensor, indices, axis);
  const batch = source.shape.slice(0, -1);
  if (!sameShape(source.shape, moveAxis(tensor, place, end).shape)) {
    throw new ShapeError(`indices are larger than x ${formatShape(tensor.shape)} outside of axis ${place}`, {
      operation,
      shapes: [tensor.shape],
      remedy: "Broadcast x first",
    });
  }
  const own = [...batch];
  own.splice(place, 0, index.shape[end]);
  const spread = moveAxis(fitted(operation, updates, own), place, end);
  return moveAxis(builder.scatter("set", source, index, spread, params), end, place);
}

/** x and what is put into it, in x's dtype. @throws DTypeError where that cannot hold it */
function updated(operation: string, x: TensorLike, updates: TensorLike): [Tensor, Tensor] {
  const own = asTensor(x, operation);
  const [tensor, values] = promoteOperands(operation, [own, updates]);
  if (tensor.dtype === own.dtype) return [tensor, values];
  throw new DTypeError(`${own.dtype} cannot hold updates of ${values.dtype}`, {
    operation,
    dtypes: [own.dtype, values.dtype],
    remedy: `Cast x to ${tensor.dtype}, or the updates to ${own.dtype}`,
  });
}

/** The updates in the shape of the places they go to. @throws ShapeError */
function fitted(operation: string, updates: Tensor, shape: Shape): Tensor {
  if (stretches(updates.shape, shape)) return builder.broadcast(updates, shape);
  throw new ShapeError(
    `updates of shape ${formatShape(updates.shape)} do not fit the places ${formatShape(shape)}`,
    { operation, shapes: [updates.shape, shape], remedy: "Aligned at the end, each size must be equal or 1" },
  );
}

function scatterInto(
  op: ScatterOp,
  operation: string,
  x: TensorLike,
  indices: TensorLike,
  updates: TensorLike,
  { axis, batchDims = 0 }: GatherOptions,
): Tensor {
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

/**
 * The sum of all x[i] with segmentIds[i] = s for each segment s: shape [numSegments, ...x.shape[segmentIds.rank:]], 0 where
 * there are none. Ids need not be sorted.
 * @throws IndexError when the value is computed and an id is out of range, ShapeError where ids are not the first axes of x
 */
export function segmentSum(x: TensorLike, segmentIds: TensorLike, { numSegments }: SegmentOptions): Tensor {
  const operation = "segmentSum";
  const tensor = asTensor(x, operation);
  const ids = indexOperand(operation, segmentIds);
  if (!sameShape(ids.shape, tensor.shape.slice(0, ids.rank))) {
    throw new ShapeError(
      `segment ids of shape ${formatShape(ids.shape)} are not the first axes of x ${formatShape(tensor.shape)}`,
      { operation, shapes: [tensor.shape, ids.shape], remedy: "Give one id for each x[i]" },
    );
  }
  const values = countable(operation, tensor);
  const row = tensor.shape.slice(ids.rank);
  const none = builder.constant(0, toShape([numSegments, ...row], operation), values.dtype);
  const params: IndexingParams = {
    inner: row.length,
    picked: ids.rank,
    operation,
    axis: 0,
    places: last(ids.rank),
  };
  return builder.scatter("add", none, ids, values, params);
}

/**
 * Elements or slices of x by tuples of indices, as TensorFlow's `gather_nd`: the last axis of the indices holds one index for
 * each of the first axes of x behind the batch. Shape `indices.shape[:-1] + x.shape[batchDims + tuple length:]`. Negative
 * indices count from the end.
 * @throws IndexError when the value is computed and an index is out of range, ShapeError for shapes that do not fit
 */
export function gatherNd(
  x: TensorLike,
  indices: TensorLike,
  { batchDims = 0 }: GatherNdOptions = {},
): Tensor {
  const operation = "gatherNd";
  const tensor = asTensor(x, operation);
  const own = indexOperand(operation, indices);
  const length = own.shape[own.rank - 1];
  if (own.rank === 0 || length < 1 || length > tensor.rank - batchDims) {
    throw new ShapeError(
      `tuples in indices ${formatShape(own.shape)} do not name axes of x ${formatShape(tensor.shape)}`,
      {
        operation,
        shapes: [tensor.shape, own.shape],
        remedy: "The last axis of the indices holds an index for each axis of x, or for the first ones",
      },
    );
  }
  checkBatchDims(operation, batchDims, own.rank - 1);
  const sizes = tensor.shape.slice(batchDims, batchDims + length);
  const linear = linearIndex(operation, own, sizes, batchDims);
  const total = sizes.reduce((product, size) => product * size, 1);
  const flat = builder.reshape(tensor, [
    ...tensor.shape.slice(0, batchDims),
    total,
    ...tensor.shape.slice(batchDims + length),
  ]);
  const found = lookUp(operation, flat, linear, batchDims, batchDims);
  return builder.gather(flat, found.indices, found.params);
}

/** The row-major place that each tuple names; each of its indices is looked up in its own axis, and so checked. */
function linearIndex(operation: string, tuples: Tensor, sizes: Shape, batchDims: number): Tensor {
  const leading = tuples.shape.slice(0, -1);
  let linear: Tensor | null = null;
  sizes.forEach((size, k) => {
    const start = [...leading.map(() => 0), k];
    const component = builder.reshape(builder.slice(tuples, start, [...leading, k + 1]), leading);
    const checked = builder.gather(builder.iota(size, "int32"), component, {
      inner: 0,
      picked: leading.length,
      operation,
      axis: batchDims + k,
      places: last(leading.length),
    });
    linear = linear === null ? checked : builder.add(builder.mul(linear, size), checked);
  });
  return linear as unknown as Tensor;
}
