import { checkOptions, type Tensor } from "@cotangent/core";
import { checkFlag, checkNumber } from "./checks.ts";
import { literal, zeroData } from "./literals.ts";
import type { Slots, Transformation } from "./transformation.ts";

export interface RmsScaleOptions {
  /** How much of the mean of squares is kept at each step: 0.99 unless given. */
  readonly decay?: number;
  /** Added to the root: 1e-8 unless given. */
  readonly epsilon?: number;
  /** Divide by the standard deviation of the gradients instead of the root of their mean square. */
  readonly centered?: boolean;
}

export const RMS_OPTIONS = ["decay", "epsilon", "centered"] as const;

/**
 * Divides gradients by the root of the running mean of their squares: g / (sqrt(square) + epsilon) with
 * square = decay*square + (1 - decay)*g^2. Tieleman and Hinton, "Lecture 6.5: RMSProp", 2012; centered: Graves,
 * "Generating sequences with recurrent neural networks", 2013, where square - mean^2 takes the place of square.
 * @throws StateError for options that are unknown or out of range
 */
export function scaleByRms(options: RmsScaleOptions = {}): Transformation {
  const operation = "scaleByRms";
  checkOptions(operation, options, RMS_OPTIONS);
  const decay = checkNumber(options.decay ?? 0.99, "decay", operation, { below: 1 });
  const epsilon = checkNumber(options.epsilon ?? 1e-8, "epsilon", operation);
  const centered = checkFlag(options.centered ?? false, "centered", operation);
  const kept = (old: Tensor, now: Tensor): Tensor =>
    old.mul(literal(decay, old)).add(now.mul(literal(1 - decay, now)));

  return {
    slots: centered ? ["square", "mean"] : ["square"],
    init: (params) =>
      params.map(({ shape, dtype }): Slots => {
        const square = zeroData(shape, dtype);
        return centered ? { square, mean: zeroData(shape, dtype) } : { square };
      }),
    update(gradients, state) {
      const after = gradients.map((gradient, i): Slots => {
        const square = kept(state[i].square, gradient.square());
        return centered ? { square, mean: kept(state[i].mean, gradient) } : { square };
      });
      const updates = after.map(({ square, mean }, i) => {
        // The difference may be rounded below 0.
        const spread = centered ? square.sub(mean.square()).maximum(literal(0, square)) : square;
        return gradients[i].div(spread.sqrt().add(literal(epsilon, square)));
      });
      return [updates, after];
    },
  };
}
