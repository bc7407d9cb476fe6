/**
 * Unevaluated sums of two float64 numbers, the second below half an ULP of the first: about 106 bits. For functions whose
 * terms cancel (Dekker, Numer. Math. 18, 1971; Knuth, The Art of Computer Programming 2, 4.2.2).
 */
export type Pair = readonly [high: number, low: number];

/** a + b without error. */
export function twoSum(a: number, b: number): Pair {
  const high = a + b;
  const part = high - a;
  return [high, a - (high - part) + (b - part)];
}

/** a + b without error, where |a| >= |b|, or a is 0. */
export function fastTwoSum(a: number, b: number): Pair {
  const high = a + b;
  return [high, a - high + b];
}

/** 2^27 + 1, which splits float64 into halves of 26 bits. */
const SPLITTER = 134217729;

function split(x: number): Pair {
  const scaled = x * SPLITTER;
  const high = scaled - (scaled - x);
  return [high, x - high];
}

/** a * b without error, for factors below 2^996 and products that neither overflow nor underflow. */
export function twoProduct(a: number, b: number): Pair {
  const high = a * b;
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = split(b);
  return [high, aHigh * bHigh - high + aHigh * bLow + aLow * bHigh + aLow * bLow];
}

/** The sum of two pairs. */
export function addPairs(a: Pair, b: Pair): Pair {
  const [high, low] = twoSum(a[0], b[0]);
  return fastTwoSum(high, low + (a[1] + b[1]));
}

/** The product of two pairs. */
export function mulPairs(a: Pair, b: Pair): Pair {
  const [high, low] = twoProduct(a[0], b[0]);
  return fastTwoSum(high, low + (a[0] * b[1] + a[1] * b[0]));
}

/** 1 / a, with one step of Newton's method for the low part. */
export function reciprocalPair(a: Pair): Pair {
  const high = 1 / a[0];
  const [product, rest] = twoProduct(high, a[0]);
  return [high, (1 - product - rest - high * a[1]) * high];
}

export const negPair = ([high, low]: Pair): Pair => [-high, -low];

/** ln 2 as a number of 32 bits, whose products with exponents are exact, and the rest (fdlibm). */
const LN2: Pair = [0.6931471803691238, 1.9082149292705877e-10];

const TWO_THIRDS: Pair = [2 / 3, 3.700743415417188e-17];

/** (log((1 + s) / (1 - s)) - 2 s - 2/3 s^3) / s^5 in s^2: minimax for the relative error of the logarithm, 2^-73.5. */
const LOG_TAIL = [
  0.3999999999999998, 0.28571428571445123, 0.22222222217533608, 0.1818181887066549, 0.15384556847031033,
  0.13336318342843323, 0.11674799713239366, 0.11989170051552796,
];

/** A polynomial, coefficients from the lowest power up. */
export function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i];
  return sum;
}

const bits = new DataView(new ArrayBuffer(8));

/** x = m 2^k with m from sqrt(1/2) to sqrt(2), for positive finite x. */
function splitExponent(x: number): readonly [m: number, k: number] {
  const normal = x < 2 ** -1022 ? x * 2 ** 54 : x;
  bits.setFloat64(0, normal);
  const exponent = (bits.getUint32(0) >>> 20) - 1023;
  bits.setUint32(0, (bits.getUint32(0) & 0xfffff) | 0x3ff00000);
  const m = bits.getFloat64(0);
  const k = exponent - (normal === x ? 0 : 54);
  return m > Math.SQRT2 ? [m / 2, k + 1] : [m, k];
}

/** log(x + low) of a positive finite number and a small one: about 66 bits, near 1 relative to the result too. */
export function logPair([x, low]: Pair): Pair {
  const [m, k] = splitExponent(x);
  // log(m) = 2 s + s^3 (2/3 + tail), s = (m - 1) / (m + 1).
  const inverse = reciprocalPair(fastTwoSum(1, m));
  const s = mulPairs([m - 1, 0], inverse);
  const square = mulPairs(s, s);
  const tail = square[0] * polynomial(square[0], LOG_TAIL);
  const cubic = mulPairs(mulPairs(square, s), fastTwoSum(TWO_THIRDS[0], TWO_THIRDS[1] + tail));
  const ofMantissa = addPairs([2 * s[0], 2 * s[1]], cubic);
  const whole = twoSum(k * LN2[0], ofMantissa[0]);
  return fastTwoSum(whole[0], whole[1] + (ofMantissa[1] + k * LN2[1] + low / x));
}

/** 1 / ln 10 */
const INVERSE_LN10: Pair = [Math.LOG10E, 1.098319650216765e-17];

/** The logarithm to base 10, rounded so well that it is exact at powers of ten. */
export function log10(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return Math.log(x);
  const [high, low] = mulPairs(logPair([x, 0]), INVERSE_LN10);
  return high + low;
}
