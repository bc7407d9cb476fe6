/** A derivative from values alone, for each element of the values. */
export interface Estimate {
  readonly value: Float64Array;
  /** How far off truncation may leave it; rounding comes on top (`amplification`). */
  readonly error: Float64Array;
}

/** Central differences are taken at so many halved steps. */
export const LEVELS = 5;
/** One-sided ones need more: their error falls by a factor of 2 a level instead of 4. */
export const SIDED_LEVELS = 7;

/** The error of the worse of two extrapolations is about their difference; it has been seen to be twice that, in one of some thousands. */
const SAFETY = 4;

/** Rounding errors of the values, of size e, make e * `amplification(smallest step)` of the derivative. */
export const amplification = (smallest: number): number => 4 / smallest;

/** The steps of a window, from its largest on. */
export const stepsFrom = (largest: number, levels: number): number[] =>
  Array.from({ length: levels }, (_, level) => largest / 2 ** level);

/**
 * Central differences (f(h) - f(-h)) / 2h with halved steps, whose errors are a series in h^2, and Richardson's
 * extrapolation, which cancels the first terms of that series (L. F. Richardson, 1911; C. J. F. Ridders, "Accurate
 * computation of F'(x) and F'(x) F''(x)", 1982).
 */
export const centralEstimate = (
  steps: readonly number[],
  ahead: readonly ArrayLike<number>[],
  behind: readonly ArrayLike<number>[],
): Estimate => extrapolated(steps, 4, ahead[0].length, (level, i) => (ahead[level][i] - behind[level][i]) / (2 * steps[level])); // biome-ignore format: one call

/** The derivative on one side: `steps` all have its sign, `values` stand beside `here`. Errors are a series in h. */
export const sidedEstimate = (
  steps: readonly number[],
  values: readonly ArrayLike<number>[],
  here: ArrayLike<number>,
): Estimate => extrapolated(steps, 2, here.length, (level, i) => (values[level][i] - here[i]) / steps[level]);

function extrapolated(
  steps: readonly number[],
  base: number,
  size: number,
  difference: (level: number, i: number) => number,
): Estimate {
  const levels = steps.length;
  const value = new Float64Array(size);
  const error = new Float64Array(size);
  const row = new Float64Array(levels);
  for (let i = 0; i < size; i++) {
    for (let level = 0; level < levels; level++) row[level] = difference(level, i);
    let beside = row[levels - 1];
    let before = row[levels - 2];
    // Row `order` of the scheme, in place; its last two entries are the best of that order.
    for (let order = 1; order < levels; order++) {
      before = row[levels - order - 1];
      beside = row[levels - order];
      const factor = base ** order;
      for (let k = 0; k < levels - order; k++) row[k] = (factor * row[k + 1] - row[k]) / (factor - 1);
    }
    value[i] = row[0];
    error[i] = SAFETY * Math.max(Math.abs(row[0] - beside), Math.abs(row[0] - before) / base);
  }
  return { value, error };
}
