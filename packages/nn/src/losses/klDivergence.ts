import { logicalAnd, type Tensor, type TensorLike, where } from "@cotangent/core";
import { literal } from "./literal.ts";
import { type LossOf, type LossOptions, pair, reduced } from "./reduction.ts";
import { checkHasClasses } from "./targets.ts";

/**
 * The Kullback-Leibler divergence of the predictions from the targets, sum of t * (log(t) - log(p)) along the last axis,
 * as a mean over all examples. Both are probabilities [..., classes].
 *
 * The logarithm of a softmax is computed as log-softmax. A class of target 0 adds 0; one of probability 0 whose target is
 * not 0 makes the loss infinite. Kullback and Leibler, "On information and sufficiency", 1951.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating
 */
export function klDivergence<const O extends LossOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function klDivergence(
  predictions: TensorLike,
  targets: TensorLike,
  options: LossOptions = {},
): Tensor {
  const operation = "klDivergence";
  const [p, t] = pair(operation, predictions, targets, options);
  checkHasClasses(p, operation);
  const zero = literal(0, p);
  const logarithm = p.log();
  const absent = t.equal(zero);
  const entropy = where(absent, zero, t.mul(where(absent, literal(1, t), t).log()));
  const impossible = logarithm.equal(literal(Number.NEGATIVE_INFINITY, p));
  const cross = where(logicalAnd(absent, impossible), zero, t.mul(logarithm));
  return reduced(entropy.sub(cross).sum(-1), options, operation);
}
