import { type Expr, type FunctionBuilder, f64x2, i32, type Local, op } from "../assemble/index.ts";
import { addPairs, fastTwoSum, mulPairs, type Pair, twoProduct, twoSum, VECTOR64 } from "./doubleDouble.ts";
import { and, andNot, anyTrue, choose, F64, or, throughFloat64 } from "./lanes.ts";
import { logPair } from "./pow64.ts";
import type { VectorFunction } from "./types.ts";

/**
 * The derivatives of log Gamma: (-1)^(n + 1) n! times the sum of 1 / (x + k)^(n + 1) over k = 0, 1, ... (NIST Digital Library
 * of Mathematical Functions, 5.15 and 25.11), in pairs of float64. Terms are added one by one until x + k is large enough for
 * the series of Euler and Maclaurin. One function of the module for each n, which kernels call.
 */

const { add, sub, mul, div, abs, constant, polynomial, nearest } = F64;

/** B(2j) / (2j)! for j = 1, 2, ... */
const BERNOULLI = [
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-5, -8.267195767195768e-7,
  2.08767569878681e-8, -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13,
  8.586062056277845e-15, -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
  3.534707039629467e-21,
];

interface Order {
  readonly n: number;
  /** From here on the series. */
  readonly start: number;
  /** Numbers are multiplied by it, so that their powers are about 1 / n!. */
  readonly scale: number;
  /** A power of two that powers are multiplied by, so that they overflow and underflow only where n! times them does. */
  readonly lift: number;
  /** What is left to multiply the sum by, with the sign: from 1 to 2. */
  readonly factor: number;
  /** B(2j) / (2j)! s (s + 1) ... (s + 2j - 2) */
  readonly coefficients: readonly number[];
}

function orderOf(n: number): Order {
  let factorial = 1n;
  for (let k = 2n; k <= n; k++) factorial *= k;
  const bits = factorial.toString(2).length - 1;
  const s = n + 1;
  const q = Math.round(bits / s);
  const shift = Math.max(0, bits - 63);
  const size = Number(factorial >> BigInt(shift)) * 2 ** (shift - bits);
  let rising = s;
  const coefficients = BERNOULLI.map((value, j) => {
    if (j > 0) rising *= (s + 2 * j - 1) * (s + 2 * j);
    return value * rising;
  });
  return {
    n,
    start: s + 10,
    scale: 2 ** -q,
    lift: 2 ** (bits - q * s),
    factor: n % 2 === 0 ? -size : size,
    coefficients,
  };
}

const pairOf = (f: FunctionBuilder, high: Expr, low: Expr = constant(f, 0)): Pair => ({
  high: f.let(high),
  low: f.let(low),
});
const choosePair = (f: FunctionBuilder, mask: Local, a: Pair, b: Pair): Pair =>
  pairOf(f, choose(mask, a.high, b.high), choose(mask, a.low, b.low));
const assign = (f: FunctionBuilder, to: Pair, from: Pair): void => {
  f.set(to.high, from.high);
  f.set(to.low, from.low);
};
const negated = (f: FunctionBuilder, { high, low }: Pair): Pair => pairOf(f, F64.neg(high), F64.neg(low));

/** Products of these numbers have exact low parts. */
const ordinary = (f: FunctionBuilder, x: Local): Expr =>
  and(F64.gt(abs(x), constant(f, 2 ** -900)), F64.lt(abs(x), constant(f, 2 ** 900)));

/** The product of two pairs; without its low part where that would overflow or underflow. */
function product(f: FunctionBuilder, a: Pair, b: Pair): Pair {
  const exact = twoProduct(f, VECTOR64, a.high, b.high);
  const low = add(exact.low, add(mul(a.high, b.low), mul(a.low, b.high)));
  const usual = f.let(and(and(ordinary(f, exact.high), ordinary(f, a.high)), ordinary(f, b.high)));
  const result = fastTwoSum(f, VECTOR64, exact.high, f.let(and(low, usual)));
  return pairOf(f, result.high, and(result.low, usual));
}

/** 1 / a, with one step of Newton's method for the low part. */
function reciprocal(f: FunctionBuilder, a: Pair): Pair {
  const one = constant(f, 1);
  const high = f.let(div(one, a.high));
  const exact = twoProduct(f, VECTOR64, high, a.high);
  const rest = sub(sub(sub(one, exact.high), exact.low), mul(high, a.low));
  return pairOf(f, high, and(mul(rest, high), ordinary(f, a.high)));
}

/** a^-s times a power of two (1 for s = 1), for positive a. */
function inversePower(f: FunctionBuilder, a: Pair, s: number, lift = 1): Pair {
  const inverse = reciprocal(f, a);
  let power = inverse;
  for (let bit = 2 ** (Math.floor(Math.log2(s)) - 1); bit >= 1; bit /= 2) {
    power = product(f, power, bit === 1 ? scaled(f, power, lift) : power);
    if (Math.floor(s / bit) % 2 === 1) power = product(f, power, inverse);
  }
  return power;
}

/** The sum of two pairs, of which one may be infinite. */
function sum(f: FunctionBuilder, a: Pair, b: Pair): Pair {
  const result = addPairs(f, VECTOR64, a, b);
  const plain = f.let(add(a.high, b.high));
  const infinite = f.let(F64.eq(abs(plain), constant(f, Number.POSITIVE_INFINITY)));
  return pairOf(f, choose(infinite, plain, result.high), andNot(result.low, infinite));
}

const scaled = (f: FunctionBuilder, { high, low }: Pair, scale: number): Pair =>
  scale === 1 ? { high, low } : pairOf(f, mul(high, constant(f, scale)), mul(low, constant(f, scale)));

/** The scaled sum over k of 1 / (a + k)^(n + 1) for a > 0; for n = 0 without its infinite part, -psi(a). */
function zeta(f: FunctionBuilder, order: Order, a: Pair): Pair {
  const { n, start, scale, lift, coefficients } = order;
  const one = constant(f, 1);
  const total = pairOf(f, f64x2(0), f64x2(0));
  const at = pairOf(f, a.high, a.low);
  const active = f.let(F64.lt(at.high, constant(f, start)));
  f.while(
    () => anyTrue(active),
    () => {
      const { high, low } = inversePower(f, scaled(f, at, scale), n + 1, lift);
      assign(f, total, sum(f, total, pairOf(f, and(high, active), and(low, active))));
      const next = addPairs(f, VECTOR64, at, pairOf(f, one));
      assign(f, at, choosePair(f, active, next, at));
      f.set(active, F64.lt(at.high, constant(f, start)));
    },
  );
  const inverse = reciprocal(f, at);
  const h = inverse.high;
  const half = constant(f, 0.5);
  const square = f.let(mul(h, h));
  const later = f.let(mul(square, polynomial(f, square, coefficients)));
  if (n === 0) {
    const logarithm = logPair(f, at.high);
    f.set(logarithm.low, add(logarithm.low, div(at.low, at.high)));
    const series = sum(f, pairOf(f, mul(h, half), mul(inverse.low, half)), pairOf(f, later));
    return sum(f, sum(f, total, negated(f, logarithm)), series);
  }
  const series = add(mul(h, half), later);
  const low = (1 - (1 / n) * n) / n;
  const bracket = fastTwoSum(f, VECTOR64, constant(f, 1 / n), f.let(add(series, constant(f, low))));
  const tail = product(f, inversePower(f, scaled(f, at, scale), n, lift), bracket);
  return sum(f, total, scaled(f, tail, 1 / scale));
}

/** The positive zero of the digamma function, and the power series there, from the linear term on. */
const ZERO = [1.4616321449683622, 9.549995429965697e-17] as const;
const AT_ZERO_LOW = -3.387874303038943e-17;
const AT_ZERO = [
  0.9676722454476212, -0.4427631689835921, 0.258499760955651, -0.16394270544240652, 0.10782405069126237,
  -0.07219956125645471, 0.04880428816414311, -0.03316112647484736, 0.022597648232218104, -0.01542476590494896,
  0.010538791616612175, -0.007204534386356869,
];

/** digamma around its positive zero, in those lanes. */
function nearZero(f: FunctionBuilder, x: Local, result: Local): void {
  const distance = f.let(sub(x, f64x2(ZERO[0])));
  const near = f.let(F64.lt(abs(distance), f64x2(1 / 32)));
  f.if(anyTrue(near), () => {
    const d = fastTwoSum(f, VECTOR64, distance, f.let(f64x2(-ZERO[1])));
    const rest = add(f64x2(AT_ZERO_LOW), mul(d.high, polynomial(f, d.high, AT_ZERO.slice(1))));
    const slope = fastTwoSum(f, VECTOR64, f.let(f64x2(AT_ZERO[0])), f.let(rest));
    const { high, low } = mulPairs(f, VECTOR64, d, slope);
    f.set(result, choose(near, add(high, low), result));
  });
}

/**
 * The scaled sum for any x. For negative x = m + f it is the sum over all k of 1 / (f + k)^s, which is f^-s + zeta(1 + f) +-
 * zeta(1 - f), less what lies to the left, +- zeta(1 - x): three rounds through the code of zeta instead of one.
 */
function sumFor(f: FunctionBuilder, order: Order, x: Local, fraction: Local, negative: Local): Pair {
  const { n, scale, lift } = order;
  const one = constant(f, 1);
  const total = pairOf(f, f64x2(0), f64x2(0));
  const first = f.let(f64x2(0));
  const rounds = f.let(i32(1));
  f.if(anyTrue(negative), () => {
    const size = f.let(abs(fraction));
    const own = inversePower(f, scaled(f, pairOf(f, size), scale), n + 1, lift);
    const flipped = n % 2 === 0 ? and(fraction, f64x2(-0)) : f64x2(0);
    const sign = f.let(flipped);
    assign(f, total, {
      high: f.let(and(negative, op("v128.xor", own.high, sign))),
      low: f.let(and(negative, op("v128.xor", own.low, sign))),
    });
    f.set(first, total.high);
    f.set(rounds, i32(3));
  });
  const at = choosePair(f, negative, twoSum(f, VECTOR64, one, fraction), pairOf(f, x));
  const weight = f.let(one);
  const round = f.let(i32(0));
  f.while(
    () => op("i32.lt_s", round, rounds),
    () => {
      const { high, low } = zeta(f, order, at);
      assign(f, total, sum(f, total, pairOf(f, mul(high, weight), mul(low, weight))));
      f.set(round, op("i32.add", round, i32(1)));
      if (n % 2 === 0) {
        // Half-way between poles the sum over all k is 0, exactly.
        const half = and(negative, F64.eq(abs(fraction), constant(f, 0.5)));
        f.if(op("i32.eq", round, i32(2)), () => {
          assign(f, total, pairOf(f, andNot(total.high, half), andNot(total.low, half)));
        });
      }
      // Next: zeta(1 - f), then zeta(1 - x) with the other sign; nothing for positive x.
      const second = f.let(op("i32x4.splat", op("i32.sub", i32(0), op("i32.eq", round, i32(1)))));
      const left = f.let(choose(second, F64.neg(fraction), F64.neg(x)));
      assign(f, at, twoSum(f, VECTOR64, one, left));
      f.set(at.high, choose(negative, at.high, constant(f, order.start)));
      f.set(at.low, and(negative, at.low));
      const sign = n % 2 === 0 ? -1 : 1;
      f.set(weight, and(negative, choose(second, constant(f, sign), constant(f, -sign))));
    },
  );
  // An infinite term stands alone: others might overflow with the other sign.
  const infinite = f.let(F64.eq(abs(first), constant(f, Number.POSITIVE_INFINITY)));
  return choosePair(f, infinite, pairOf(f, first), total);
}

const writePolygamma =
  (order: Order) =>
  (f: FunctionBuilder): void => {
    const { n, factor } = order;
    const [x] = f.params;
    const zero = constant(f, 0);
    const infinity = constant(f, Number.POSITIVE_INFINITY);
    const whole = f.let(nearest(x));
    const fraction = f.let(sub(x, whole));
    // Of negative numbers the poles, which are fixed below, take no part.
    const regular = and(F64.lt(x, zero), F64.ne(fraction, zero));
    const negative = f.let(and(regular, F64.gt(x, constant(f, Number.NEGATIVE_INFINITY))));
    const usual = f.let(or(negative, and(F64.gt(x, zero), F64.lt(x, infinity))));
    const argument = f.let(choose(usual, x, constant(f, 1)));
    const { high, low } = sumFor(f, order, argument, fraction, negative);
    const finite = F64.lt(abs(high), infinity);
    const result = f.let(mul(add(high, and(low, finite)), constant(f, factor)));
    if (n === 0) nearZero(f, argument, result);
    f.if(anyTrue(op("v128.not", usual)), () => {
      const pole = f64x2(n % 2 === 0 ? Number.NaN : Number.POSITIVE_INFINITY);
      const atInfinity = f64x2(n === 0 ? Number.POSITIVE_INFINITY : factor * 0);
      f.set(result, choose(usual, result, choose(F64.eq(x, infinity), atInfinity, pole)));
      f.set(result, choose(F64.eq(x, x), result, x));
    });
    f.result(result);
  };

/** polygamma of order n for float64. */
export const polygammaFloat64 =
  (n: number): VectorFunction =>
  (f, x) => {
    const signature = { params: ["v128"], results: ["v128"] } as const;
    const body = (helper: FunctionBuilder) => writePolygamma(orderOf(n))(helper);
    return f.let(f.callFor(f.helper(`polygamma${n}`, signature, body), x));
  };

/** polygamma of order n for float32. */
export const polygammaFloat32 = (n: number): VectorFunction => throughFloat64(polygammaFloat64(n));
