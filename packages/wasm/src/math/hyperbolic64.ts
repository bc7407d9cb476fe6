import type { Expr, FunctionBuilder } from "../assemble/index.ts";
import { exponential, power64 } from "./exp64.ts";
import { choose, F64, or, signs64 } from "./lanes.ts";
import type { VectorFunction } from "./types.ts";

/** sinh and cosh in float64: exp(|x|) in two parts, and its inverse. */

const { add, sub, mul, div, abs } = F64;

/** (sinh(x) - x) / x^3 in x^2, for |x| <= 1: minimax for the relative error of sinh, 2^-62. */
const SINH = [
  0.16666666666666669, 0.008333333333333174, 0.00019841269841425432, 2.7557319156668982e-6,
  2.5052123481901652e-8, 1.6057216709539976e-10, 7.760423018158137e-13,
];

/** (exp(x) + sign exp(-x)) / 2 for 0 <= x; quarters of exp(x) do not overflow where the sum is bounded. */
function halfSum(f: FunctionBuilder, x: Expr, sign: number): Expr {
  const bounded = f.let(F64.pmin(x, F64.constant(f, 710.6)));
  const parts = exponential(f, bounded);
  const one = F64.constant(f, 1);
  const quarter = power64(f, f.let(sub(parts.shifted, F64.constant(f, 2))));
  const mantissa = f.let(add(one, parts.high));
  const high = f.let(mul(quarter, mantissa));
  const low = mul(quarter, add(sub(parts.high, sub(mantissa, one)), parts.low));
  const inverse = f.let(div(F64.constant(f, sign * 0.0625), high));
  const sum = f.let(add(high, inverse));
  const rest = add(add(sub(high, sum), inverse), low);
  return mul(add(sum, rest), F64.constant(f, 2));
}

/** sinh of float64. */
export const sinhFloat64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const magnitude = f.let(abs(argument));
  const z = f.let(mul(magnitude, magnitude));
  const near = add(magnitude, mul(magnitude, mul(z, F64.polynomial(f, z, SINH))));
  const far = halfSum(f, magnitude, -1);
  return or(choose(F64.lt(magnitude, F64.constant(f, 1)), near, far), signs64(f, argument));
};

/** cosh of float64. */
export const coshFloat64: VectorFunction = (f, x) => halfSum(f, abs(x), 1);
