import { describeValue, StateError } from "@cotangent/core";

/** @throws StateError unless `value` is a finite number in [low, high), or at least `low` without `high` */
export function checkNumber(
  value: unknown,
  name: string,
  operation: string,
  {
    low = 0,
    below = Number.POSITIVE_INFINITY,
    remedy = "Give such a number",
  }: { low?: number; below?: number; remedy?: string } = {},
): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= low && value < below) return value;
  const range =
    below === Number.POSITIVE_INFINITY ? `of at least ${low}` : `of at least ${low} and below ${below}`;
  throw new StateError(`${name} must be a finite number ${range}, not ${shown(value)}`, {
    operation,
    remedy,
  });
}

const shown = (value: unknown): string => (typeof value === "number" ? String(value) : describeValue(value));

/** @throws StateError unless `value` is true or false */
export function checkFlag(value: unknown, name: string, operation: string): boolean {
  if (typeof value === "boolean") return value;
  throw new StateError(`${name} must be true or false, not ${shown(value)}`, {
    operation,
    remedy: "Leave it out for false",
  });
}
