import { checkOptions } from "@cotangent/core";
import { chain } from "./chain.ts";
import { checkNumber } from "./checks.ts";
import type { Schedule } from "./learningRate.ts";
import { Optimizer } from "./optimizer.ts";
import { COMMON_OPTIONS, decay, first, type OptimizerOptions } from "./options.ts";
import { checkNesterov, trace } from "./trace.ts";
import type { Transformation } from "./transformation.ts";

export interface SGDOptions extends OptimizerOptions {
  /** A number, or a function from the number of steps made to a number. */
  readonly learningRate: number | Schedule;
  /** m: how much of the velocity is kept. 0 unless given. */
  readonly momentum?: number;
  /** d: how much of each gradient but the first is left out of the velocity. 0 unless given. */
  readonly dampening?: number;
  /** Look ahead: w = w - lr*(g + m*v). false unless given. */
  readonly nesterov?: boolean;
}

const OPTIONS = [...COMMON_OPTIONS, "momentum", "dampening", "nesterov"];

/**
 * Stochastic gradient descent, as PyTorch defines it:
 * ```
 * g = gradient + weightDecay*w
 * v = g at the first step, then momentum*v + (1 - dampening)*g
 * w = w - learningRate*v                      with nesterov: w - learningRate*(g + momentum*v)
 * ```
 * Keras (and Sutskever et al. 2013) scale by the learning rate first, v = momentum*v - learningRate*g and w = w + v:
 * the same while the learning rate does not change; after a change, here the whole velocity moves at the new rate.
 * Sources: Robbins and Monro 1951; Polyak 1964; Nesterov 1983; Sutskever, Martens, Dahl and Hinton, ICML 2013.
 * @throws StateError for options that are unknown, not finite or negative, and for nesterov without momentum or with
 *   dampening
 */
export class SGD extends Optimizer {
  constructor(options: SGDOptions) {
    super(direction(options), options);
  }
}

function direction(options: SGDOptions): Transformation {
  checkOptions("SGD", options, OPTIONS);
  const momentum = checkNumber(options.momentum ?? 0, "momentum", "SGD");
  const dampening = checkNumber(options.dampening ?? 0, "dampening", "SGD", {
    low: Number.NEGATIVE_INFINITY,
  });
  const nesterov = options.nesterov ?? false;
  checkNesterov(nesterov, momentum, dampening, "SGD");
  return chain(
    ...first(options.gradientTransform, "SGD"),
    ...decay(options, "SGD"),
    ...(momentum === 0 ? [] : [trace({ momentum, dampening, nesterov })]),
  );
}
