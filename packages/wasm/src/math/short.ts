import { type Expr, type FunctionBuilder, type Local, op } from "../assemble/index.ts";
import { and, F64, int64s, or, shl64, shr64 } from "./lanes.ts";

/**
 * Exponentials and logarithms in float64 that are as exact as float32 results need: the relative error is about 2^-27,
 * an eighth of a unit in the last place of float32, beside the half that any rounding may cost.
 */

const { add, sub, mul, div } = F64;

/** Adding it rounds to an integer; then the lowest bits are the exponent field of 2^n. */
const SHIFTER = 1.5 * 2 ** 52 + 1023;

/** (2^r - 1) / r for |r| <= 1/2: minimax for the relative error, 2^-26.5. */
const EXP2M1 = [
  0.6931471879531215, 0.24022649791744763, 0.055503573056731065, 0.009618237750029554, 0.0013390804035291243,
  0.00015403513983710773,
];

/** 2^y = power (1 + rest) for -1022 < y < 1023, `rest` between -0.3 and 0.42 and relatively as exact as 2^y. */
export function shortExp2(f: FunctionBuilder, y: Expr): { power: Local; rest: Local } {
  const argument = f.let(y);
  const shifted = f.let(add(argument, F64.constant(f, SHIFTER)));
  const r = f.let(sub(argument, sub(shifted, F64.constant(f, SHIFTER))));
  const square = f.let(mul(r, r));
  const rest = f.let(mul(r, F64.pairs(f, r, square, EXP2M1)));
  return { power: f.let(shl64(shifted, 52)), rest };
}

/** (log((1 + s) / (1 - s)) - 2 s) / s^3 in s^2: minimax for the relative error of the logarithm, 2^-30. */
const LOG = [0.6666677644840999, 0.39977532402471644, 0.298719963692602];

const HALF_SQRT2_BITS = 0x3fe6a09e667f3bcdn;

/** x = 2^k (1 + fraction) with 1 + fraction from sqrt(1/2) to sqrt(2), for positive normal x. */
export function splitFloat64(f: FunctionBuilder, x: Expr): { k: Expr; mantissa: Expr } {
  const bits = f.let(op("i64x2.add", x, int64s(f, (1023n << 52n) - HALF_SQRT2_BITS)));
  // The exponent field becomes the end of a number's mantissa: there is no conversion from 64-bit integers.
  const k = sub(or(shr64(bits, 52), int64s(f, 0x433n << 52n)), F64.constant(f, 2 ** 52 + 1023));
  const mantissa = op("i64x2.add", and(bits, int64s(f, (1n << 52n) - 1n)), int64s(f, HALF_SQRT2_BITS));
  return { k, mantissa };
}

/** log(1 + fraction) for sqrt(1/2) <= 1 + fraction <= sqrt(2), relatively exact near zero as well. */
export function shortLog1p(f: FunctionBuilder, fraction: Local): Expr {
  const s = f.let(div(fraction, add(fraction, F64.constant(f, 2))));
  const z = f.let(mul(s, s));
  const terms = add(mul(F64.polynomial(f, z, LOG), z), F64.constant(f, 2));
  return mul(s, terms);
}
