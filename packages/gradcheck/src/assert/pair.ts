import {
  type DType,
  describeValue,
  formatShape,
  isTensor,
  type Shape,
  StateError,
  type Tensor,
  type TensorLike,
  type TypedArray,
  tensor,
} from "@cotangent/core";
import type { Outcome } from "./outcome.ts";

/** Two tensors of one shape and dtype, read. */
export interface Pair {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly actual: TypedArray;
  readonly expected: TypedArray;
}

/** A tensor that a test looks at. @throws StateError for anything else */
export function checkTensor(operation: string, value: unknown): Tensor {
  if (isTensor(value)) return value;
  throw new StateError(`it looks at a tensor, not at ${describeValue(value)}`, {
    operation,
    remedy: "Pass the tensor itself, not its values",
  });
}

/**
 * Reads both tensors, or says why they cannot be compared element by element: another shape or dtype. Nothing is
 * broadcast. Numbers and arrays are taken in the dtype of the tensor beside them.
 * @throws StateError where the first is no tensor
 */
export function readPair(operation: string, x: unknown, y: TensorLike): Pair | Outcome {
  const actual = checkTensor(operation, x);
  const expected = isTensor(y) ? y : tensor(y, { dtype: actual.dtype });
  const { shape, dtype } = actual;
  if (!sameShape(shape, expected.shape)) {
    return {
      pass: false,
      fact: `the tensor has shape ${formatShape(shape)}, expected is ${formatShape(expected.shape)}`,
      remedy: "Nothing is broadcast: give both the same shape, with broadcastTo or reshape if need be",
    };
  }
  if (dtype !== expected.dtype) {
    return {
      pass: false,
      fact: `the tensor is ${dtype}, expected is ${expected.dtype} (both of shape ${formatShape(shape)})`,
      remedy: `Convert one of them with cast, or pass the expected values as numbers`,
    };
  }
  return { shape, dtype, actual: actual.dataSync(), expected: expected.dataSync() };
}

/** Whether two shapes are the same. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);
