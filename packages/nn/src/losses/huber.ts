import { type Tensor, type TensorLike, where } from "@cotangent/core";
import { literal } from "./literal.ts";
import { positive } from "./numbers.ts";
import { type LossOf, type LossOptions, pair, reduced } from "./reduction.ts";

export interface HuberOptions extends LossOptions {
  /** Up to which error the loss is a parabola: 1 unless given. */
  readonly delta?: number;
}

/**
 * The mean over all elements of e^2 / 2 for errors up to delta, delta * (|e| - delta / 2) for greater ones: outliers pull
 * no harder than delta. Huber, "Robust estimation of a location parameter", 1964.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating,
 *   StateError for a delta that is not above 0
 */
export function huber<const O extends HuberOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function huber(predictions: TensorLike, targets: TensorLike, options: HuberOptions = {}): Tensor {
  const operation = "huber";
  const [values, expected] = pair(operation, predictions, targets, options, ["delta"]);
  const delta = literal(positive(options.delta ?? 1, "delta", operation), values);
  const error = values.sub(expected);
  const size = error.abs();
  const half = literal(0.5, values);
  const line = size.sub(delta.mul(half)).mul(delta);
  return reduced(where(size.lessEqual(delta), error.square().mul(half), line), options, operation);
}
