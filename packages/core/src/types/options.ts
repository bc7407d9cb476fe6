import { StateError } from "../util/errors.ts";
import { describeValue } from "./trees.ts";

/**
 * Refuses options that are not an object, and names that nobody reads: a typing mistake would pass silently.
 * @throws StateError
 */
export function checkOptions(operation: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new StateError(`options are an object, not ${describeValue(options)}`, {
      operation,
      remedy: `Pass an object such as { ${known[0]}: ... }`,
    });
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = known.find((name) => name.toLowerCase() === unknown.toLowerCase());
  throw new StateError(`unknown option ${unknown}`, {
    operation,
    remedy: meant === undefined ? `Options are ${known.join(", ")}` : `Did you mean ${meant}?`,
  });
}
