import { logicalAnd, type Tensor, type TensorLike, where } from "@cotangent/core";
import { smoothed } from "./binaryTargets.ts";
import { literal } from "./literal.ts";
import { type LossOf, pair, reduced } from "./reduction.ts";
import { type CrossEntropyOptions, SMOOTHING } from "./smoothing.ts";

/**
 * The binary cross-entropy of sigmoid(logits) and the targets, as a mean over all elements: a scalar, finite for all
 * finite logits, with all digits where it is small.
 *
 * Logits are any numbers, targets of the same shape probabilities of the class 1: 0, 1 or between. It is
 * log(1 + e^-|x|), and where the target is not that of the logit's sign, |x| besides.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for logits that are not floating,
 *   StateError for options that are unknown or out of range
 */
export function sigmoidBinaryCrossEntropy<const O extends CrossEntropyOptions = Record<never, never>>(
  logits: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function sigmoidBinaryCrossEntropy(
  logits: TensorLike,
  targets: TensorLike,
  options: CrossEntropyOptions = {},
): Tensor {
  const operation = "sigmoidBinaryCrossEntropy";
  const [x, given] = pair(operation, logits, targets, options, SMOOTHING);
  const t = smoothed(given, options, operation);
  const zero = literal(0, x);
  const positive = x.greater(zero);
  // |x| by where, not abs, whose derivative at 0 is 0: the sum of both parts is smooth there.
  const size = where(positive, x, x.neg());
  const wrong = where(positive, literal(1, t).sub(t), t);
  const sure = logicalAnd(wrong.equal(zero), size.equal(literal(Number.POSITIVE_INFINITY, x)));
  const missed = where(sure, zero, wrong.mul(size));
  return reduced(size.neg().exp().log1p().add(missed), options, operation);
}
