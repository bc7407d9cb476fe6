import type { Tensor, TensorLike } from "@cotangent/core";
import { crossEntropy } from "./crossEntropy.ts";
import { checkLossOptions, type LossOf } from "./reduction.ts";
import { type CrossEntropyOptions, SMOOTHING } from "./smoothing.ts";
import { checkPredictions, classTargets } from "./targets.ts";

/**
 * -log of the probability that the predictions give to the target, as a mean over all examples: a scalar.
 *
 * Predictions are probabilities [..., classes], such as a softmax layer's; the logarithm of a softmax is computed as
 * log-softmax, so that nothing is lost where a probability underflows. Targets are [..., classes] (one-hot, or any
 * probabilities) or integer class indices [...]; an index that is no class makes the loss NaN. Nothing is clipped: a
 * target whose probability is exactly 0 has an infinite loss.
 * @throws ShapeError or DTypeError when targets fit neither way, or there are no elements; StateError for options that are
 *   unknown or out of range
 */
export function categoricalCrossEntropy<const O extends CrossEntropyOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function categoricalCrossEntropy(
  predictions: TensorLike,
  targets: TensorLike,
  options: CrossEntropyOptions = {},
): Tensor {
  const operation = "categoricalCrossEntropy";
  checkLossOptions(operation, options, SMOOTHING);
  const probabilities = checkPredictions(predictions, operation, options.reduction);
  const known = classTargets(probabilities, targets, operation);
  return crossEntropy(probabilities.log(), known, options, operation);
}
