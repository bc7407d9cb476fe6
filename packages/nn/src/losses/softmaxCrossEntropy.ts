import type { Tensor, TensorLike } from "@cotangent/core";
import { crossEntropy } from "./crossEntropy.ts";
import { checkLossOptions, type LossOf } from "./reduction.ts";
import { type CrossEntropyOptions, SMOOTHING } from "./smoothing.ts";
import { checkPredictions, classTargets } from "./targets.ts";

/**
 * The cross-entropy of softmax(logits) and the targets, as a mean over all examples: a scalar, finite for all finite
 * logits.
 *
 * Logits are [..., classes], any numbers. Targets are [..., classes] (one-hot, or any probabilities) or integer class
 * indices [...]; an index that is no class makes the loss NaN.
 * @throws ShapeError or DTypeError when targets fit neither way, or there are no elements; StateError for options that are
 *   unknown or out of range
 */
export function softmaxCrossEntropy<const O extends CrossEntropyOptions = Record<never, never>>(
  logits: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function softmaxCrossEntropy(
  logits: TensorLike,
  targets: TensorLike,
  options: CrossEntropyOptions = {},
): Tensor {
  const operation = "softmaxCrossEntropy";
  checkLossOptions(operation, options, SMOOTHING);
  const values = checkPredictions(logits, operation, options.reduction);
  const known = classTargets(values, targets, operation);
  return crossEntropy(values.logSoftmax(-1), known, options, operation);
}
