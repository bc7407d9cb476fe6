import { sqrt, stopGradient, type Tensor, type TensorLike, where } from "@cotangent/core";
import { literal } from "./literal.ts";
import { type LossOf, type LossOptions, pair, reduced } from "./reduction.ts";
import { checkHasClasses } from "./targets.ts";

/**
 * 1 - the cosine of the angle between prediction and target, vectors along the last axis, as a mean over all examples: 0
 * for the same direction, 1 for a right angle, 2 for opposite ones. For a vector of zeros it is 1, with the gradient 0.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating
 */
export function cosineDistance<const O extends LossOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function cosineDistance(
  predictions: TensorLike,
  targets: TensorLike,
  options: LossOptions = {},
): Tensor {
  const operation = "cosineDistance";
  const [p, t] = pair(operation, predictions, targets, options);
  checkHasClasses(p, operation);
  const cosine = direction(p).mul(direction(t)).sum(-1);
  return reduced(literal(1, p).sub(cosine), options, operation);
}

/** Vectors of length 1 along the last axis; zeros stay zeros. */
function direction(x: Tensor): Tensor {
  if (x.size === 0) return x;
  const [zero, one] = [literal(0, x), literal(1, x)];
  // The direction does not depend on the scale, which keeps squares from overflowing and vanishing.
  const greatest = stopGradient(x.abs().max(-1, { keepDims: true }));
  const nothing = greatest.equal(zero);
  const near = x.div(where(nothing, one, greatest));
  const square = near.square().sum(-1, { keepDims: true });
  return where(nothing, zero, near.div(sqrt(where(nothing, one, square))));
}
