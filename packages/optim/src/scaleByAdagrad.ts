import { checkOptions, full } from "@cotangent/core";
import { checkNumber } from "./checks.ts";
import { literal, zeroData } from "./literals.ts";
import type { Slots, Transformation } from "./transformation.ts";

export interface AdagradScaleOptions {
  /** What the sums of squares begin with: 0 unless given. */
  readonly initialAccumulator?: number;
  /** Added to the root: 1e-10 unless given. */
  readonly epsilon?: number;
}

export const ADAGRAD_OPTIONS = ["initialAccumulator", "epsilon"] as const;

/**
 * Divides gradients by the root of the sum of all their squares so far: g / (sqrt(total) + epsilon). Duchi, Hazan and
 * Singer, "Adaptive subgradient methods for online learning and stochastic optimization", JMLR 2011.
 * @throws StateError for options that are unknown or out of range
 */
export function scaleByAdagrad(options: AdagradScaleOptions = {}): Transformation {
  const operation = "scaleByAdagrad";
  checkOptions(operation, options, ADAGRAD_OPTIONS);
  const start = checkNumber(options.initialAccumulator ?? 0, "initialAccumulator", operation);
  const epsilon = checkNumber(options.epsilon ?? 1e-10, "epsilon", operation);
  return {
    slots: ["total"],
    init: (params) =>
      params.map(
        ({ shape, dtype }): Slots => ({
          total: start === 0 ? zeroData(shape, dtype) : full(shape, start, { dtype }),
        }),
      ),
    update(gradients, state) {
      const after = gradients.map((gradient, i): Slots => ({ total: state[i].total.add(gradient.square()) }));
      const updates = after.map(({ total }, i) =>
        gradients[i].div(total.sqrt().add(literal(epsilon, total))),
      );
      return [updates, after];
    },
  };
}
