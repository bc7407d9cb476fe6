import { createArray, type DType, type Shape, type Tensor, type TypedArray, tensor } from "@cotangent/core";
import { sizeOf } from "../numeric/vectors.ts";

/** A shape with a new axis. */
export const inserted = (shape: Shape, axis: number, size: number): number[] => [
  ...shape.slice(0, axis),
  size,
  ...shape.slice(axis),
];

/** Values of one shape along a new axis, without any operation of the library. */
export function stackedAlong(
  lanes: readonly ArrayLike<number>[],
  shape: Shape,
  dtype: DType,
  axis: number,
): Tensor {
  const inner = sizeOf(shape.slice(axis));
  const result = createArray(dtype, sizeOf(shape) * lanes.length);
  for (let k = 0; k < result.length; k++) {
    const block = Math.floor(k / inner);
    result[k] = lanes[block % lanes.length][Math.floor(block / lanes.length) * inner + (k % inner)];
  }
  return tensor(result, { shape: inserted(shape, axis, lanes.length), dtype });
}

/** What index `lane` of an axis holds. */
export function alongAxis(data: TypedArray, shape: Shape, axis: number, lane: number): Float64Array {
  const inner = sizeOf(shape.slice(axis + 1));
  const result = new Float64Array(sizeOf(shape.slice(0, axis)) * inner);
  for (let k = 0; k < result.length; k++) {
    result[k] = data[(Math.floor(k / inner) * shape[axis] + lane) * inner + (k % inner)];
  }
  return result;
}
