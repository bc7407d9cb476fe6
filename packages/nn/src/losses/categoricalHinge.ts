import { full, logicalNot, oneHot, relu, type Tensor, type TensorLike, where } from "@cotangent/core";
import { literal } from "./literal.ts";
import { checkLossOptions, type LossOf, type LossOptions, reduced } from "./reduction.ts";
import { checkPredictions, classTargets } from "./targets.ts";

/**
 * The mean over all examples of max(0, 1 + the greatest score of another class - the target's score): 0 where the target
 * leads by 1.
 *
 * Predictions are scores [..., classes], targets one-hot rows [..., classes] or integer class indices [...]; an index
 * that is no class makes the loss NaN. Keras counts 0 among the scores of the other classes. Crammer and Singer, "On the
 * algorithmic implementation of multiclass kernel-based vector machines", JMLR 2001.
 * @throws ShapeError or DTypeError when targets fit neither way, or there are no elements
 */
export function categoricalHinge<const O extends LossOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function categoricalHinge(
  predictions: TensorLike,
  targets: TensorLike,
  options: LossOptions = {},
): Tensor {
  const operation = "categoricalHinge";
  checkLossOptions(operation, options);
  const scores = checkPredictions(predictions, operation, options.reduction);
  const { kind, values } = classTargets(scores, targets, operation);
  const classes = scores.shape[scores.rank - 1];
  const zero = literal(0, scores);
  const isTarget = kind === "indices" ? oneHot(values, classes, { dtype: "bool" }) : values.greater(zero);
  const own = where(isTarget, scores, zero).sum(-1);
  const lowest = literal(Number.NEGATIVE_INFINITY, scores);
  const others = where(isTarget, lowest, scores);
  const greatest =
    classes === 0 ? full(own.shape, Number.NEGATIVE_INFINITY, { dtype: own.dtype }) : others.max(-1);
  const margin = relu(greatest.sub(own).add(literal(1, scores)));
  const known = where(logicalNot(isTarget.any(-1)), literal(Number.NaN, scores), margin);
  return reduced(known, options, operation);
}
