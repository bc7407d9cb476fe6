import { checkOptions } from "@cotangent/core";
import { chain } from "./chain.ts";
import { Optimizer } from "./optimizer.ts";
import { COMMON_OPTIONS, decay, first, type OptimizerOptions } from "./options.ts";
import { ADAGRAD_OPTIONS, type AdagradScaleOptions, scaleByAdagrad } from "./scaleByAdagrad.ts";
import type { Transformation } from "./transformation.ts";

/** Without a learning rate it is 0.01. */
export type AdagradOptions = OptimizerOptions & AdagradScaleOptions;

/**
 * Adagrad, for gradients that are sparse: w = w - learningRate * g / (sqrt(sum of all g^2) + epsilon) with
 * g = gradient + weightDecay*w, as `torch.optim.Adagrad`. Duchi, Hazan and Singer, JMLR 2011.
 * @throws StateError for options that are unknown or out of range
 */
export class Adagrad extends Optimizer {
  constructor(options: AdagradOptions = {}) {
    super(direction(options), { learningRate: options.learningRate ?? 0.01 });
  }
}

function direction(options: AdagradOptions): Transformation {
  checkOptions("Adagrad", options, [...COMMON_OPTIONS, ...ADAGRAD_OPTIONS]);
  const { initialAccumulator, epsilon } = options;
  return chain(
    ...first(options.gradientTransform, "Adagrad"),
    ...decay(options, "Adagrad"),
    scaleByAdagrad({ initialAccumulator, epsilon }),
  );
}
