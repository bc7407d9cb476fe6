import { type Expr, type FunctionBuilder, op } from "../assemble/index.ts";
import { choose, F32, F64, or, signs32, throughFloat64 } from "./lanes.ts";
import { shortLog1p, splitFloat64 } from "./short.ts";
import type { VectorFunction } from "./types.ts";

/** Logarithms and inverse hyperbolic functions in float32, computed in float64. */

const { add, sub, mul, div, sqrt } = F64;

/** log(1 + x) for finite x > -1, and anything for others. */
function log1p(f: FunctionBuilder, x: Expr): Expr {
  const argument = f.let(x);
  const one = F64.constant(f, 1);
  const split = splitFloat64(f, f.let(add(argument, one)));
  const k = f.let(split.k);
  // Near 1 the sum has lost what x had.
  const near = F64.eq(k, F64.constant(f, 0));
  const fraction = f.let(choose(near, argument, sub(split.mantissa, one)));
  return add(shortLog1p(f, fraction), mul(k, F64.constant(f, Math.LN2)));
}

/** `result`, and the argument itself where that is an infinity or NaN. */
const orArgument = (f: FunctionBuilder, argument: Expr, result: Expr): Expr =>
  choose(F32.lt(F32.abs(argument), F32.constant(f, Number.POSITIVE_INFINITY)), result, argument);

const nan = (f: FunctionBuilder): Expr => F32.constant(f, Number.NaN);

/** A logarithm that is -inf at `pole` and NaN below. */
const above = (f: FunctionBuilder, pole: number, argument: Expr, result: Expr): Expr => {
  const bound = F32.constant(f, pole);
  const below = choose(F32.eq(argument, bound), F32.constant(f, Number.NEGATIVE_INFINITY), nan(f));
  return choose(F32.gt(argument, bound), orArgument(f, argument, result), below);
};

const log1pShort = throughFloat64((f, x) => log1p(f, x));

/** log1p of float32. */
export const log1pFloat32: VectorFunction = (f, x) => {
  const argument = f.let(x);
  return above(f, -1, argument, or(log1pShort(f, argument), signs32(f, argument)));
};

const log2Short = throughFloat64((f, x) => {
  const { k, mantissa } = splitFloat64(f, x);
  const fraction = f.let(sub(mantissa, F64.constant(f, 1)));
  return add(mul(shortLog1p(f, fraction), F64.constant(f, Math.LOG2E)), k);
});

/** log2 of float32. */
export const log2Float32: VectorFunction = (f, x) => {
  const argument = f.let(x);
  return above(f, 0, argument, log2Short(f, argument));
};

const log10Short = throughFloat64((f, x) => {
  const { k, mantissa } = splitFloat64(f, x);
  const fraction = f.let(sub(mantissa, F64.constant(f, 1)));
  const logarithm = add(shortLog1p(f, fraction), mul(k, F64.constant(f, Math.LN2)));
  return mul(logarithm, F64.constant(f, Math.LOG10E));
});

/** log10 of float32. */
export const log10Float32: VectorFunction = (f, x) => {
  const argument = f.let(x);
  return above(f, 0, argument, log10Short(f, argument));
};

const asinhShort = throughFloat64((f, x) => {
  const square = f.let(mul(x, x));
  const one = F64.constant(f, 1);
  return log1p(f, add(op("f64x2.abs", x), div(square, add(one, sqrt(add(square, one))))));
});

/** asinh of float32: log(|x| + sqrt(x^2 + 1)), without cancellation near zero. */
export const asinhFloat32: VectorFunction = (f, x) => {
  const argument = f.let(x);
  return or(orArgument(f, argument, asinhShort(f, argument)), signs32(f, argument));
};

const acoshShort = throughFloat64((f, x) => {
  const t = f.let(sub(x, F64.constant(f, 1)));
  return log1p(f, add(t, sqrt(mul(t, add(t, F64.constant(f, 2))))));
});

/** acosh of float32: log(x + sqrt(x^2 - 1)), without cancellation near one. */
export const acoshFloat32: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const result = orArgument(f, argument, acoshShort(f, argument));
  return choose(F32.ge(argument, F32.constant(f, 1)), result, nan(f));
};

const atanhShort = throughFloat64((f, x) => {
  const magnitude = f.let(op("f64x2.abs", x));
  const quotient = div(add(magnitude, magnitude), sub(F64.constant(f, 1), magnitude));
  return mul(log1p(f, quotient), F64.constant(f, 0.5));
});

/** atanh of float32: log((1 + x) / (1 - x)) / 2, without cancellation near zero. */
export const atanhFloat32: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const magnitude = f.let(F32.abs(argument));
  const one = F32.constant(f, 1);
  const end = choose(F32.eq(magnitude, one), F32.constant(f, Number.POSITIVE_INFINITY), nan(f));
  return or(choose(F32.lt(magnitude, one), atanhShort(f, argument), end), signs32(f, argument));
};
