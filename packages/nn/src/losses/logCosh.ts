import { type Tensor, type TensorLike, where } from "@cotangent/core";
import { literal } from "./literal.ts";
import { type LossOf, type LossOptions, pair, reduced } from "./reduction.ts";

/**
 * The mean over all elements of log(cosh(prediction - target)): e^2 / 2 for small errors, |e| - log(2) for large ones, and
 * smooth between. Without overflow, and with all digits for errors near 0.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating
 */
export function logCosh<const O extends LossOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function logCosh(predictions: TensorLike, targets: TensorLike, options: LossOptions = {}): Tensor {
  const operation = "logCosh";
  const [values, expected] = pair(operation, predictions, targets, options);
  const error = values.sub(expected);
  const size = error.abs();
  // cosh^2 = 1 + sinh^2
  const near = error.sinh().square().log1p().mul(literal(0.5, values));
  const far = size.mul(literal(-2, values)).exp().log1p().add(size).sub(literal(Math.LN2, values));
  return reduced(where(size.less(literal(1, values)), near, far), options, operation);
}
