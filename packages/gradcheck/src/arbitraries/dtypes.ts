import { checkOptions, DTYPES, type DType, isFloating } from "@cotangent/core";
import fc from "fast-check";

/** Which dtypes there are. */
export interface DTypeOptions {
  /** Only those of real numbers, or only the others; all unless given. */
  readonly floating?: boolean;
}

/**
 * Dtypes. They shrink towards float64, and to int32 where there is none.
 * @throws StateError for options that make no sense
 */
export function dtypes(options: DTypeOptions = {}): fc.Arbitrary<DType> {
  checkOptions("dtypes", options, ["floating"]);
  const { floating } = options;
  const simplestFirst = [...DTYPES].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
  return fc.constantFrom(
    ...simplestFirst.filter((dtype) => floating === undefined || isFloating(dtype) === floating),
  );
}

const ORDER: readonly DType[] = ["float64", "float32", "int32", "uint32", "bool"];
