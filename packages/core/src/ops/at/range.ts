import { isTensor, type Tensor } from "../../ir/tensor.ts";
import type { NestedValues } from "../../prims/convert.ts";
import type { TypedArray } from "../../types/dtype.ts";
import { describeValue } from "../../types/trees.ts";
import { IndexError } from "../../util/errors.ts";

/** Some elements of an axis, as `range` makes it; null leaves an end open. */
export interface Range {
  readonly kind: "range";
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number;
}

/** Stands for as many whole axes as the other indices leave over; the same as the string "...". */
export const ellipsis = "...";

/**
 * What `at` takes for an axis or several: an integer, a `range`, `null` for a new axis of size 1, `ellipsis`, a tensor or
 * nested arrays of integers, or a mask: a tensor or nested arrays of booleans, for as many axes as it has.
 */
export type Index = number | null | Range | typeof ellipsis | Tensor | NestedValues | TypedArray;

/**
 * The places from `start` (inclusive) to `stop` (exclusive) of an axis, every `step`-th, for `at`: `range(1, -1)` is NumPy's
 * `1:-1`, `range()` the whole axis, `range(null, null, -1)` the axis backwards. Negative positions count from the end,
 * positions beyond it stop there. @throws IndexError for positions that are not whole, and a step of 0
 */
export function range(start: number | null = null, stop: number | null = null, step = 1): Range {
  for (const value of [start, stop, step]) {
    if (value === null || Number.isInteger(value)) continue;
    throw new IndexError(`${describeValue(value)} is not a position`, {
      operation: "range",
      remedy: "Positions are whole numbers; null leaves an end open",
    });
  }
  if (step === 0) {
    throw new IndexError("step 0 does not move on", {
      operation: "range",
      remedy: "Use 1, 2, ..., or -1, -2, ... to go backwards",
    });
  }
  return Object.freeze({ kind: "range", start, stop, step });
}

export const isRange = (index: unknown): index is Range =>
  typeof index === "object" && index !== null && !isTensor(index) && (index as Range).kind === "range";
