import { describeValue, StateError } from "@cotangent/core";
import { addDecayedWeights, type ParameterMask } from "./addDecayedWeights.ts";
import { checkNumber } from "./checks.ts";
import type { Schedule } from "./learningRate.ts";
import type { Transformation } from "./transformation.ts";

/** What all optimisers take. */
export interface OptimizerOptions {
  /** A number, or a function from the number of steps made to a number, such as those of `schedules`. */
  readonly learningRate?: number | Schedule;
  /** What is done to the gradients before everything else, such as `clipByGlobalNorm(1)`. */
  readonly gradientTransform?: Transformation;
  /** How much of each variable is taken off it in a step. 0 unless given. */
  readonly weightDecay?: number;
  /** Which variables decay: all unless given. `({ rank }) => rank > 1` leaves out biases. */
  readonly weightDecayMask?: ParameterMask;
}

export const COMMON_OPTIONS = [
  "learningRate",
  "gradientTransform",
  "weightDecay",
  "weightDecayMask",
] as const;

/** The transformation that comes first, if there is one. @throws StateError for something else */
export function first(transform: unknown, operation: string): Transformation[] {
  if (transform === undefined) return [];
  if (typeof (transform as Partial<Transformation> | null)?.update === "function") {
    return [transform as Transformation];
  }
  throw new StateError(`gradientTransform is ${describeValue(transform)}`, {
    operation,
    remedy: "Pass a transformation such as clipByGlobalNorm(1), or several with chain(...)",
  });
}

/** The decay of weights, where there is some. @throws StateError for options out of range, and a mask of nothing */
export function decay(options: OptimizerOptions, operation: string, usual = 0): Transformation[] {
  const weightDecay = checkNumber(options.weightDecay ?? usual, "weightDecay", operation);
  const mask = options.weightDecayMask;
  if (weightDecay === 0) {
    if (mask === undefined) return [];
    throw new StateError("there is a weightDecayMask, but no weightDecay", {
      operation,
      remedy: "Give weightDecay, such as 0.01",
    });
  }
  return [addDecayedWeights(weightDecay, mask === undefined ? {} : { mask })];
}
