import { checkOptions } from "@cotangent/core";
import { chain } from "./chain.ts";
import { Optimizer } from "./optimizer.ts";
import { COMMON_OPTIONS, decay, first, type OptimizerOptions } from "./options.ts";
import { ADAM_OPTIONS, type AdamScaleOptions, adamScale } from "./scaleByAdam.ts";
import type { Transformation } from "./transformation.ts";

/** Without a learning rate it is 0.001. */
export type AdamOptions = OptimizerOptions & AdamScaleOptions;

const RATE = 0.001;

/**
 * Adam: each element moves by about the learning rate, whatever the size of its gradients.
 * ```
 * g = gradient + weightDecay*w
 * mean = beta1*mean + (1 - beta1)*g             square = beta2*square + (1 - beta2)*g^2
 * w = w - learningRate * mean / (1 - beta1^t) / (sqrt(square / (1 - beta2^t)) + epsilon)
 * ```
 * As `torch.optim.Adam`. weightDecay goes through the scaling here: `AdamW` is what one mostly wants with it.
 * Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015; for amsgrad and nesterov see `scaleByAdam`.
 * @throws StateError for options that are unknown or out of range
 */
export class Adam extends Optimizer {
  constructor(options: AdamOptions = {}) {
    super(
      direction("Adam", options, (scale) => [...decay(options, "Adam"), scale]),
      {
        learningRate: options.learningRate ?? RATE,
      },
    );
  }
}

/**
 * Adam with a decay of weights that is not scaled with the gradients, 0.01 unless given:
 * w = w - learningRate * (update of Adam + weightDecay*w), as `torch.optim.AdamW`.
 * Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
 * @throws StateError for options that are unknown or out of range
 */
export class AdamW extends Optimizer {
  constructor(options: AdamOptions = {}) {
    super(
      direction("AdamW", options, (scale) => [scale, ...decay(options, "AdamW", 0.01)]),
      {
        learningRate: options.learningRate ?? RATE,
      },
    );
  }
}

function direction(
  operation: string,
  options: AdamOptions,
  order: (scale: Transformation) => Transformation[],
): Transformation {
  checkOptions(operation, options, [...COMMON_OPTIONS, ...ADAM_OPTIONS]);
  const { beta1, beta2, epsilon, amsgrad, nesterov } = options;
  return chain(
    ...first(options.gradientTransform, operation),
    ...order(adamScale({ beta1, beta2, epsilon, amsgrad, nesterov }, operation)),
  );
}
