import { type Expr, type FunctionBuilder, type Local, op } from "../assemble/index.ts";
import { choose, F64, int64s, shl64 } from "./lanes.ts";
import type { VectorFunction } from "./types.ts";

/**
 * The exponential function in float64, as in fdlibm's e_exp.c (Sun Microsystems, 1993): x = n ln 2 + r with
 * |r| <= ln 2 / 2 and r in two parts, then 2^n exp(r) with exp(r) = 1 + 2r / (R - r), R = r (exp(r) + 1) / (exp(r) - 1)
 * = 2 + P(r^2). What fdlibm rounds away at the end is kept here, for the functions that are made of exp.
 */

const { add, sub, mul, div } = F64;

/** What is added to n, so that rounding is an addition; then the lowest bits are the exponent field of 2^(n - 512). */
const SHIFTER = 1.5 * 2 ** 52 + 511;
const POWER_512_BITS = 1535n << 52n;

/** ln 2 as a number of 32 bits, whose products with n are exact, and the rest (fdlibm). */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** P(z) / z, minimax with an error of 2^-59 (fdlibm). */
const EXP = [
  0.16666666666666602, -0.0027777777777015593, 6.613756321437934e-5, -1.6533902205465252e-6,
  4.1381367970572385e-8,
];

/** exp(x) = 2^n (1 + high + low); |low| is below half a unit in the last place of `high`. */
export interface Exponential {
  readonly high: Local;
  readonly low: Local;
  /** SHIFTER + n. */
  readonly shifted: Local;
}

/** x, or the nearest bound; NaN stays NaN. */
export const clamp64 = (f: FunctionBuilder, x: Expr, low: number, high: number): Local =>
  f.let(F64.pmax(F64.pmin(x, F64.constant(f, high)), F64.constant(f, low)));

/** The parts of exp(x + tail) for -750 < x < 750 and a tail that is small against x, or against 1. */
export function exponential(f: FunctionBuilder, x: Local, tail?: Expr): Exponential {
  const shifted = f.let(add(mul(x, F64.constant(f, Math.LOG2E)), F64.constant(f, SHIFTER)));
  const n = f.let(sub(shifted, F64.constant(f, SHIFTER)));
  const rHigh = f.let(sub(x, mul(n, F64.constant(f, LN2_HIGH))));
  const product = mul(n, F64.constant(f, LN2_LOW));
  const rLow = f.let(tail === undefined ? product : sub(product, tail));
  return { ...small(f, rHigh, rLow), shifted };
}

/** The parts of 2^x for -1100 < x < 1100. */
export function exponential2(f: FunctionBuilder, x: Local): Exponential {
  const shifted = f.let(add(x, F64.constant(f, SHIFTER)));
  const r = f.let(sub(x, sub(shifted, F64.constant(f, SHIFTER))));
  // r ln 2 to more than 53 bits: the product of the upper halves is exact.
  const rTop = f.let(top(f, r));
  const high = f.let(mul(rTop, F64.constant(f, LN2_TOP)));
  const rest = add(mul(sub(r, rTop), F64.constant(f, LN2_TOP)), mul(r, F64.constant(f, LN2_REST)));
  return { ...small(f, high, f.let(F64.neg(rest))), shifted };
}

/** The upper 26 bits of x. */
export const top = (f: FunctionBuilder, x: Expr): Expr => op("v128.and", x, int64s(f, ~0n << 27n));

/** ln 2 in two parts for `exponential2`, the first of 26 bits. */
const LN2_TOP = 0.6931471824645996;
const LN2_REST = -1.904654299957768e-9;

/** exp(high - low) - 1 in two parts. */
function small(f: FunctionBuilder, high: Local, low: Local): { high: Local; low: Local } {
  const r = f.let(sub(high, low));
  const z = f.let(mul(r, r));
  const c = f.let(sub(r, mul(z, F64.polynomial(f, z, EXP))));
  const quotient = div(mul(r, c), sub(F64.constant(f, 2), c));
  const rest = f.let(sub(quotient, low));
  const sum = f.let(add(high, rest));
  return { high: sum, low: f.let(sub(rest, sub(sum, high))) };
}

/**
 * p 2^n, where shifted = SHIFTER + n and -1080 < n < 1030: two factors, so that the product overflows and underflows
 * with one rounding.
 */
export function scale64(f: FunctionBuilder, p: Expr, shifted: Local): Expr {
  const m = f.let(F64.pmax(shifted, F64.constant(f, SHIFTER - 500)));
  const rest = shl64(op("i64x2.sub", shifted, m), 52);
  return mul(mul(p, shl64(m, 52)), op("i64x2.add", rest, int64s(f, POWER_512_BITS)));
}

/** 2^n for -500 < n < 1000. */
export const power64 = (f: FunctionBuilder, shifted: Local): Local =>
  f.let(op("i64x2.add", shl64(shifted, 52), int64s(f, 512n << 52n)));

/** 1 + high + low, rounded. */
export const onePlus = (f: FunctionBuilder, { high, low }: Exponential): Expr => {
  const one = F64.constant(f, 1);
  const sum = f.let(add(one, high));
  return add(sum, add(sub(high, sub(sum, one)), low));
};

/** exp of float64. */
export const expFloat64: VectorFunction = (f, x) => {
  const parts = exponential(f, clamp64(f, x, -746, 710));
  return scale64(f, onePlus(f, parts), parts.shifted);
};

/** exp2 of float64. */
export const exp2Float64: VectorFunction = (f, x) => {
  const parts = exponential2(f, clamp64(f, x, -1076, 1025));
  return scale64(f, onePlus(f, parts), parts.shifted);
};

/** expm1 of float64: 2^n p + (2^n - 1), where 2^n - 1 has an error only when it does not matter. */
export const expm1Float64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const parts = exponential(f, clamp64(f, argument, -50, 710));
  // Halves, so that 2^1024 does not overflow before p is added.
  const half = power64(f, f.let(sub(parts.shifted, F64.constant(f, 1))));
  const base = f.let(sub(half, F64.constant(f, 0.5)));
  const product = f.let(mul(half, parts.high));
  const sum = f.let(add(base, product));
  const rest = add(sub(product, sub(sum, base)), mul(half, parts.low));
  const result = mul(add(sum, rest), F64.constant(f, 2));
  // Halves of subnormal numbers would lose a bit, and a zero its sign.
  return choose(F64.lt(F64.abs(argument), F64.constant(f, 2 ** -60)), argument, result);
};
