import type { Point } from "./point.ts";

/** How many roundings may add up in a chain of a few dozen operations, some of which cancel. */
const ROUNDINGS = 2 ** 19;

const show = (values: Float64Array): string =>
  `[${[...values.slice(0, 8)].join(", ")}${values.length > 8 ? ", ..." : ""}]`;

/** @throws Error unless both are equal, element by element, within the tolerances. NaN equals nothing. */
export function checkClose(
  what: string,
  actual: Float64Array,
  expected: Float64Array,
  tolerance: Float64Array,
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: ${actual.length} elements instead of ${expected.length}`);
  }
  for (let i = 0; i < actual.length; i++) {
    if (Math.abs(actual[i] - expected[i]) <= tolerance[i]) continue;
    throw new Error(
      `${what}: element ${i} is ${actual[i]} instead of ${expected[i]} (+-${tolerance[i].toExponential(1)}): ` +
        `${show(actual)} instead of ${show(expected)}`,
    );
  }
}

/** @throws Error unless both are equal up to rounding, relative to the greatest element. */
export function checkEqual(
  { epsilon }: Pick<Point, "epsilon">,
  what: string,
  actual: Float64Array,
  expected: Float64Array,
): void {
  const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  const rounding = Math.min(ROUNDINGS * epsilon, 1e-5);
  checkClose(what, actual, expected, new Float64Array(actual.length).fill(rounding * largest));
}
