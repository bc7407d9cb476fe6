import { type Expr, type FunctionBuilder, type Local, op } from "../assemble/index.ts";
import { twoProduct, twoSum, VECTOR64 } from "./doubleDouble.ts";
import { choose, F64, or, signs64 } from "./lanes.ts";
import { LOG, logSum } from "./log64.ts";
import { splitFloat64 } from "./short.ts";
import type { VectorFunction } from "./types.ts";

/** log1p and the inverse hyperbolic functions in float64, all as log(1 + high + low). */

const { add, sub, mul, div, sqrt, abs } = F64;

/**
 * log(1 + high + low) for finite sums above -1, as in fdlibm's s_log1p.c (Sun Microsystems, 1993): what u = 1 + high
 * loses, c, is added as c / u. Where `large` is true, log(2 high) instead.
 */
function log1pOf(f: FunctionBuilder, high: Local, low?: Expr, large?: Local): Expr {
  const one = F64.constant(f, 1);
  const sum = f.let(add(high, one));
  const added = f.let(sub(sum, high));
  const lost = add(sub(high, sub(sum, added)), sub(one, added));
  const u = large === undefined ? sum : f.let(choose(large, high, sum));
  const rest = f.let(low === undefined ? lost : add(lost, low));
  const split = splitFloat64(f, u);
  const doubled = large === undefined ? split.k : F64.add(split.k, op("v128.and", large, one));
  const k = f.let(doubled);
  const fraction = f.let(sub(split.mantissa, one));
  const correction = div(rest, u);
  return logSum(f, k, fraction, large === undefined ? correction : op("v128.andnot", correction, large));
}

/** `result`, and the argument itself where that is an infinity or NaN. */
const orArgument = (f: FunctionBuilder, argument: Expr, result: Expr): Expr =>
  choose(F64.lt(abs(argument), F64.constant(f, Number.POSITIVE_INFINITY)), result, argument);

/** log1p of float64. */
export const log1pFloat64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const pole = F64.constant(f, -1);
  const result = f.let(or(orArgument(f, argument, log1pOf(f, argument)), signs64(f, argument)));
  const atPole = choose(
    F64.eq(argument, pole),
    F64.constant(f, Number.NEGATIVE_INFINITY),
    F64.constant(f, Number.NaN),
  );
  return choose(F64.gt(argument, pole), result, atPole);
};

/** From here on asinh and acosh are log(2 |x|), exactly enough. */
const LARGE = 2 ** 28;

/** asinh of float64: log(|x| + sqrt(x^2 + 1)), without cancellation near zero. */
export const asinhFloat64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const magnitude = f.let(abs(argument));
  const large = f.let(F64.gt(magnitude, F64.constant(f, LARGE)));
  const square = f.let(mul(magnitude, magnitude));
  const one = F64.constant(f, 1);
  const excess = f.let(div(square, add(one, sqrt(add(square, one)))));
  const sum = f.let(add(magnitude, excess));
  const high = f.let(choose(large, magnitude, sum));
  const result = log1pOf(f, high, sub(excess, sub(sum, magnitude)), large);
  return or(orArgument(f, argument, result), signs64(f, argument));
};

/** acosh of float64: log(x + sqrt(x^2 - 1)), without cancellation near one. */
export const acoshFloat64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const one = F64.constant(f, 1);
  const large = f.let(F64.gt(argument, F64.constant(f, LARGE)));
  const t = f.let(sub(argument, one));
  // Near one the root is the greater part of the result, so its low half matters: a difference of squares.
  const square = twoProduct(f, VECTOR64, t, t);
  const radicand = twoSum(f, VECTOR64, f.let(add(t, t)), square.high);
  const root = f.let(sqrt(radicand.high));
  const product = twoProduct(f, VECTOR64, root, root);
  const missing = sub(add(sub(radicand.high, product.high), add(radicand.low, square.low)), product.low);
  const rootLow = div(missing, F64.pmax(add(root, root), F64.constant(f, 2 ** -500)));
  const sum = twoSum(f, VECTOR64, t, root);
  const lost = add(sum.low, rootLow);
  const high = f.let(choose(large, argument, sum.high));
  const result = orArgument(f, argument, log1pOf(f, high, lost, large));
  return choose(F64.ge(argument, one), result, F64.constant(f, Number.NaN));
};

/** Below this, atanh is its own series in `LOG`: (sqrt(2) - 1) / (sqrt(2) + 1). */
const SMALL = 0.1715728752538099;

/** atanh of float64: log((1 + x) / (1 - x)) / 2. */
export const atanhFloat64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const magnitude = f.let(abs(argument));
  const one = F64.constant(f, 1);
  const half = F64.constant(f, 0.5);
  const z = f.let(mul(argument, argument));
  const series = mul(mul(z, F64.polynomial(f, z, LOG)), half);
  const near = f.let(add(magnitude, mul(magnitude, series)));

  const rest = f.let(sub(one, magnitude));
  const lost = sub(sub(one, rest), magnitude);
  const quotient = f.let(div(add(magnitude, magnitude), rest));
  const product = twoProduct(f, VECTOR64, quotient, rest);
  const residual = sub(sub(add(magnitude, magnitude), product.high), add(product.low, mul(quotient, lost)));
  const low = div(residual, rest);
  const far = mul(log1pOf(f, quotient, low), half);

  const inside = choose(F64.lt(magnitude, F64.constant(f, SMALL)), near, far);
  const end = choose(
    F64.eq(magnitude, one),
    F64.constant(f, Number.POSITIVE_INFINITY),
    F64.constant(f, Number.NaN),
  );
  return or(choose(F64.lt(magnitude, one), inside, end), signs64(f, argument));
};
