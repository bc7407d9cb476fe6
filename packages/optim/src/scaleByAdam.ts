import { checkOptions, type Tensor } from "@cotangent/core";
import { checkFlag, checkNumber } from "./checks.ts";
import { literal, zeroData } from "./literals.ts";
import { onceForEachDType } from "./stepNumbers.ts";
import type { Slots, Transformation } from "./transformation.ts";

export interface AdamScaleOptions {
  /** How much of the mean of gradients is kept at each step: 0.9 unless given. */
  readonly beta1?: number;
  /** How much of the mean of their squares is kept: 0.999 unless given. */
  readonly beta2?: number;
  /** Added to the root: 1e-8 unless given. */
  readonly epsilon?: number;
  /** Divide by the root of the greatest mean square so far, so that no step is longer than those before allow. */
  readonly amsgrad?: boolean;
  /** Look ahead by one step of the mean, as Nesterov's momentum does. */
  readonly nesterov?: boolean;
}

export const ADAM_OPTIONS = ["beta1", "beta2", "epsilon", "amsgrad", "nesterov"] as const;

/**
 * Adam's direction:
 * ```
 * mean = beta1*mean + (1 - beta1)*g             square = beta2*square + (1 - beta2)*g^2
 * update = mean / (1 - beta1^t) / (sqrt(square / (1 - beta2^t)) + epsilon)           t = 1 at the first step
 * ```
 * Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015. amsgrad: Reddi, Kale and Kumar, "On the
 * convergence of Adam and beyond", ICLR 2018, with the maximum taken before the correction, as in PyTorch. nesterov:
 * Dozat, "Incorporating Nesterov momentum into Adam", 2016, where the mean of the update is
 * beta1*mean / (1 - beta1^(t+1)) + (1 - beta1)*g / (1 - beta1^t), with the same beta1 at all steps.
 * @throws StateError for options that are unknown or out of range
 */
export function scaleByAdam(options: AdamScaleOptions = {}): Transformation {
  checkOptions("scaleByAdam", options, ADAM_OPTIONS);
  return adamScale(options, "scaleByAdam");
}

/** The same for an optimiser, whose name its errors have. */
export function adamScale(options: AdamScaleOptions, operation: string): Transformation {
  const beta1 = checkNumber(options.beta1 ?? 0.9, "beta1", operation, { below: 1 });
  const beta2 = checkNumber(options.beta2 ?? 0.999, "beta2", operation, { below: 1 });
  const epsilon = checkNumber(options.epsilon ?? 1e-8, "epsilon", operation);
  const amsgrad = checkFlag(options.amsgrad ?? false, "amsgrad", operation);
  const nesterov = checkFlag(options.nesterov ?? false, "nesterov", operation);
  const kept = (beta: number, old: Tensor, now: Tensor): Tensor =>
    old.mul(literal(beta, old)).add(now.mul(literal(1 - beta, now)));

  function after(gradient: Tensor, slots: Slots): Slots {
    const mean = kept(beta1, slots.mean, gradient);
    const square = kept(beta2, slots.square, gradient.square());
    if (!amsgrad) return { mean, square };
    return { mean, square, greatest: slots.greatest.maximum(square) };
  }

  return {
    slots: amsgrad ? ["mean", "square", "greatest"] : ["mean", "square"],
    init: (params) =>
      params.map(({ shape, dtype }): Slots => {
        const zeros = (): Tensor => zeroData(shape, dtype);
        const means = { mean: zeros(), square: zeros() };
        return amsgrad ? { ...means, greatest: zeros() } : means;
      }),
    update(gradients, state, _params, atStep) {
      const corrections = onceForEachDType((dtype) => ({
        mean: atStep((step) => 1 / (1 - beta1 ** (step + 1)), dtype),
        ahead: nesterov ? atStep((step) => 1 / (1 - beta1 ** (step + 2)), dtype) : null,
        root: atStep((step) => 1 / Math.sqrt(1 - beta2 ** (step + 1)), dtype),
      }));
      const next = gradients.map((gradient, i) => after(gradient, state[i]));
      const updates = next.map(({ mean, square, greatest = square }, i) => {
        const by = corrections(mean.dtype);
        const direction =
          by.ahead === null
            ? mean.mul(by.mean)
            : mean
                .mul(by.ahead.mul(literal(beta1, mean)))
                .add(gradients[i].mul(by.mean.mul(literal(1 - beta1, mean))));
        return direction.div(greatest.sqrt().mul(by.root).add(literal(epsilon, mean)));
      });
      return [updates, next];
    },
  };
}
