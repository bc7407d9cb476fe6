import { ShapeError, StateError } from "@cotangent/core";
import type { Size } from "./pixels/pixels.ts";

/** A value for a message: short, and never "[object Object]". */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null)
    return `an object (${value.constructor?.name ?? "no class"})`;
  if (typeof value === "function") return "a function";
  return String(value);
}

/** `[height, width]` of whole numbers from 1, or `ShapeError`. */
export function checkSize(size: unknown, operation: string): Size {
  const [height, width] = Array.isArray(size) ? (size as unknown[]) : [];
  if (Array.isArray(size) && size.length === 2 && isCount(height) && isCount(width)) return [height, width];
  throw new ShapeError(
    `${operation}: the size ${show(size)} is not [height, width] of whole numbers from 1`,
    {
      operation,
      remedy: `Pass for example ${operation}(image, [224, 224]).`,
    },
  );
}

/** One side length for a square, or `[height, width]`. */
export function checkSquareOrSize(size: unknown, operation: string): Size {
  return checkSize(typeof size === "number" ? [size, size] : size, operation);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}

/** Options that cannot be left out, or `StateError` with an example of them. */
export function checkOptions<T extends object>(options: T, operation: string, example: string): T {
  if (typeof options === "object" && options !== null) return options;
  throw new StateError(`${operation}: the options are ${show(options)}`, {
    operation,
    remedy: `Pass ${example}.`,
  });
}

/** A whole number from `least`, or `StateError`. */
export function checkCount(
  value: unknown,
  { operation, what, least = 1 }: { operation: string; what: string; least?: number },
): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw new StateError(`${operation}: ${what} is ${show(value)}`, {
    operation,
    remedy: `Pass a whole number from ${least}.`,
  });
}

/** A number of 0..1, or `StateError`. */
export function checkShare(value: unknown, { operation, what }: { operation: string; what: string }): number {
  if (typeof value === "number" && value >= 0 && value <= 1) return value;
  throw new StateError(`${operation}: ${what} is ${show(value)}`, {
    operation,
    remedy: "Pass a number from 0 to 1.",
  });
}

/** One of a list of words, or `StateError`. */
export function checkChoice<T extends string>(
  value: unknown,
  choices: readonly T[],
  { operation, what }: { operation: string; what: string },
): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new StateError(`${operation}: ${what} is ${show(value)}`, {
    operation,
    remedy: `Choose one of ${choices.map(show).join(", ")}.`,
  });
}
