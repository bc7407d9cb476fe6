import {
  type DType,
  DTypeError,
  describeValue,
  isFloating,
  random,
  StateError,
  type Tensor,
} from "@cotangent/core";

export interface KeyOptions {
  /** Where the first weights come from: the same key gives the same weights. */
  readonly key?: Tensor;
  /** Short for `key: random.key(seed)`. */
  readonly seed?: number;
}

/** @throws StateError unless `value` is a whole number, 1 or more */
export function checkSize(value: unknown, what: string, operation: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw new StateError(`${what} must be a whole number of at least 1, not ${describeValue(value)}`, {
    operation,
    remedy: "Give the size of an axis",
  });
}

/** @throws DTypeError unless weights of that dtype can be trained */
export function checkFloating(dtype: DType, operation: string): DType {
  if (isFloating(dtype)) return dtype;
  throw new DTypeError(`weights of dtype ${dtype} cannot be trained`, {
    operation,
    dtypes: [dtype],
    remedy: "Use float32 or float64",
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
