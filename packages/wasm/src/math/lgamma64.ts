import { type Expr, type FunctionBuilder, f64x2, type Local, op } from "../assemble/index.ts";
import { addPairs, fastTwoSum, mulPairs, type Pair, twoProduct, twoSum, VECTOR64 } from "./doubleDouble.ts";
import { and, anyTrue, choose, F64, throughFloat64 } from "./lanes.ts";
import { logPair } from "./pow64.ts";
import type { VectorFunction } from "./types.ts";

/**
 * log|Gamma(x)| in pairs of float64 (NIST Digital Library of Mathematical Functions, 5.5, 5.7 and 5.11): what cancels, near
 * the zeros 1 and 2 and for negative x, costs no digits but the last. One function of the module, which kernels call.
 */

const { add, sub, mul, div, abs, constant, nearest, series } = F64;

/** log Gamma(2 + d) = d (c0 + d (c1 + d (c2 + d Q(d)))): c0 = 1 - Euler's constant, c1 = (zeta(2) - 1) / 2. */
const NEAR_TWO = [
  [0.42278433509846713, 4.942915152430645e-18],
  [0.3224670334241132, 1.520336175199238e-17],
  [-0.0673523010531981, 6.87667631175899e-18],
] as const;
/** Q for |d| <= 1/2: Chebyshev interpolation of the power series, together with c2 to 2^-60. */
const NEAR_TWO_TAIL = [
  0.020580808427784553, -0.007385551028673987, 0.002890510330740574, -0.0011927539117028065,
  0.0005096695248097167, -0.0002231547584854977, 9.94575106565683e-5, -4.492623572075009e-5,
  2.0507249390577883e-5, -9.43950580297771e-6, 4.374497421555722e-6, -2.039038941372666e-6,
  9.573811846241715e-7, -4.5031911372123467e-7, 2.0408401495663627e-7, -9.660909813080578e-8,
  6.286887600397704e-8, -2.997082823610355e-8,
];

/** From here on Stirling's series. */
const STIRLING = 8;
/** x (log Gamma(x) - (x - 1/2) (log(x) - 1) - (log(2 pi) - 1) / 2) in 1 / x^2 for x >= 7.48: 2^-58. */
const STIRLING_TAIL = [
  0.08333333333333333, -0.00277777777777753, 0.0007936507933577391, -0.0005952379626838185,
  0.0008417212044647813, -0.0019138893144208886, 0.006157629874267405, -0.019928768735518528,
];
/** (log(2 pi) - 1) / 2 */
const STIRLING_CONSTANT = [0.4189385332046727, 1.6728209650585413e-17] as const;

/** sin(pi f) / (pi f) = 1 + q (s1 + q (s2 + q S(q))), q = f^2 <= 1/4. */
const SINC = [
  [-1.6449340668482264, -3.040672350398476e-17],
  [0.8117424252833536, 3.561374466460982e-17],
] as const;
const SINC_TAIL = [
  -0.19075182412208422, 0.026147847817654793, -0.002346081035455552, 0.00014842879302548088,
  -6.975873597018932e-6, 2.5312130122243275e-7, -7.3029713376360545e-9, 1.6792757232525068e-10,
];

const sum = (f: FunctionBuilder, a: Pair, b: Pair): Pair => addPairs(f, VECTOR64, a, b);
const product = (f: FunctionBuilder, a: Pair, b: Pair): Pair => mulPairs(f, VECTOR64, a, b);
const pairOf = (f: FunctionBuilder, high: Expr, low: Expr = constant(f, 0)): Pair => ({
  high: f.let(high),
  low: f.let(low),
});
const constantPair = (f: FunctionBuilder, [high, low]: readonly [number, number]): Pair => ({
  high: constant(f, high),
  low: constant(f, low),
});
const choosePair = (f: FunctionBuilder, mask: Local, a: Pair, b: Pair): Pair =>
  pairOf(f, choose(mask, a.high, b.high), choose(mask, a.low, b.low));
const assign = (f: FunctionBuilder, to: Pair, from: Pair): void => {
  f.set(to.high, from.high);
  f.set(to.low, from.low);
};

/** log Gamma(2 + d) for |d| <= 1/2. */
function nearTwo(f: FunctionBuilder, d: Local): Pair {
  const at = pairOf(f, d);
  const tail = mul(d, series(f, d, NEAR_TWO_TAIL));
  const [high, low] = NEAR_TWO[2];
  const last = fastTwoSum(f, VECTOR64, constant(f, high), f.let(add(constant(f, low), tail)));
  const slope = sum(f, constantPair(f, NEAR_TWO[1]), product(f, at, last));
  return product(f, at, sum(f, constantPair(f, NEAR_TWO[0]), product(f, at, slope)));
}

/** Gamma(y) = Gamma(2 + d) p, or Gamma(2 + d) / p where m < 2: the numbers between y and 2 + d multiplied. */
function betweenTwo(f: FunctionBuilder, y: Local, m: Local): Pair {
  const one = constant(f, 1);
  const below = f.let(F64.lt(m, constant(f, 2)));
  const factors = pairOf(f, choose(below, y, one));
  // Of tiny y, 1 + y is 1.
  const lowest = f.let(and(F64.lt(m, one), F64.gt(y, constant(f, 2 ** -100))));
  assign(f, factors, choosePair(f, lowest, product(f, twoSum(f, VECTOR64, one, y), pairOf(f, y)), factors));
  const k = f.let(one);
  const left = f.let(sub(m, constant(f, 2)));
  f.while(
    () => anyTrue(F64.ge(left, k)),
    () => {
      const factor = pairOf(f, choose(F64.ge(left, k), sub(y, k), one));
      assign(f, factors, product(f, factors, factor));
      f.set(k, add(k, one));
    },
  );
  return factors;
}

/** log Gamma(y) for y >= 8, given log y. */
function stirling(f: FunctionBuilder, y: Local, logarithm: Pair): Pair {
  const one = constant(f, 1);
  const inverse = f.let(div(one, y));
  const tail = mul(inverse, series(f, f.let(mul(inverse, inverse)), STIRLING_TAIL));
  const [high, low] = STIRLING_CONSTANT;
  const rest = fastTwoSum(f, VECTOR64, constant(f, high), f.let(add(constant(f, low), tail)));
  // A power of two keeps the products finite where the result is near the end of the range.
  const huge = f.let(F64.gt(y, constant(f, 2 ** 900)));
  const factor = mul(sub(y, constant(f, 0.5)), choose(huge, constant(f, 2 ** -120), one));
  const less = sum(f, logarithm, pairOf(f, constant(f, -1)));
  const result = sum(f, product(f, pairOf(f, factor), less), rest);
  return pairOf(
    f,
    mul(result.high, choose(huge, constant(f, 2 ** 120), one)),
    op("v128.andnot", result.low, huge),
  );
}

/** log Gamma(y) for finite y > 0. */
function logGamma(f: FunctionBuilder, y: Local): Pair {
  const near = f.let(F64.lt(y, constant(f, STIRLING)));
  const m = f.let(and(near, nearest(y)));
  const below = f.let(F64.lt(m, constant(f, 2)));
  const factors = choosePair(f, near, betweenTwo(f, y, m), pairOf(f, y));
  const logarithm = logPair(f, factors.high);
  f.set(logarithm.low, add(logarithm.low, div(factors.low, factors.high)));
  const sign = choose(below, constant(f, -1), constant(f, 1));
  const signs = f.let(sign);
  const base = nearTwo(f, f.let(and(near, sub(y, m))));
  const result = sum(f, base, pairOf(f, mul(logarithm.high, signs), mul(logarithm.low, signs)));
  f.if(anyTrue(op("v128.not", near)), () => {
    assign(f, result, choosePair(f, near, result, stirling(f, y, logarithm)));
  });
  return result;
}

/** log|Gamma(-y)|, given that of y > 0: Gamma(-y) Gamma(y) = -pi / (y sin(pi y)). */
function reflected(f: FunctionBuilder, y: Local, fraction: Local, positive: Pair): Expr {
  const q = twoProduct(f, VECTOR64, fraction, fraction);
  const tail = mul(q.high, series(f, q.high, SINC_TAIL));
  const [high, low] = SINC[1];
  const last = fastTwoSum(f, VECTOR64, constant(f, high), f.let(add(constant(f, low), tail)));
  const rest = product(f, q, sum(f, constantPair(f, SINC[0]), product(f, q, last)));
  const sinc = sum(f, pairOf(f, constant(f, 1)), rest);
  const sine = product(f, twoProduct(f, VECTOR64, y, f.let(abs(fraction))), sinc);
  const logarithm = logPair(f, sine.high);
  f.set(logarithm.low, add(logarithm.low, div(sine.low, sine.high)));
  const total = sum(f, logarithm, positive);
  // Of tiny y the product underflows; there both logarithms are log(1 / y).
  const tiny = F64.lt(y, constant(f, 2 ** -100));
  return choose(tiny, positive.high, F64.neg(add(total.high, total.low)));
}

function writeLgamma(f: FunctionBuilder): void {
  const [x] = f.params;
  const y = f.let(abs(x));
  const positive = logGamma(f, y);
  const result = f.let(add(positive.high, positive.low));
  const usual = and(F64.gt(x, f64x2(0)), F64.lt(x, f64x2(Number.POSITIVE_INFINITY)));
  f.if(anyTrue(op("v128.not", usual)), () => {
    const negative = f.let(F64.lt(x, f64x2(0)));
    const fraction = f.let(sub(x, nearest(x)));
    f.if(anyTrue(negative), () => {
      f.set(result, choose(negative, reflected(f, y, fraction, positive), result));
    });
    const infinity = f64x2(Number.POSITIVE_INFINITY);
    const pole = and(F64.le(x, f64x2(0)), F64.eq(fraction, f64x2(0)));
    f.set(result, choose(op("v128.or", pole, F64.eq(y, infinity)), f64x2(Number.POSITIVE_INFINITY), result));
    f.set(result, choose(F64.eq(x, x), result, x));
  });
  f.result(result);
}

/** lgamma of float64. */
export const lgammaFloat64: VectorFunction = (f, x) =>
  f.let(f.callFor(f.helper("lgamma", { params: ["v128"], results: ["v128"] }, writeLgamma), x));

/** lgamma of float32: near the zeros at negative x all digits of float64 are needed. */
export const lgammaFloat32: VectorFunction = throughFloat64(lgammaFloat64);
