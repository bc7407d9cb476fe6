import { type Tensor, type TensorLike, xlogy } from "@cotangent/core";
import { flag } from "./numbers.ts";
import { type LossOf, type LossOptions, pair, reduced } from "./reduction.ts";

export interface PoissonOptions extends LossOptions {
  /** Predictions are logarithms of rates, any numbers: false unless given. */
  readonly logRates?: boolean;
}

/**
 * The mean over all elements of rate - target * log(rate): the negative log-likelihood of counts under Poisson
 * distributions of these rates, but for log(target!), which no prediction changes. Predictions are rates of at least 0; a
 * rate of 0 adds 0 for the target 0, and is infinitely wrong for others. With `logRates` it is e^x - target * x.
 * @throws ShapeError when shapes differ or there are no elements, DTypeError for predictions that are not floating
 */
export function poisson<const O extends PoissonOptions = Record<never, never>>(
  predictions: TensorLike,
  targets: TensorLike,
  options?: O,
): LossOf<O>;
export function poisson(predictions: TensorLike, targets: TensorLike, options: PoissonOptions = {}): Tensor {
  const operation = "poisson";
  const [values, counts] = pair(operation, predictions, targets, options, ["logRates"]);
  const logRates = flag(options.logRates ?? false, "logRates", operation);
  if (logRates) return reduced(values.exp().sub(counts.mul(values)), options, operation);
  return reduced(values.sub(xlogy(counts, values)), options, operation);
}
