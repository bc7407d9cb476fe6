import { StateError } from "@cotangent/core";

/** A whole number from `least` on that was given for an option. @throws StateError */
export function wholeOption(operation: string, name: string, value: unknown, least: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw new StateError(`${name} is ${String(value)}`, {
    operation,
    remedy: `Give a whole number from ${least}`,
  });
}

/** Two options of which the first is at most the second. @throws StateError */
export function checkRange(
  operation: string,
  low: readonly [string, number],
  high: readonly [string, number],
): void {
  if (low[1] <= high[1]) return;
  throw new StateError(`${low[0]} is ${low[1]}, which is more than ${high[0]}, ${high[1]}`, {
    operation,
    remedy: `Make ${high[0]} at least ${low[1]}`,
  });
}

/** One of some values. @throws StateError */
export function choiceOption<T>(operation: string, name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value;
  throw new StateError(`${name} cannot be ${JSON.stringify(value)}`, {
    operation,
    remedy: `Give ${allowed.map((one) => JSON.stringify(one)).join(" or ")}`,
  });
}
