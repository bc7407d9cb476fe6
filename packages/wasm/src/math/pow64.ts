import { type Expr, type FunctionBuilder, f64x2, type Local } from "../assemble/index.ts";
import { fastTwoSum, type Pair, split, splitProduct, twoProduct, VECTOR64 } from "./doubleDouble.ts";
import { clamp64, exponential, onePlus, scale64 } from "./exp64.ts";
import { and, andNot, anyTrue, choose, F64 } from "./lanes.ts";
import { splitFloat64 } from "./short.ts";

/**
 * x^y of positive float64 numbers: exp(y log x) with a logarithm of about 66 bits, since the product can reach 745 and what
 * is left for its fraction are 53 + 10 of them.
 */

const { add, sub, mul, div, abs, constant, series } = F64;

/** ln 2 as a number of 32 bits, whose products with the exponent are exact, and the rest (fdlibm). */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** 2/3 and the rest. */
const TWO_THIRDS = [2 / 3, 3.700743415417188e-17] as const;

/** (log((1 + s) / (1 - s)) - 2 s - 2/3 s^3) / s^5 in s^2: minimax for the relative error of the logarithm, 2^-73.5. */
const TAIL = [
  0.3999999999999998, 0.28571428571445123, 0.22222222217533608, 0.1818181887066549, 0.15384556847031033,
  0.13336318342843323, 0.11674799713239366, 0.11989170051552796,
];

const sum = (f: FunctionBuilder, a: Local, b: Local): Pair => fastTwoSum(f, VECTOR64, a, b);

/** The product of two pairs. */
function times(f: FunctionBuilder, a: Pair, b: Pair): Pair {
  const exact = twoProduct(f, VECTOR64, a.high, b.high);
  const crossed = add(mul(a.high, b.low), mul(a.low, b.high));
  return { high: exact.high, low: f.let(add(exact.low, crossed)) };
}

/** log(1 + fraction) = 2 s + s^3 (2/3 + tail), s = fraction / (2 + fraction), as three terms that fall off. */
function log1p(f: FunctionBuilder, m: Local): { double: Local; cubic: Local; low: Expr } {
  const one = constant(f, 1);
  const numerator = f.let(sub(m, one));
  // In this order: 1 has the greater exponent, or the same.
  const denominator = sum(f, one, m);
  const inverse = f.let(div(one, denominator.high));
  const s = f.let(mul(numerator, inverse));
  const parts = split(f, VECTOR64, s);
  const divided = splitProduct(f, VECTOR64, s, parts, denominator.high, split(f, VECTOR64, denominator.high));
  const excess = sub(sub(sub(numerator, divided.high), divided.low), mul(s, denominator.low));
  const sLow = f.let(mul(excess, inverse));
  const squared = splitProduct(f, VECTOR64, s, parts, s, parts);
  const square = { high: squared.high, low: f.let(add(squared.low, mul(add(s, s), sLow))) };
  const cube = times(f, square, { high: s, low: sLow });
  const tail = f.let(add(constant(f, TWO_THIRDS[1]), mul(square.high, series(f, square.high, TAIL))));
  const factor = sum(f, constant(f, TWO_THIRDS[0]), tail);
  const cubic = times(f, cube, factor);
  return { double: f.let(add(s, s)), cubic: cubic.high, low: add(add(sLow, sLow), cubic.low) };
}

/** log(x) for positive finite x. */
export function logPair(f: FunctionBuilder, x: Expr): Pair {
  const normal = f.let(x);
  const correction = f.let(constant(f, 0));
  const subnormal = f.let(F64.lt(normal, constant(f, 2 ** -1022)));
  f.if(anyTrue(subnormal), () => {
    f.set(normal, choose(subnormal, mul(normal, f64x2(2 ** 54)), normal));
    f.set(correction, and(subnormal, f64x2(-54)));
  });
  const { k, mantissa } = splitFloat64(f, normal);
  const exponent = f.let(add(k, correction));
  const { double, cubic, low } = log1p(f, f.let(mantissa));
  const ofMantissa = sum(f, double, cubic);
  const whole = sum(f, f.let(mul(exponent, constant(f, LN2_HIGH))), ofMantissa.high);
  const rest = add(add(ofMantissa.low, low), mul(exponent, constant(f, LN2_LOW)));
  return sum(f, whole.high, f.let(add(whole.low, rest)));
}

/** x^y for positive finite x and finite y; anything elsewhere. */
export function powSize(f: FunctionBuilder, x: Expr, y: Expr): Expr {
  const logarithm = logPair(f, x);
  // Beyond 2^70 the result is 0, 1 or infinite; 2^996 could not be split.
  const exponent = clamp64(f, y, -(2 ** 70), 2 ** 70);
  const product = twoProduct(f, VECTOR64, exponent, logarithm.high);
  const low = add(product.low, mul(exponent, logarithm.low));
  const beyond = F64.gt(abs(product.high), constant(f, 760));
  const parts = exponential(f, clamp64(f, product.high, -746, 710), andNot(low, beyond));
  return scale64(f, onePlus(f, parts), parts.shifted);
}
