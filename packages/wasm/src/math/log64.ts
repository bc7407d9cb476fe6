import { type Expr, type FunctionBuilder, f64x2, type Local, op } from "../assemble/index.ts";
import { and, anyTrue, choose, F64, int64s } from "./lanes.ts";
import { splitFloat64 } from "./short.ts";
import type { VectorFunction } from "./types.ts";

/**
 * Logarithms in float64 as in fdlibm's e_log.c (Sun Microsystems, 1993) and FreeBSD's e_log2.c: x = 2^k (1 + f) with
 * 1 + f from sqrt(1/2) to sqrt(2), s = f / (2 + f), log(1 + f) = f - (f^2/2 - s (f^2/2 + R)), R = log((1 + s) / (1 - s)) / s - 2.
 */

const { add, sub, mul, div } = F64;

/** R / z in z = s^2: minimax for the relative error of the logarithm, 2^-59. */
export const LOG = [
  0.6666666666666734, 0.3999999999941397, 0.2857142874256091, 0.2222219855388107, 0.18183565403460306,
  0.1531402119274434, 0.14796260606561748,
];

/** ln 2 as a number of 32 bits, whose products with k are exact, and the rest (fdlibm). */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** s (f^2/2 + R), and f^2/2. */
export function logTerms(f: FunctionBuilder, fraction: Local): { halfSquare: Local; tail: Local } {
  const s = f.let(div(fraction, add(fraction, F64.constant(f, 2))));
  const z = f.let(mul(s, s));
  const square = f.let(mul(z, z));
  const halfSquare = f.let(mul(mul(fraction, fraction), F64.constant(f, 0.5)));
  const remainder = mul(z, F64.pairs(f, z, square, LOG));
  return { halfSquare, tail: f.let(mul(s, add(halfSquare, remainder))) };
}

/** k ln 2 + log(1 + fraction) + correction, where the correction is small against log(1 + fraction). */
export function logSum(f: FunctionBuilder, k: Local, fraction: Local, correction?: Expr): Expr {
  const { halfSquare, tail } = logTerms(f, fraction);
  const small = mul(k, F64.constant(f, LN2_LOW));
  const low = add(tail, correction === undefined ? small : add(small, correction));
  return sub(mul(k, F64.constant(f, LN2_HIGH)), sub(sub(halfSquare, low), fraction));
}

/** A logarithm's code for positive normal numbers x = 2^k (1 + fraction). */
type Body = (f: FunctionBuilder, k: Local, fraction: Local) => Expr;

/** The body's code between two short detours for vectors with zeros, subnormals, negative numbers, infinities or NaN. */
const logarithm =
  (body: Body): VectorFunction =>
  (f, x) => {
    const argument = f.let(x);
    const infinity = Number.POSITIVE_INFINITY;
    const usual = and(
      F64.ge(argument, F64.constant(f, 2 ** -1022)),
      F64.lt(argument, F64.constant(f, infinity)),
    );
    const unusual = f.let(anyTrue(op("v128.not", usual)));
    const normal = f.let(argument);
    const correction = f.let(f64x2(0));
    f.if(unusual, () => {
      const subnormal = f.let(F64.lt(argument, f64x2(2 ** -1022)));
      f.set(normal, choose(subnormal, mul(argument, f64x2(2 ** 54)), argument));
      f.set(correction, and(subnormal, f64x2(-54)));
    });
    const split = splitFloat64(f, normal);
    const k = f.let(add(split.k, correction));
    const fraction = f.let(sub(split.mantissa, F64.constant(f, 1)));
    const result = f.let(body(f, k, fraction));
    f.if(unusual, () => fixLogarithm(f, result, argument));
    return result;
  };

/** The logarithm of zero, negative numbers, infinity and NaN. */
export function fixLogarithm(f: FunctionBuilder, result: Local, argument: Expr): void {
  const atZero = choose(F64.eq(argument, f64x2(0)), f64x2(Number.NEGATIVE_INFINITY), f64x2(Number.NaN));
  f.set(result, choose(F64.gt(argument, f64x2(0)), result, atZero));
  f.set(result, choose(F64.eq(argument, f64x2(Number.POSITIVE_INFINITY)), argument, result));
}

/** log of float64. */
export const logFloat64 = logarithm((f, k, fraction) => logSum(f, k, fraction));

/** The number with only the upper 21 bits of its mantissa: such numbers have exact products with LOG2E_HIGH. */
const truncate = (f: FunctionBuilder, x: Expr): Expr => and(x, int64s(f, ~0n << 32n));

/** 1 / ln 2 in two parts, the first of 22 bits. */
const LOG2E_HIGH = 1.4426950407214463;
const LOG2E_LOW = 1.6751713164886512e-10;

/** log2 of float64: log(1 + f) in two parts, so that their products with 1 / ln 2 are exact where it matters. */
export const log2Float64 = logarithm((f, k, fraction) => {
  const { halfSquare, tail } = logTerms(f, fraction);
  const high = f.let(truncate(f, sub(fraction, halfSquare)));
  const low = f.let(add(sub(sub(fraction, high), halfSquare), tail));
  const top = f.let(mul(high, F64.constant(f, LOG2E_HIGH)));
  const rest = add(mul(add(low, high), F64.constant(f, LOG2E_LOW)), mul(low, F64.constant(f, LOG2E_HIGH)));
  const sum = f.let(add(k, top));
  // k is an integer: it is 0, or greater than the logarithm of 1 + f.
  return add(sum, add(add(sub(k, sum), top), rest));
});
