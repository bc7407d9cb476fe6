import { type Expr, type FunctionBuilder, type Local, op } from "../assemble/index.ts";
import { and, choose, F64, or, signs64, throughFloat64, xor } from "./lanes.ts";
import type { VectorFunction, VectorFunctions } from "./types.ts";

/** asin, acos, atan and atan2 of float32: minimax polynomials in float64, two lanes at a time. */

const { add, sub, mul, div, abs, sqrt, constant, series, pmin, pmax } = F64;

/** asin(s) / s in s^2, 0 <= s <= 1/2: 2^-31.9 relative. */
const ASIN = [
  1.0000000002554126, 0.1666665691780407, 0.07500605534431604, 0.04450281236520777, 0.03190314451874655,
  0.014130371615894696, 0.037898806850148445,
];

/** asin|x| for |x| <= 1/2, otherwise acos|x| = 2 asin(sqrt((1 - |x|) / 2)); and whether it is the latter. */
function smallArc(f: FunctionBuilder, x: Local): { arc: Local; wide: Local } {
  const a = f.let(abs(x));
  const wide = f.let(F64.gt(a, constant(f, 0.5)));
  const half = mul(sub(constant(f, 1), a), constant(f, 0.5));
  const square = f.let(choose(wide, half, mul(a, a)));
  const s = choose(wide, mul(sqrt(square), constant(f, 2)), a);
  return { arc: f.let(mul(s, series(f, square, ASIN))), wide };
}

const asinPair: VectorFunction = (f, x) => {
  const a = f.let(x);
  const { arc, wide } = smallArc(f, a);
  return or(choose(wide, sub(constant(f, Math.PI / 2), arc), arc), signs64(f, a));
};

const acosPair: VectorFunction = (f, x) => {
  const a = f.let(x);
  const { arc, wide } = smallArc(f, a);
  const sign = f.let(signs64(f, a));
  const negative = F64.lt(a, constant(f, 0));
  const ofWide = add(and(negative, constant(f, Math.PI)), xor(arc, sign));
  return choose(wide, ofWide, sub(constant(f, Math.PI / 2), xor(arc, sign)));
};

/** atan(t) / t in t^2, 0 <= t <= 1: 2^-31.3 relative. */
const ATAN = [
  0.9999999996282463, -0.33333323935617565, 0.1999960463997453, -0.14279159622698756, 0.11054500949493974,
  -0.08798770715241054, 0.06716104208624236, -0.044357447723008, 0.022274314648640006, -0.007199365232219296,
  0.0010911071224088895,
];

/** atan(y / x) for y >= 0 and x > 0: of x / y, when that is smaller, subtracted from pi/2. */
function firstQuadrant(f: FunctionBuilder, y: Local, x: Expr): Local {
  const other = f.let(x);
  const steep = f.let(F64.gt(y, other));
  const t = f.let(div(pmin(y, other), pmax(y, other)));
  const arc = mul(t, series(f, f.let(mul(t, t)), ATAN));
  return f.let(add(and(steep, constant(f, Math.PI / 2)), xor(arc, signs64(f, steep))));
}

const atanPair: VectorFunction = (f, x) => {
  const a = f.let(x);
  return or(firstQuadrant(f, f.let(abs(a)), constant(f, 1)), signs64(f, a));
};

/** Beside it every float32 vanishes, infinity's stand-in: the quotient of two of them is 1, as atan2 wants it. */
const HUGE = 2 ** 1000;

const atan2Pair: VectorFunction = (f, y, x) => {
  const [rise, run] = [f.let(y), f.let(x)];
  const vertical = f.let(pmin(abs(rise), constant(f, HUGE)));
  // Beside the smallest float32 this is 0, and 0 / 0 is avoided.
  const horizontal = pmax(pmin(abs(run), constant(f, HUGE)), constant(f, 1 / HUGE));
  const arc = firstQuadrant(f, vertical, horizontal);
  // The sign bit, since atan2(0, -0) is pi.
  const left = f.let(op("i64x2.lt_s", run, constant(f, 0)));
  const angle = add(and(left, constant(f, Math.PI)), xor(arc, signs64(f, left)));
  // pmin and pmax look past a NaN in the second place.
  return or(or(angle, signs64(f, rise)), F64.ne(run, run));
};

/** Functions of f32x4. */
export const INVERSE_TRIG_FLOAT32 = {
  asin: throughFloat64(asinPair),
  acos: throughFloat64(acosPair),
  atan: throughFloat64(atanPair),
  atan2: throughFloat64(atan2Pair),
} as const satisfies VectorFunctions;
