import { checkOptions } from "@cotangent/core";
import { chain } from "./chain.ts";
import { checkNumber } from "./checks.ts";
import { Optimizer } from "./optimizer.ts";
import { COMMON_OPTIONS, decay, first, type OptimizerOptions } from "./options.ts";
import { RMS_OPTIONS, type RmsScaleOptions, scaleByRms } from "./scaleByRms.ts";
import { trace } from "./trace.ts";
import type { Transformation } from "./transformation.ts";

/** Without a learning rate it is 0.01. */
export interface RMSPropOptions extends OptimizerOptions, RmsScaleOptions {
  /** How much of the velocity is kept. 0 unless given. */
  readonly momentum?: number;
}

/**
 * RMSProp, as `torch.optim.RMSprop`:
 * ```
 * g = gradient + weightDecay*w
 * square = decay*square + (1 - decay)*g^2
 * v = momentum*v + g / (sqrt(square) + epsilon)
 * w = w - learningRate*v
 * ```
 * Keras' epsilon stands under the root, and its decay is 0.9. Tieleman and Hinton, 2012.
 * @throws StateError for options that are unknown or out of range
 */
export class RMSProp extends Optimizer {
  constructor(options: RMSPropOptions = {}) {
    super(direction(options), { learningRate: options.learningRate ?? 0.01 });
  }
}

function direction(options: RMSPropOptions): Transformation {
  checkOptions("RMSProp", options, [...COMMON_OPTIONS, ...RMS_OPTIONS, "momentum"]);
  const momentum = checkNumber(options.momentum ?? 0, "momentum", "RMSProp");
  const { decay: kept, epsilon, centered } = options;
  return chain(
    ...first(options.gradientTransform, "RMSProp"),
    ...decay(options, "RMSProp"),
    scaleByRms({ decay: kept, epsilon, centered }),
    ...(momentum === 0 ? [] : [trace({ momentum })]),
  );
}
