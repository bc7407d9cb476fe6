import { type Expr, type FunctionBuilder, f32x4, f64x2, type Local, op } from "../assemble/index.ts";
import { clamp64 } from "./exp64.ts";
import {
  and,
  andNot,
  anyTrue,
  choose,
  F32,
  F64,
  or,
  signs32,
  signs64,
  throughFloat64,
  xor,
} from "./lanes.ts";
import { powSize } from "./pow64.ts";
import { shortExp2, splitFloat64 } from "./short.ts";
import type { VectorFunction } from "./types.ts";

/** Powers as IEEE 754 has them; here the cases that are not exp(y log x), and float32. */

interface Lanes {
  readonly arithmetic: typeof F32;
  /** Not hoisted: for code that is rarely reached. */
  readonly splat: (value: number) => Expr;
  readonly signs: (f: FunctionBuilder, x: Expr) => Expr;
  readonly trunc: (x: Expr) => Expr;
}

const LANES32: Lanes = { arithmetic: F32, splat: f32x4, signs: signs32, trunc: (x) => op("f32x4.trunc", x) };
const LANES64: Lanes = { arithmetic: F64, splat: f64x2, signs: signs64, trunc: (x) => op("f64x2.trunc", x) };

/**
 * |x|^y made x^y, in lanes where x is not positive and finite, or y not finite; pow(1, y), pow(-1, +-infinity) and
 * pow(x, 0) are 1.
 */
function fixPower(f: FunctionBuilder, lanes: Lanes, result: Local, x: Local, y: Local): void {
  const { arithmetic, splat, signs, trunc } = lanes;
  const { eq, ne, lt, gt, mul, sub, abs } = arithmetic;
  const [zero, one, infinity] = [0, 1, Number.POSITIVE_INFINITY].map((value) => f.let(splat(value)));
  const size = f.let(abs(x));
  // x or y is 0 or infinite: then so is the result, as the sign of y log |x| says.
  const direction = f.let(sub(and(gt(size, one), one), and(lt(size, one), one)));
  const extreme = or(or(eq(size, zero), eq(size, infinity)), eq(abs(y), infinity));
  f.set(result, choose(extreme, and(gt(mul(y, direction), zero), infinity), result));
  const integral = f.let(eq(trunc(y), y));
  const half = f.let(mul(y, splat(0.5)));
  const odd = and(integral, ne(trunc(half), half));
  f.set(result, xor(result, and(odd, signs(f, x))));
  const undefined_ = andNot(and(lt(x, zero), ne(size, infinity)), integral);
  f.set(result, or(result, or(undefined_, or(ne(x, x), ne(y, y)))));
  const unit = or(or(eq(x, one), eq(y, zero)), and(eq(size, one), eq(abs(y), infinity)));
  f.set(result, choose(unit, one, result));
}

/** The power of |x|, which `fixPower` corrects where that is not all. */
const power =
  (lanes: Lanes, ofSize: VectorFunction): VectorFunction =>
  (f, x, y) => {
    const { lt, gt, abs, constant } = lanes.arithmetic;
    const [base, exponent] = [f.let(x), f.let(y)];
    const result = f.let(ofSize(f, abs(base), exponent));
    const infinity = constant(f, Number.POSITIVE_INFINITY);
    const usual = and(and(gt(base, constant(f, 0)), lt(base, infinity)), lt(abs(exponent), infinity));
    f.if(anyTrue(op("v128.not", usual)), () => fixPower(f, lanes, result, base, exponent));
    return result;
  };

const { add, sub, mul, div, constant, series } = F64;

/** log2((1 + s) / (1 - s)) / s in s^2: minimax for the relative error, 2^-37.8. */
const LOG2 = [
  2.8853900817900926, 0.961796673333333, 0.5770835866852094, 0.41167261020368134, 0.34073221405923915,
];

/** x^y of positive float32 numbers in float64: 2^(y log2(x)). */
const powPair: VectorFunction = (f, x, y) => {
  const { k, mantissa } = splitFloat64(f, x);
  const m = f.let(mantissa);
  const s = f.let(div(sub(m, constant(f, 1)), add(m, constant(f, 1))));
  const logarithm = add(k, mul(s, series(f, f.let(mul(s, s)), LOG2)));
  const { power: whole, rest } = shortExp2(f, clamp64(f, mul(y, logarithm), -200, 200));
  return add(whole, mul(whole, rest));
};

/** pow of float32. */
export const powFloat32: VectorFunction = power(LANES32, throughFloat64(powPair));

/** pow of float64. */
export const powFloat64: VectorFunction = power(LANES64, powSize);
