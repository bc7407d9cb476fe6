import { f64x2, op } from "../assemble/index.ts";
import { mulPairs, VECTOR64 } from "./doubleDouble.ts";
import { and, anyTrue, F64 } from "./lanes.ts";
import { fixLogarithm } from "./log64.ts";
import { logPair } from "./pow64.ts";
import type { VectorFunction } from "./types.ts";

const { add, constant } = F64;

/** 1 / ln 10 */
const INVERSE_LN10 = [Math.LOG10E, 1.098319650216765e-17] as const;

/** log10 of float64: a logarithm of 66 bits, so that the result is exact at powers of ten. */
export const log10Float64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const inverse = { high: constant(f, INVERSE_LN10[0]), low: constant(f, INVERSE_LN10[1]) };
  const { high, low } = mulPairs(f, VECTOR64, logPair(f, argument), inverse);
  const result = f.let(add(high, low));
  const infinity = constant(f, Number.POSITIVE_INFINITY);
  const usual = and(F64.gt(argument, f64x2(0)), F64.lt(argument, infinity));
  f.if(anyTrue(op("v128.not", usual)), () => fixLogarithm(f, result, argument));
  return result;
};
