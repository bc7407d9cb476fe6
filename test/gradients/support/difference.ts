import type { Precision } from "./row.ts";

/** A derivative from values alone, and how far off it may be. */
export interface Difference {
  readonly value: Float64Array;
  /** For each element: a bound of the error by truncation and by rounding. */
  readonly tolerance: Float64Array;
  /** Whether all elements are known to the limit of the precision. */
  readonly conclusive: boolean;
}

const LEVELS = 4;
/** How many roundings of the size of the result may add up in one value, for the small tensors here. */
const ROUNDINGS = 32;

/** The points, in units of the parameter, at which values are wanted: +h, -h for each halved step. */
export const stencil = (step: number): number[] =>
  Array.from({ length: LEVELS }, (_, level) => step / 2 ** level).flatMap((h) => [h, -h]);

/** First and second differences of the values at +h and -h, and the power of h that rounding is divided by. */
interface Scheme {
  readonly power: 1 | 2;
  difference(ahead: number, behind: number, here: number, h: number): number;
}

const FIRST: Scheme = { power: 1, difference: (ahead, behind, _, h) => (ahead - behind) / (2 * h) };
const SECOND: Scheme = {
  power: 2,
  difference: (ahead, behind, here, h) => (ahead - here - (here - behind)) / (h * h),
};

/** The first derivative at 0 of a vector-valued function of one number, from its values at the points of `stencil`. */
export const firstDerivative = (values: readonly Float64Array[], precision: Precision): Difference =>
  extrapolate(values, values[0], precision, FIRST);

/** The second derivative, which takes the value at 0 as well. */
export const secondDerivative = (
  values: readonly Float64Array[],
  here: Float64Array,
  precision: Precision,
): Difference => extrapolate(values, here, precision, SECOND);

/**
 * Central differences with halved steps, whose error is a series in h^2, and Richardson's extrapolation, which cancels
 * the first terms of that series. The last two extrapolations differ by about the error of the worse of them; rounding
 * adds epsilon * |f| / h for the smallest h (/ h^2 at second order).
 */
function extrapolate(
  values: readonly Float64Array[],
  here: Float64Array,
  { step, epsilon, limit }: Precision,
  { power, difference }: Scheme,
): Difference {
  const size = values[0].length;
  const value = new Float64Array(size);
  const tolerance = new Float64Array(size);
  const largest = values.reduce((most, vector) => vector.reduce((m, x) => Math.max(m, Math.abs(x)), most), 1);
  const smallest = step / 2 ** (LEVELS - 1);
  const noise = (ROUNDINGS * epsilon * largest) / smallest ** power;
  let conclusive = true;
  for (let i = 0; i < size; i++) {
    let row = Array.from({ length: LEVELS }, (_, level) =>
      difference(values[2 * level][i], values[2 * level + 1][i], here[i], step / 2 ** level),
    );
    let previous = row[row.length - 1];
    for (let order = 1; order < LEVELS; order++) {
      previous = row[row.length - 1];
      const factor = 4 ** order;
      row = row.slice(1).map((finer, k) => (factor * finer - row[k]) / (factor - 1));
    }
    value[i] = row[0];
    tolerance[i] = 4 * Math.abs(row[0] - previous) + noise;
    if (!(tolerance[i] <= limit * (1 + Math.abs(row[0])))) conclusive = false;
  }
  return { value, tolerance, conclusive };
}
