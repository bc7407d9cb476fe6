import { describeValue, random, StateError, type Tensor } from "@cotangent/core";

export interface KeyOptions {
  /** Where the first weights come from: the same key gives the same weights. */
  readonly key?: Tensor;
  /** Short for `key: random.key(seed)`. */
  readonly seed?: number;
}

/** @throws StateError when an option has another name than those that the operation takes */
export function checkOptions(options: object, allowed: readonly string[], operation: string): void {
  if (typeof options !== "object" || options === null) {
    throw new StateError(`options are an object, not ${describeValue(options)}`, { operation });
  }
  const unknown = Object.keys(options).find((name) => !allowed.includes(name));
  if (unknown === undefined) return;
  throw new StateError(`unknown option ${unknown}`, {
    operation,
    remedy: `Options are ${allowed.join(", ")}`,
  });
}

/** @throws StateError unless `value` is a whole number, 1 or more */
export function checkSize(value: unknown, what: string, operation: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw new StateError(`${what} must be a whole number of at least 1, not ${describeValue(value)}`, {
    operation,
  });
}

/** `count` keys made of the one given by key or seed; none of them where neither is given. */
export function splitKey(options: KeyOptions, count: number, operation: string): (Tensor | undefined)[] {
  if (options.key !== undefined && options.seed !== undefined) {
    throw new StateError("both key and seed are given", {
      operation,
      remedy: "Give one of them, or neither",
    });
  }
  const key = options.seed !== undefined ? random.key(options.seed) : options.key;
  return key === undefined || count === 0 ? new Array(count).fill(undefined) : random.split(key, count);
}
