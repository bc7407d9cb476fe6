/**
 * The error function and its relatives in float64. erf and erfc are the rational approximations of fdlibm's s_erf.c
 * (Sun Microsystems, 1993), whose error is below 1 ULP; the coefficients are theirs, lowest power first.
 */

/** Leading coefficient of erf: 2 / sqrt(pi). */
const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

interface Rational {
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
}

/** (erf(x) - x) / x in x^2, for |x| < 0.84375. */
const NEAR_ZERO: Rational = {
  numerator: [
    0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442,
    -2.3763016656650163e-5,
  ],
  denominator: [
    1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164,
    -3.960228278775368e-6,
  ],
};

/** erf(x) - ERF_ONE in |x| - 1, for 0.84375 <= |x| < 1.25. */
const NEAR_ONE: Rational = {
  numerator: [
    -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175,
    -0.11089469428239668, 0.035478304325618236, -0.002166375594868791,
  ],
  denominator: [
    1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
    0.011984499846799107,
  ],
};

/** erf(1), rounded to float32: what is left is small. */
const ERF_ONE = 0.8450629115104675;

/** log(x exp(x^2) erfc(x)) + 0.5625 in 1 / x^2, for 1.25 <= x < 1 / 0.35. */
const MIDDLE: Rational = {
  numerator: [
    -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
    -184.60509290671104, -81.2874355063066, -9.814329344169145,
  ],
  denominator: [
    1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
    108.63500554177944, 6.570249770319282, -0.0604244152148581,
  ],
};

/** The same for x >= 1 / 0.35. */
const TAIL: Rational = {
  numerator: [
    -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
    -1025.0951316110772, -483.5191916086514,
  ],
  denominator: [
    1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
    474.52854120695537, -22.44095244658582,
  ],
};

const polynomial = (coefficients: readonly number[], x: number): number => {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i];
  return sum;
};

const rational = ({ numerator, denominator }: Rational, x: number): number =>
  polynomial(numerator, x) / polynomial(denominator, x);

/** erfc(x) for x >= 1.25; x^2 is split, so that its rounding does not matter. */
function tail(x: number): number {
  const high = Math.fround(x);
  const exponent = rational(x < 1 / 0.35 ? MIDDLE : TAIL, 1 / (x * x));
  return (Math.exp(-high * high - 0.5625) * Math.exp((high - x) * (high + x) + exponent)) / x;
}

/** erf(x) = 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude < 0.84375) return x + x * rational(NEAR_ZERO, x * x);
  if (magnitude < 1.25) return Math.sign(x) * (ERF_ONE + rational(NEAR_ONE, magnitude - 1));
  return Number.isNaN(x) ? x : Math.sign(x) * (magnitude < 6 ? 1 - tail(magnitude) : 1);
}

/** 1 - erf(x), accurate where erf(x) is close to 1. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 0.25) return 1 - erf(x);
  if (x < 0.84375) return 0.5 - (x - 0.5 + x * rational(NEAR_ZERO, x * x));
  if (x < 1.25) return 1 - ERF_ONE - rational(NEAR_ONE, x - 1);
  return x < 28 ? tail(x) : 0;
}

/** The inverse of erf: Winitzki's estimate (2008), then Halley's method on the side where nothing cancels. */
export function erfinv(y: number): number {
  if (Number.isNaN(y) || Math.abs(y) > 1) return Number.NaN;
  if (Math.abs(y) === 1) return y * Number.POSITIVE_INFINITY;
  const magnitude = Math.abs(y);
  if (magnitude < 1e-8) return y / TWO_OVER_SQRT_PI;
  let x = winitzki(magnitude);
  for (let i = 0; i < 4; i++) {
    const error = magnitude < 0.5 ? erf(x) - magnitude : 1 - magnitude - erfc(x);
    const step = error / (TWO_OVER_SQRT_PI * Math.exp(-x * x));
    const correction = step / (1 + x * step);
    x -= correction;
    // Each round triples the number of right digits.
    if (Math.abs(correction) < 1e-6 * x) break;
  }
  return Math.sign(y) * x;
}

/** An estimate of the inverse to three digits, for 0 < y < 1. */
function winitzki(y: number): number {
  const a = 0.147;
  const log = Math.log1p(-y * y);
  const half = 2 / (Math.PI * a) + log / 2;
  return Math.sqrt(Math.sqrt(half * half - log / a) - half);
}
