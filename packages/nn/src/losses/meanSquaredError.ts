import type { Tensor, TensorLike } from "@cotangent/core";
import { checkPredictions, matchingTargets } from "./targets.ts";

/**
 * The mean of (prediction - target)^2 over all elements: a scalar. Both have one shape; targets take the predictions'
 * dtype.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating
 */
export function meanSquaredError(predictions: TensorLike, targets: TensorLike): Tensor<readonly []> {
  const values = checkPredictions(predictions, "meanSquaredError");
  const error = values.sub(matchingTargets(values, targets, "meanSquaredError"));
  return error.square().mean();
}
