import { checkOptions, describeValue, StateError } from "@cotangent/core";
import type { Mode, Property } from "../report/report.ts";

/** How a function is checked. There is nothing to tune: tolerances follow from the estimated errors. */
export interface CheckOptions {
  /** What the report calls the function; its own name unless given. */
  readonly name?: string;
  /** 1: gradients; 2: gradients of gradients, too. Default 1. */
  readonly order?: 1 | 2;
  /** How derivatives are computed. Default: all modes of the orders that are asked for. */
  readonly modes?: readonly Mode[];
  /** At a kink: `report` it, or `move` the inputs off it first. Default `report`. */
  readonly kinks?: "report" | "move";
  /** What else to check. Default: nothing. */
  readonly also?: readonly Property[];
  /**
   * Compare along so many random directions, and look for the element only where something is wrong. Default: every
   * element of up to 64 on its own, three directions for more.
   */
  readonly directions?: number;
  /** Random directions follow from it. Default 0. */
  readonly seed?: number;
}

const NAMES = ["name", "order", "modes", "kinks", "also", "directions", "seed"] as const;

/** The modes by order. */
export const FIRST: readonly Mode[] = ["reverse", "forward"];
export const SECOND: readonly Mode[] = [
  "forwardOverReverse",
  "reverseOverForward",
  "reverseOverReverse",
  "forwardOverForward",
];
/** What can be asked for with `also`. */
export const PROPERTIES: readonly Property[] = [
  "purity",
  "vmap",
  "aliasing",
  "unused",
  "doubleBackward",
  "maskedNaN",
  "batchSizes",
];

/** Options with everything decided. */
export interface Settings {
  readonly order: 1 | 2;
  readonly modes: readonly Mode[];
  readonly kinks: "report" | "move";
  readonly also: readonly Property[];
  readonly directions: number | null;
  readonly seed: number;
}

/** @throws StateError for what is no option, or no value for it */
export function settingsOf(operation: string, options: CheckOptions): Settings {
  checkOptions(operation, options, NAMES);
  const { order = 1, kinks = "report", also = [], directions = null, seed = 0 } = options;
  const allowed = order === 2 ? [...FIRST, ...SECOND] : FIRST;
  const { modes = allowed } = options;
  if (options.name !== undefined && typeof options.name !== "string") {
    throw new StateError(`name is a text, not ${describeValue(options.name)}`, {
      operation,
      remedy: "Leave it out to have the function's own name in the report",
    });
  }
  oneOf(operation, "order", order, [1, 2]);
  oneOf(operation, "kinks", kinks, ["report", "move"]);
  if (listed(operation, "modes", modes).length === 0) {
    throw new StateError("modes is an empty list: nothing would be compared", {
      operation,
      remedy: `Leave it out for all modes, or pass some of ${allowed.join(", ")}`,
    });
  }
  for (const mode of modes) {
    if (order === 1 && SECOND.includes(mode)) {
      throw new StateError(`mode ${mode} is of second order`, {
        operation,
        remedy: "Pass { order: 2 } with it",
      });
    }
    oneOf(operation, "modes", mode, allowed);
  }
  for (const property of listed(operation, "also", also)) oneOf(operation, "also", property, PROPERTIES);
  if (directions !== null && !(Number.isInteger(directions) && directions >= 1)) {
    throw new StateError(`directions is a whole number of at least 1, not ${String(directions)}`, {
      operation,
      remedy: "Leave it out to have every element of small inputs compared",
    });
  }
  if (!Number.isSafeInteger(seed)) {
    throw new StateError(`seed is a whole number, not ${String(seed)}`, {
      operation,
      remedy: "Pass one such as 1",
    });
  }
  return { order, modes, kinks, also, directions, seed };
}

function oneOf<T>(operation: string, name: string, value: T, allowed: readonly T[]): void {
  if (allowed.includes(value)) return;
  throw new StateError(`${name} cannot be ${JSON.stringify(value)}`, {
    operation,
    remedy: `Pass ${choice(allowed.map((one) => JSON.stringify(one)))}`,
  });
}

/** `1 or 2`, `"a", "b" or "c"`. */
const choice = (names: readonly string[]): string =>
  [names.slice(0, -1).join(", "), ...names.slice(-1)].filter((part) => part !== "").join(" or ");

function listed<T>(operation: string, name: string, value: readonly T[]): readonly T[] {
  if (Array.isArray(value)) return value;
  throw new StateError(`${name} is a list, not ${JSON.stringify(value)}`, {
    operation,
    remedy: `Write { ${name}: [...] }`,
  });
}
