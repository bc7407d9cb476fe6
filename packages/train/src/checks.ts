import { describeValue, StateError } from "@cotangent/core";

/** A whole number from `least`, or StateError. */
export function checkCount(operation: string, what: string, value: unknown, least = 1): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw new StateError(`${what} is ${show(value)}`, {
    operation,
    remedy: `Pass a whole number from ${least}`,
  });
}

/** A boolean, or StateError. */
export function checkBoolean(operation: string, what: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new StateError(`${what} is ${show(value)}`, { operation, remedy: "Pass true or false" });
}

/** What a value is, for messages: short for arrays. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "number" ? String(value) : describeValue(value);
}
