import { logicalAnd, type Tensor, type TensorLike, where } from "@cotangent/core";
import { smoothed } from "./binaryTargets.ts";
import { literal } from "./literal.ts";
import { type LossOf, pair, reduced } from "./reduction.ts";
import { type CrossEntropyOptions, SMOOTHING } from "./smoothing.ts";

/**
 * The mean over all elements of -t*log(p) - (1 - t)*log(1 - p), for probabilities p of the class 1 and targets t from 0
 * to 1 of the same shape.
 *
 * The logarithms of a sigmoid's result are computed as log-sigmoids, so that nothing is lost where it is rounded to 0 or
 * 1. Nothing is clipped: a probability of exactly 0 or 1 that is right adds 0, one that is wrong has an infinite loss.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating,
 *   StateError for options that are unknown or out of range
 */
export function binaryCrossEntropy<const O extends CrossEntropyOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function binaryCrossEntropy(
  predictions: TensorLike,
  targets: TensorLike,
  options: CrossEntropyOptions = {},
): Tensor {
  const operation = "binaryCrossEntropy";
  const [p, given] = pair(operation, predictions, targets, options, SMOOTHING);
  const t = smoothed(given, options, operation);
  const one = weighed(t, p.log());
  const other = weighed(literal(1, t).sub(t), p.neg().log1p());
  return reduced(one.add(other).neg(), options, operation);
}

/** probability * logarithm; 0, not 0 * infinity, for what is impossible and does not happen. */
function weighed(probability: Tensor, logarithm: Tensor): Tensor {
  const impossible = logarithm.equal(literal(Number.NEGATIVE_INFINITY, logarithm));
  const nothing = logicalAnd(impossible, probability.equal(literal(0, probability)));
  return where(nothing, literal(0, logarithm), probability.mul(logarithm));
}
