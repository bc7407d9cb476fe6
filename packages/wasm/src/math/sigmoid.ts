import { clamp64, exponential, power64, scale64 } from "./exp64.ts";
import { andNot, choose, F32, F64, or, signs32, signs64, throughFloat64 } from "./lanes.ts";
import { shortExp2 } from "./short.ts";
import type { VectorFunction } from "./types.ts";

/** tanh and sigmoid: quotients of exponentials. */

const { add, sub, mul, div } = F64;

/** (e - 1) / (e + 1) with e = exp(2x) = p (1 + r): e - 1 is pr + (p - 1), which does not cancel near zero. */
const tanhShort = throughFloat64((f, x) => {
  const { power, rest } = shortExp2(f, mul(x, F64.constant(f, 2 * Math.LOG2E)));
  const numerator = f.let(add(mul(power, rest), sub(power, F64.constant(f, 1))));
  return div(numerator, add(numerator, F64.constant(f, 2)));
});

/** tanh of float32. In float32 arithmetic the quotient alone would be wrong by more than 1 ULP. */
export const tanhFloat32: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const bounded = f.let(F32.pmax(F32.pmin(argument, F32.constant(f, 10)), F32.constant(f, -10)));
  return or(tanhShort(f, bounded), signs32(f, argument));
};

const sigmoidShort = throughFloat64((f, x) => {
  const { power, rest } = shortExp2(f, mul(x, F64.constant(f, -Math.LOG2E)));
  const one = F64.constant(f, 1);
  return div(one, add(one, add(mul(power, rest), power)));
});

/** sigmoid(x) = 1 / (1 + exp(-x)) of float32. */
export const sigmoidFloat32: VectorFunction = (f, x) =>
  sigmoidShort(f, f.let(F32.pmax(F32.pmin(x, F32.constant(f, 120)), F32.constant(f, -120))));

/**
 * tanh of float64: the same quotient, whose parts have low halves that correct it. From tanh(x) = 1/2 on it is
 * 1 - 2 / (e + 1), which is more exact there and never falls.
 */
export const tanhFloat64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  // tanh(22) is 1 - 2^-62.
  const magnitude = f.let(F64.pmin(F64.abs(argument), F64.constant(f, 22)));
  const parts = exponential(f, f.let(add(magnitude, magnitude)));
  const power = power64(f, parts.shifted);
  const one = F64.constant(f, 1);
  const two = F64.constant(f, 2);
  const base = f.let(sub(power, one));
  const product = f.let(mul(power, parts.high));
  const numerator = f.let(add(base, product));
  const low = f.let(add(sub(product, sub(numerator, base)), mul(power, parts.low)));
  const denominator = f.let(add(numerator, two));
  const added = f.let(sub(denominator, numerator));
  const lost = add(sub(numerator, sub(denominator, added)), sub(two, added));

  const isFar = f.let(F64.ge(numerator, two));
  const quotient = f.let(div(choose(isFar, two, numerator), denominator));
  const residual = sub(andNot(low, isFar), mul(quotient, add(lost, low)));
  const result = f.let(add(quotient, div(residual, denominator)));
  return or(choose(isFar, sub(one, result), result), signs64(f, argument));
};

/** sigmoid of float64: 1 / (1 + e) or e / (1 + e) with e = exp(-|x|), the factor 2^n of e last. */
export const sigmoidFloat64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const negative = f.let(F64.lt(argument, F64.constant(f, 0)));
  const parts = exponential(f, clamp64(f, or(argument, F64.constant(f, -0)), -746, 0));
  const one = F64.constant(f, 1);
  const mantissa = f.let(add(one, parts.high));
  const mantissaLow = f.let(add(sub(parts.high, sub(mantissa, one)), parts.low));
  const e = f.let(scale64(f, mantissa, parts.shifted));
  const denominator = f.let(add(one, e));
  const eLow = scale64(f, mantissaLow, parts.shifted);
  const denominatorLow = add(sub(e, sub(denominator, one)), eLow);
  const numerator = choose(negative, mantissa, one);
  const numeratorLow = choose(negative, mantissaLow, F64.constant(f, 0));
  const quotient = f.let(div(numerator, denominator));
  const residual = sub(numeratorLow, mul(quotient, denominatorLow));
  const result = f.let(add(quotient, div(residual, denominator)));
  return choose(negative, scale64(f, result, parts.shifted), result);
};
