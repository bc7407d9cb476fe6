import { type Expr, type FunctionBuilder, type Local, op } from "../assemble/index.ts";
import { F32, int32s, shl32 } from "./lanes.ts";
import type { VectorFunction } from "./types.ts";

/**
 * exp and exp2 in float32, after Cody and Waite (Software Manual for the Elementary Functions, 1980, chapter 6):
 * x = n ln 2 + r with |r| <= ln 2 / 2, then 2^n exp(r).
 */

const { add, sub, mul } = F32;

/**
 * What is added to n, so that rounding to an integer is an addition. The number's lowest nine bits are then n + 63,
 * the exponent field of 2^(n - 64).
 */
const SHIFTER = 1.5 * 2 ** 23 + 63;
const SHIFTER_BITS = new Int32Array(new Float32Array([SHIFTER]).buffer)[0];
const POWER_64_BITS = (127 + 64) << 23;

/** ln 2 as a number of ten bits, whose products with n are exact, and the rest. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = Math.LN2 - LN2_HIGH;

/** (exp(r) - 1 - r) / r^2: minimax for the relative error of exp(r), 2^-28.3. */
const EXP = [0.49999994, 0.16666521, 0.041668389, 0.0083687454, 0.0013814539];

/**
 * p 2^n, where t = SHIFTER + n and -151 < n < 130. Two factors, so that the product overflows and underflows with one
 * rounding: 2^(m - 64) and 2^(n - m + 64) with m = max(n, -60).
 */
function scale(f: FunctionBuilder, p: Expr, t: Local): Expr {
  const m = f.let(op("i32x4.max_s", t, int32s(f, SHIFTER_BITS - 60)));
  const rest = shl32(op("i32x4.sub", t, m), 23);
  return mul(mul(p, shl32(m, 23)), op("i32x4.add", rest, int32s(f, POWER_64_BITS)));
}

/** exp(x) for |x| <= ln 2 / 2. */
function small(f: FunctionBuilder, x: Expr): Expr {
  const r = f.let(x);
  const square = f.let(mul(r, r));
  return add(add(mul(square, F32.pairs(f, r, square, EXP)), r), F32.constant(f, 1));
}

/** x, or the nearest bound, beyond which results are 0 and infinite anyway; NaN stays NaN. */
const clamp = (f: FunctionBuilder, x: Expr, low: number, high: number): Local =>
  f.let(F32.pmax(F32.pmin(x, F32.constant(f, high)), F32.constant(f, low)));

/** exp of float32. */
export const expFloat32: VectorFunction = (f, x) => {
  const a = clamp(f, x, -104, 89);
  const t = f.let(add(mul(a, F32.constant(f, Math.LOG2E)), F32.constant(f, SHIFTER)));
  const n = f.let(sub(t, F32.constant(f, SHIFTER)));
  const high = sub(a, mul(n, F32.constant(f, LN2_HIGH)));
  return scale(f, small(f, sub(high, mul(n, F32.constant(f, LN2_LOW)))), t);
};

/** exp2 of float32. The product with ln 2 is not spread over the coefficients: that was 1.19 ULP instead of 0.93. */
export const exp2Float32: VectorFunction = (f, x) => {
  const a = clamp(f, x, -151, 129);
  const t = f.let(add(a, F32.constant(f, SHIFTER)));
  const r = sub(a, sub(t, F32.constant(f, SHIFTER)));
  return scale(f, small(f, mul(r, F32.constant(f, Math.LN2))), t);
};
