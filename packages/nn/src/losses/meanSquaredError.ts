import type { Tensor, TensorLike } from "@cotangent/core";
import { type LossOf, type LossOptions, pair, reduced } from "./reduction.ts";

/**
 * The mean of (prediction - target)^2 over all elements: a scalar. Both have one shape; targets take the predictions'
 * dtype.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating
 */
export function meanSquaredError<const O extends LossOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function meanSquaredError(
  predictions: TensorLike,
  targets: TensorLike,
  options: LossOptions = {},
): Tensor {
  const operation = "meanSquaredError";
  const [values, expected] = pair(operation, predictions, targets, options);
  return reduced(values.sub(expected).square(), options, operation);
}
