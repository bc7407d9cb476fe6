/** The error function and its relatives in float64, by textbook expansions: obvious rather than fast. */

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** exp(-x^2) with the rounding error of x^2 put back: relative error stays small for large x. */
function gaussian(x: number): number {
  const high = Math.fround(x);
  const low = x - high;
  return Math.exp(-high * high) * Math.exp(-low * (high + x));
}

/** Kummer's series, all terms positive: Abramowitz & Stegun 7.1.6. For |x| < 2. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-18 && n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_SQRT_PI * gaussian(x) * sum;
}

/** Laplace's continued fraction, Abramowitz & Stegun 7.1.14, evaluated from the end. For x >= 1. */
function erfcFraction(x: number): number {
  const terms = Math.ceil(20 + 250 / (x * x));
  let tail = 0;
  for (let k = terms; k >= 1; k--) tail = k / 2 / (x + tail);
  return gaussian(x) / Math.sqrt(Math.PI) / (x + tail);
}

/** erf(x) = 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const magnitude = Math.abs(x);
  if (magnitude < 2) return magnitude === 0 ? x : erfSeries(x);
  return Math.sign(x) * (magnitude > 6 ? 1 : 1 - erfcFraction(magnitude));
}

/** 1 - erf(x), accurate where erf(x) is close to 1. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 1) return 1 - erf(x);
  return x > 28 ? 0 : erfcFraction(x);
}

/** The inverse of erf: Winitzki's estimate (2008), then Halley's method on the side where nothing cancels. */
export function erfinv(y: number): number {
  if (Number.isNaN(y) || Math.abs(y) > 1) return Number.NaN;
  if (Math.abs(y) === 1) return y * Number.POSITIVE_INFINITY;
  if (y === 0) return y;
  const magnitude = Math.abs(y);
  const a = 0.147;
  const log = Math.log1p(-magnitude * magnitude);
  const half = 2 / (Math.PI * a) + log / 2;
  let x = Math.sqrt(Math.sqrt(half * half - log / a) - half);
  if (x === 0) x = magnitude / TWO_OVER_SQRT_PI;
  for (let i = 0; i < 4; i++) {
    const error = magnitude < 0.5 ? erf(x) - magnitude : 1 - magnitude - erfc(x);
    const step = error / (TWO_OVER_SQRT_PI * gaussian(x));
    x -= step / (1 + x * step);
  }
  return Math.sign(y) * x;
}
