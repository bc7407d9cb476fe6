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

/** Refuses options that are not an object, and names that nobody reads (a typing mistake would pass silently). */
export function checkOptions(operation: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new StateError(`the options are ${show(options)}`, {
      operation,
      remedy: `Pass an object such as { ${known[0]}: ... }`,
    });
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = known.find((name) => name.toLowerCase() === unknown.toLowerCase());
  throw new StateError(`there is no option ${unknown}`, {
    operation,
    remedy: meant === undefined ? `The options are ${known.join(", ")}` : `Did you mean ${meant}?`,
  });
}

/** What a value is, for messages: short for arrays. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "number" ? String(value) : describeValue(value);
}
