import type { Tensor, TensorLike } from "@cotangent/core";
import { crossEntropy } from "./crossEntropy.ts";
import { checkPredictions, classTargets } from "./targets.ts";

/**
 * The cross-entropy of softmax(logits) and the targets, as a mean over all examples: a scalar, finite for all finite
 * logits.
 *
 * Logits are [..., classes], any numbers. Targets are [..., classes] (one-hot, or any probabilities) or integer class
 * indices [...]; an index that is no class makes the loss NaN.
 * @throws ShapeError or DTypeError when targets fit neither way, or there are no elements
 */
export function softmaxCrossEntropy(logits: TensorLike, targets: TensorLike): Tensor<readonly []> {
  const values = checkPredictions(logits, "softmaxCrossEntropy");
  const known = classTargets(values, targets, "softmaxCrossEntropy");
  return crossEntropy(values.logSoftmax(-1), known);
}
