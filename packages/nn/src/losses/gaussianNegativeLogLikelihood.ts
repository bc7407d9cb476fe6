import { formatShape, ShapeError, StateError, type Tensor, type TensorLike } from "@cotangent/core";
import { given } from "./given.ts";
import { literal } from "./literal.ts";
import { flag } from "./numbers.ts";
import { type LossOf, type LossOptions, pair, reduced } from "./reduction.ts";

export interface GaussianOptions extends LossOptions {
  /** The predicted variances, above 0: a tensor of the predictions' shape, or one number for all. */
  readonly variance: TensorLike;
  /** Add log(2 pi) / 2, which no prediction changes: false unless given. */
  readonly full?: boolean;
}

/**
 * The mean over all elements of (log(variance) + (prediction - target)^2 / variance) / 2: the negative log-likelihood of
 * the targets under normal distributions whose means and variances are predicted. Nix and Weigend, "Estimating the mean
 * and variance of the target probability distribution", 1994.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating,
 *   StateError without a variance
 */
export function gaussianNegativeLogLikelihood<const O extends GaussianOptions>(
  predictions: TensorLike,
  targets: TensorLike,
  options: O,
): LossOf<O>;
export function gaussianNegativeLogLikelihood(
  predictions: TensorLike,
  targets: TensorLike,
  options: GaussianOptions,
): Tensor {
  const operation = "gaussianNegativeLogLikelihood";
  const [means, values] = pair(operation, predictions, targets, options, ["variance", "full"]);
  const variance = varianceOf(options.variance, means, operation);
  const half = literal(0.5, means);
  const losses = variance.log().add(means.sub(values).square().div(variance)).mul(half);
  if (!flag(options.full ?? false, "full", operation)) return reduced(losses, options, operation);
  return reduced(losses.add(literal(Math.log(2 * Math.PI) / 2, means)), options, operation);
}

function varianceOf(variance: TensorLike | undefined, means: Tensor, operation: string): Tensor {
  if (variance === undefined) {
    throw new StateError("there is no variance", {
      operation,
      remedy: "Pass { variance }, a tensor of the predictions' shape or a number",
    });
  }
  const own = given(variance, "variances", operation);
  const fits = own.rank === means.rank && own.shape.every((size, axis) => size === means.shape[axis]);
  if (own.rank === 0 || fits) return own.cast(means.dtype);
  throw new ShapeError(
    `predictions have shape ${formatShape(means.shape)}, variances ${formatShape(own.shape)}`,
    {
      operation,
      shapes: [means.shape, own.shape],
      remedy: "Give one variance for each prediction, or one for all",
    },
  );
}
