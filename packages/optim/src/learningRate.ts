import { describeValue, StateError } from "@cotangent/core";
import { checkNumber } from "./checks.ts";

/** The learning rate of each step, from the number of steps made before: 0 at the first. */
export type Schedule = (step: number) => number;

/** @throws StateError unless it is a finite number of at least 0, or a function */
export function checkLearningRate(value: unknown, operation: string): number | Schedule {
  if (typeof value === "function") return value as Schedule;
  const remedy = "Give such a number, or a schedule: a function of the step";
  return checkNumber(value, "learningRate", operation, { remedy });
}

/** The rate at a step. @throws StateError when a schedule gives something else than a finite number of at least 0 */
export function rateAt(learningRate: number | Schedule, step: number, operation: string): number {
  if (typeof learningRate === "number") return learningRate;
  const rate: unknown = learningRate(step);
  if (typeof rate === "number" && Number.isFinite(rate) && rate >= 0) return rate;
  throw new StateError(
    `the schedule gave ${typeof rate === "number" ? rate : describeValue(rate)} for step ${step}`,
    { operation, remedy: "A schedule takes the number of the step and gives a finite number of at least 0" },
  );
}
