/** Measures errors in units in the last place (ULP) of the exact result. */

const number = new Float64Array(1);
const words = new Uint32Array(number.buffer);

/** floor(log2 |x|) of a normal float64. */
function exponentOf(x: number): number {
  number[0] = x;
  return ((words[1] >>> 20) & 0x7ff) - 1023;
}

/** One unit in the last place of float32 numbers as large as x; above the largest as there. */
export const unitFloat32 = (x: number): number => 2 ** (Math.min(127, Math.max(-126, exponentOf(x))) - 23);

/** One unit in the last place of float64 numbers as large as x. */
export const unitFloat64 = (x: number): number => 2 ** (Math.max(-1022, exponentOf(x)) - 52);

/** What an infinity counts as in float32: the next number after the largest. */
const BEYOND_FLOAT32 = 2 ** 128;

/**
 * The error of a float32 result against the exact one in float64, in ULP; infinite where one is NaN or zero or an exact
 * infinity and the other is not, or a zero has the wrong sign.
 */
export function errorFloat32(actual: number, exact: number): number {
  if (Object.is(actual, Math.fround(exact)) && !Number.isFinite(actual)) return 0;
  if (actual === 0 && exact === 0) return Object.is(actual, exact) ? 0 : Number.POSITIVE_INFINITY;
  if (exact === 0 || !Number.isFinite(exact) || Number.isNaN(actual)) return Number.POSITIVE_INFINITY;
  const finite = Number.isFinite(actual) ? actual : Math.sign(actual) * BEYOND_FLOAT32;
  if (finite === 0 && Object.is(actual, -0) !== exact < 0) return Number.POSITIVE_INFINITY;
  return Math.abs(finite - exact) / unitFloat32(exact);
}

/**
 * The error of a float64 result, in ULP, where the exact result is `rounded` and a fraction of an ULP above it;
 * infinite where the kinds differ as above.
 */
export function errorFloat64(actual: number, rounded: number, fraction: number): number {
  if (Object.is(actual, rounded)) return Number.isFinite(actual) ? Math.abs(fraction) : 0;
  if (!Number.isFinite(actual) || !Number.isFinite(rounded)) return Number.POSITIVE_INFINITY;
  if (actual === 0 && rounded === 0) return Number.POSITIVE_INFINITY;
  return Math.abs((actual - rounded) / unitFloat64(rounded) - fraction);
}
