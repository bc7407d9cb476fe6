import { describeValue, StateError } from "@cotangent/core";

/** An option that is a finite number above 0. @throws StateError */
export function positive(value: unknown, name: string, operation: string): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new StateError(`${name} must be a finite number above 0, not ${shown(value)}`, {
    operation,
    remedy: "Leave it out for 1, the usual one",
  });
}

/** An option that is a number from 0 to 1. @throws StateError */
export function fraction(value: unknown, name: string, operation: string): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw new StateError(`${name} must be a number from 0 to 1, not ${shown(value)}`, {
    operation,
    remedy: "Common is 0.1; leave it out for none",
  });
}

/** An option that is true or false. @throws StateError */
export function flag(value: unknown, name: string, operation: string): boolean {
  if (typeof value === "boolean") return value;
  throw new StateError(`${name} must be true or false, not ${shown(value)}`, {
    operation,
    remedy: "Leave it out for false",
  });
}

const shown = (value: unknown): string => (typeof value === "number" ? String(value) : describeValue(value));
