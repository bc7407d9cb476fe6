/**
 * log|Gamma(x)| and the derivatives of its logarithm, in float64 pairs: near zeros, and where negative arguments make large
 * terms cancel, nothing is lost but the last rounding. Formulas: NIST Digital Library of Mathematical Functions, chapter 5
 * (5.5, 5.7, 5.11, 5.15) and 25.11 (the zeta function of Hurwitz).
 */
import {
  addPairs,
  fastTwoSum,
  logPair,
  mulPairs,
  negPair,
  type Pair,
  polynomial,
  reciprocalPair,
  twoProduct,
  twoSum,
} from "./doubleDouble.ts";

const INF = Number.POSITIVE_INFINITY;

/** log Gamma(2 + d) = d (c0 + d (c1 + d (c2 + d Q(d)))): c0 = 1 - Euler's constant, c1 = (zeta(2) - 1) / 2. */
const NEAR_TWO: readonly Pair[] = [
  [0.42278433509846713, 4.942915152430645e-18],
  [0.3224670334241132, 1.520336175199238e-17],
  [-0.0673523010531981, 6.87667631175899e-18],
];
/** Q for |d| <= 1/2: Chebyshev interpolation of the power series, together with c2 to 2^-60. */
const NEAR_TWO_TAIL = [
  0.020580808427784553, -0.007385551028673987, 0.002890510330740574, -0.0011927539117028065,
  0.0005096695248097167, -0.0002231547584854977, 9.94575106565683e-5, -4.492623572075009e-5,
  2.0507249390577883e-5, -9.43950580297771e-6, 4.374497421555722e-6, -2.039038941372666e-6,
  9.573811846241715e-7, -4.5031911372123467e-7, 2.0408401495663627e-7, -9.660909813080578e-8,
  6.286887600397704e-8, -2.997082823610355e-8,
];

/** log Gamma(2 + d) for |d| <= 1/2. */
function nearTwo(d: number): Pair {
  const at: Pair = [d, 0];
  const last = fastTwoSum(NEAR_TWO[2][0], NEAR_TWO[2][1] + d * polynomial(d, NEAR_TWO_TAIL));
  const slope = addPairs(NEAR_TWO[1], mulPairs(at, last));
  return mulPairs(at, addPairs(NEAR_TWO[0], mulPairs(at, slope)));
}

/** From here on Stirling's series. */
const STIRLING = 8;
/** x (log Gamma(x) - (x - 1/2) (log(x) - 1) - (log(2 pi) - 1) / 2) in 1 / x^2 for x >= 7.48: 2^-58. */
const STIRLING_TAIL = [
  0.08333333333333333, -0.00277777777777753, 0.0007936507933577391, -0.0005952379626838185,
  0.0008417212044647813, -0.0019138893144208886, 0.006157629874267405, -0.019928768735518528,
];
/** (log(2 pi) - 1) / 2 */
const STIRLING_CONSTANT: Pair = [0.4189385332046727, 1.6728209650585413e-17];

function stirling(x: number): Pair {
  const inverse = 1 / x;
  const series = inverse * polynomial(inverse * inverse, STIRLING_TAIL);
  const logarithm = logPair([x, 0]);
  // A power of two keeps the products finite where the result is near the end of the range.
  const scale = x > 2 ** 900 ? 2 ** -120 : 1;
  const main = mulPairs([(x - 0.5) * scale, 0], addPairs(logarithm, [-1, 0]));
  const sum = addPairs(main, fastTwoSum(STIRLING_CONSTANT[0], STIRLING_CONSTANT[1] + series));
  return scale === 1 ? sum : [sum[0] / scale, 0];
}

/** log Gamma(x) for finite x > 0. */
function logGamma(x: number): Pair {
  if (x >= STIRLING) return stirling(x);
  if (x < 0.5) {
    // Gamma(2 + x) = x (1 + x) Gamma(x); of tiny x, 1 + x is 1.
    const factors: Pair = x < 2 ** -100 ? [x, 0] : mulPairs(twoSum(1, x), [x, 0]);
    return addPairs(nearTwo(x), negPair(logPair(factors)));
  }
  const nearest = Math.floor(x + 0.5);
  const base = nearTwo(x - nearest);
  if (nearest === 1) return addPairs(base, negPair(logPair([x, 0])));
  let factors: Pair = [1, 0];
  for (let k = 1; k <= nearest - 2; k++) factors = mulPairs(factors, [x - k, 0]);
  return addPairs(base, logPair(factors));
}

/** sin(pi f) / (pi f) = 1 + q (s1 + q (s2 + q S(q))), q = f^2 <= 1/4. */
const SINC: readonly Pair[] = [
  [-1.6449340668482264, -3.040672350398476e-17],
  [0.8117424252833536, 3.561374466460982e-17],
];
const SINC_TAIL = [
  -0.19075182412208422, 0.026147847817654793, -0.002346081035455552, 0.00014842879302548088,
  -6.975873597018932e-6, 2.5312130122243275e-7, -7.3029713376360545e-9, 1.6792757232525068e-10,
];

/** log|Gamma(x)|; infinite at 0 and the negative integers. */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) === INF) return INF;
  if (x > 0) {
    const [high, low] = logGamma(x);
    return high + low;
  }
  const f = x - Math.round(x);
  if (f === 0) return INF;
  // Gamma(-y) Gamma(y) = -pi / (y sin(pi y)); of subnormal numbers the product underflows.
  const y = -x;
  if (y < 2 ** -100) return -Math.log(y);
  const q = twoProduct(f, f);
  const last = fastTwoSum(SINC[1][0], SINC[1][1] + q[0] * polynomial(q[0], SINC_TAIL));
  const rest = mulPairs(q, addPairs(SINC[0], mulPairs(q, last)));
  const sine = mulPairs(twoProduct(y, Math.abs(f)), addPairs([1, 0], rest));
  const [high, low] = addPairs(logPair(sine), logGamma(y));
  return -(high + low);
}

/** B(2j) / (2j)! for j = 1, 2, ... */
const BERNOULLI = [
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-5, -8.267195767195768e-7,
  2.08767569878681e-8, -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13,
  8.586062056277845e-15, -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
  3.534707039629467e-21,
];

/** What the series of Euler and Maclaurin for the sum of 1 / (a + k)^s needs, s = n + 1. */
interface Order {
  readonly n: number;
  /** From here on the series; below, terms are added one by one. */
  readonly start: number;
  /** Numbers are divided by 2^q, so that their powers are about 1 / n!. */
  readonly scale: number;
  /** 2^e, of which the powers get so much that only `factor` is missing then: n! is about 2^(q s + e). */
  readonly lift: number;
  /** n! 2^(-q s - e), with the sign (-1)^(n + 1) where n > 0: from 1 to 2. */
  readonly factor: number;
  /** B(2j) / (2j)! s (s + 1) ... (s + 2j - 2) */
  readonly coefficients: readonly number[];
}

/** The exact quotient of whole numbers, rounded: both are shifted to 64 bits first. */
function ratio(numerator: bigint, exponent: number): number {
  const length = numerator.toString(2).length;
  const shift = Math.max(0, length - 64);
  return Number(numerator >> BigInt(shift)) * 2 ** (shift + exponent);
}

const orders = new Map<number, Order>();

function orderOf(n: number): Order {
  const known = orders.get(n);
  if (known !== undefined) return known;
  let factorial = 1n;
  for (let k = 2n; k <= n; k++) factorial *= k;
  const s = n + 1;
  const bits = factorial.toString(2).length - 1;
  const q = Math.round(bits / s);
  let rising = s;
  const coefficients = BERNOULLI.map((value, j) => {
    if (j > 0) rising *= (s + 2 * j - 1) * (s + 2 * j);
    return value * rising;
  });
  const sign = n > 0 && n % 2 === 0 ? -1 : 1;
  const lift = 2 ** (bits - q * s);
  const order = {
    n,
    start: s + 10,
    scale: 2 ** -q,
    lift,
    factor: sign * ratio(factorial, -bits),
    coefficients,
  };
  orders.set(n, order);
  return order;
}

const isOrdinary = (x: number): boolean => Math.abs(x) > 2 ** -900 && Math.abs(x) < 2 ** 900;

/** The product of two pairs; without its low part where that would overflow or underflow. */
const product = (a: Pair, b: Pair): Pair =>
  isOrdinary(a[0] * b[0]) && isOrdinary(a[0]) && isOrdinary(b[0]) ? mulPairs(a, b) : [a[0] * b[0], 0];

/** a^-s times a power of two (1 for s = 1), for positive a: overflows and underflows only where that does. */
function inversePower(a: Pair, s: number, lift = 1): Pair {
  const inverse: Pair = isOrdinary(a[0]) ? reciprocalPair(a) : [1 / a[0], 0];
  let power = inverse;
  for (let bit = 2 ** (Math.floor(Math.log2(s)) - 1); bit >= 1; bit /= 2) {
    const lifted: Pair = bit === 1 ? [power[0] * lift, power[1] * lift] : power;
    power = product(power, lifted);
    if (Math.floor(s / bit) % 2 === 1) power = product(power, inverse);
  }
  return power;
}

/**
 * For n > 0 the sum of 1 / (a + k)^(n + 1) over k = 0, 1, ..., times 2^(q s + e); for n = 0 what that sum is without its
 * infinite part, -psi(a).
 */
function zeta(order: Order, a: Pair): Pair {
  const { n, start, scale, lift, coefficients } = order;
  const s = n + 1;
  let sum: Pair = [0, 0];
  let at = a;
  while (at[0] < start) {
    const term = inversePower([at[0] * scale, at[1] * scale], s, lift);
    sum = Number.isFinite(term[0]) ? addPairs(sum, term) : [term[0], 0];
    if (sum[0] === INF) return sum;
    at = addPairs(at, [1, 0]);
  }
  const inverse = inversePower(at, 1);
  const h = inverse[0];
  const later = h * h * polynomial(h * h, coefficients);
  if (n === 0) {
    const half: Pair = [h / 2, inverse[1] / 2];
    return addPairs(addPairs(sum, negPair(logPair(at))), addPairs(half, [later, 0]));
  }
  const series = h / 2 + later;
  const bracket = fastTwoSum(1 / n, series + (1 - (1 / n) * n) / n);
  const power = inversePower([at[0] * scale, at[1] * scale], n, lift);
  const tail = product(power, bracket);
  return addPairs(sum, [tail[0] / scale, tail[1] / scale]);
}

/** The positive zero of the digamma function. */
const ZERO: Pair = [1.4616321449683622, 9.549995429965697e-17];
/** What the first coefficient below loses. */
const AT_ZERO_LOW = -3.387874303038943e-17;
/** The power series there, from the linear term on. */
const AT_ZERO = [
  0.9676722454476212, -0.4427631689835921, 0.258499760955651, -0.16394270544240652, 0.10782405069126237,
  -0.07219956125645471, 0.04880428816414311, -0.03316112647484736, 0.022597648232218104, -0.01542476590494896,
  0.010538791616612175, -0.007204534386356869,
];

/** The sum over all k of 1 / (f + k)^s = f^-s + zeta(1 + f) +- zeta(1 - f), less what lies to the left of x = m + f. */
function reflected(order: Order, x: number, f: number): Pair {
  const { n, scale, lift } = order;
  const first = inversePower([Math.abs(f) * scale, 0], n + 1, lift);
  const alternates = n % 2 === 0;
  // There the sum over all k is 0, exactly.
  if (alternates && Math.abs(f) === 0.5) return zeta(order, twoSum(1, -x));
  const own: Pair = alternates && f < 0 ? negPair(first) : first;
  if (!Number.isFinite(own[0])) return own;
  const above = addPairs(own, zeta(order, twoSum(1, f)));
  const below = addPairs(zeta(order, twoSum(1, -f)), negPair(zeta(order, twoSum(1, -x))));
  return addPairs(above, alternates ? negPair(below) : below);
}

/**
 * The derivative of order n + 1 of log Gamma(x). At 0 and the negative integers, where one-sided limits differ, NaN for even
 * n; for odd n infinity.
 */
export function polygamma(n: number, x: number): number {
  if (Number.isNaN(x)) return x;
  const order = orderOf(n);
  const { factor } = order;
  if (x === INF) return n === 0 ? INF : factor * 0;
  if (n === 0 && Math.abs(x - ZERO[0]) < 1 / 32) {
    const d = fastTwoSum(x - ZERO[0], -ZERO[1]);
    const slope = fastTwoSum(AT_ZERO[0], AT_ZERO_LOW + d[0] * polynomial(d[0], AT_ZERO.slice(1)));
    const [high, low] = mulPairs(d, slope);
    return high + low;
  }
  const f = x - Math.round(x);
  if (x <= 0 && (f === 0 || x === -INF)) return n % 2 === 0 ? Number.NaN : INF;
  const [high, low] = x > 0 ? zeta(order, [x, 0]) : reflected(order, x, f);
  const sum = Number.isFinite(high) ? high + low : high;
  return n === 0 ? -sum : factor * sum;
}
