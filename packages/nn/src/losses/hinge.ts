import { relu, type Tensor, type TensorLike } from "@cotangent/core";
import { literal } from "./literal.ts";
import { type LossOf, type LossOptions, pair, reduced } from "./reduction.ts";

/** What is missing to a margin of 1, element by element. */
function missing(
  operation: string,
  predictions: TensorLike,
  targets: TensorLike,
  options: LossOptions,
): Tensor {
  const [values, signs] = pair(operation, predictions, targets, options);
  return relu(literal(1, values).sub(values.mul(signs)));
}

/**
 * The mean over all elements of max(0, 1 - prediction * target), for targets -1 and 1: 0 where the prediction has the
 * target's sign with a margin of 1. Cortes and Vapnik, "Support-vector networks", 1995.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating
 */
export function hinge<const O extends LossOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function hinge(predictions: TensorLike, targets: TensorLike, options: LossOptions = {}): Tensor {
  return reduced(missing("hinge", predictions, targets, options), options, "hinge");
}

/**
 * The mean over all elements of max(0, 1 - prediction * target)^2, for targets -1 and 1: `hinge` without its corner.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating
 */
export function squaredHinge<const O extends LossOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function squaredHinge(
  predictions: TensorLike,
  targets: TensorLike,
  options: LossOptions = {},
): Tensor {
  return reduced(missing("squaredHinge", predictions, targets, options).square(), options, "squaredHinge");
}
