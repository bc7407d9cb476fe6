import type { IndexingParams } from "../ir/builder.ts";
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
  sizeOf,
  stretches,
} from "../types/shape.ts";
import { DTypeError, IndexError, ShapeError } from "../util/errors.ts";
import { promoteOperands } from "./operands.ts";

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

/** Where the tuples of `gatherNd` and `scatterNd` begin. */
export interface GatherNdOptions {
  /** So many leading axes of x and of the indices go in step; 0 unless given. */
  readonly batchDims?: number;
}

/** The last axes, counted from the end. */
export const last = (count: number): number[] => Array.from({ length: count }, (_, i) => i - count);

function notWhole(operation: string, dtype: string): DTypeError {
  return new DTypeError(`indices have dtype ${dtype}`, {
    operation,
    dtypes: [dtype],
    remedy: "Cast them to int32",
  });
}

/** Indices as a tensor of whole numbers. @throws DTypeError */
export function indexOperand(operation: string, indices: TensorLike): Tensor {
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
export interface Lookup {
  readonly indices: Tensor;
  readonly params: IndexingParams;
  /** The shape of what is picked. */
  readonly shape: Shape;
}

export function lookUp(
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

export function checkBatchDims(operation: string, batchDims: number, most: number): void {
  if (Number.isInteger(batchDims) && batchDims >= 0 && batchDims <= most) return;
  throw new IndexError(`batchDims is ${batchDims}, not between 0 and ${most}`, {
    operation,
    remedy: "Give how many leading axes of x and of the indices go in step",
  });
}
/** x with axis `from` in place `to`, both counted from the front. */
export const withAxisAt = (x: Tensor, from: number, to: number): Tensor => {
  const axes = Array.from({ length: x.rank }, (_, axis) => axis).filter((axis) => axis !== from);
  axes.splice(to, 0, from);
  return builder.permute(x, axes);
};

/** x and indices with the axis last and all others broadcast against one another. */
export function lookUpAlong(operation: string, x: TensorLike, given: TensorLike, axis: number) {
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
  const source = withAxisAt(tensor, place, end);
  const index = withAxisAt(own, place, end);
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

/** x and what is put into it, in x's dtype. @throws DTypeError where that cannot hold it */
export function updated(operation: string, x: TensorLike, updates: TensorLike): [Tensor, Tensor] {
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
export function fitted(operation: string, updates: Tensor, shape: Shape): Tensor {
  if (stretches(updates.shape, shape)) return builder.broadcast(updates, shape);
  throw new ShapeError(
    `updates of shape ${formatShape(updates.shape)} do not fit the places ${formatShape(shape)}`,
    { operation, shapes: [updates.shape, shape], remedy: "Aligned at the end, each size must be equal or 1" },
  );
}

/** Whole numbers from 0 for indices of an axis, negative ones counted from the end; out of range, they are an IndexError. */
export const checkedIndex = (operation: string, indices: Tensor, size: number, axis: number): Tensor =>
  builder.gather(builder.iota(size, "int32"), indices, {
    inner: 0,
    picked: indices.rank,
    operation,
    axis,
    places: last(indices.rank),
  });

/** A lookup by tuples of indices: one along an axis, of x with the axes that they name as one. */
export interface TupleLookup extends Lookup {
  /** x in the shape that is looked up. */
  readonly flat: Tensor;
}

/** @throws ShapeError, IndexError */
export function lookUpTuples(
  operation: string,
  x: Tensor,
  indices: TensorLike,
  batchDims: number,
): TupleLookup {
  const own = indexOperand(operation, indices);
  const length = own.shape[own.rank - 1];
  if (own.rank === 0 || length < 1 || length > x.rank - batchDims) {
    throw new ShapeError(
      `tuples in indices ${formatShape(own.shape)} do not name axes of x ${formatShape(x.shape)}`,
      {
        operation,
        shapes: [x.shape, own.shape],
        remedy: "The last axis of the indices holds an index for each axis of x, or for the first ones",
      },
    );
  }
  checkBatchDims(operation, batchDims, own.rank - 1);
  const sizes = x.shape.slice(batchDims, batchDims + length);
  const flat = builder.reshape(x, [
    ...x.shape.slice(0, batchDims),
    sizeOf(sizes),
    ...x.shape.slice(batchDims + length),
  ]);
  const linear = linearIndex(operation, own, sizes, batchDims);
  return { ...lookUp(operation, flat, linear, batchDims, batchDims), flat };
}

/** The row-major place that each tuple names; each of its indices is looked up in its own axis, and so checked. */
function linearIndex(operation: string, tuples: Tensor, sizes: Shape, batchDims: number): Tensor {
  const leading = tuples.shape.slice(0, -1);
  return sizes
    .map((size, k) => {
      const start = [...leading.map(() => 0), k];
      const component = builder.reshape(builder.slice(tuples, start, [...leading, k + 1]), leading);
      return checkedIndex(operation, component, size, batchDims + k);
    })
    .reduce((linear, index, k) => builder.add(builder.mul(linear, sizes[k]), index));
}
