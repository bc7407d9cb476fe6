import type { Tensor, TensorLike } from "@cotangent/core";
import { type LossOf, type LossOptions, pair, reduced } from "./reduction.ts";

/**
 * The mean of |prediction - target| over all elements: a scalar. Both have one shape; targets take the predictions'
 * dtype. The derivative where both are equal is 0.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating
 */
export function meanAbsoluteError<const O extends LossOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function meanAbsoluteError(
  predictions: TensorLike,
  targets: TensorLike,
  options: LossOptions = {},
): Tensor {
  const operation = "meanAbsoluteError";
  const [values, expected] = pair(operation, predictions, targets, options);
  return reduced(values.sub(expected).abs(), options, operation);
}
