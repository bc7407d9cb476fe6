import { type Expr, type FunctionBuilder, f64x2, type Local, op } from "../assemble/index.ts";
import { fastTwoDifference, VECTOR64 } from "./doubleDouble.ts";
import { and, anyTrue, choose, F64, int64s, or, signs64, xor } from "./lanes.ts";
import type { VectorFunction, VectorFunctions } from "./types.ts";

/** asin, acos, atan and atan2 of float64, by the reductions of fdlibm (Sun Microsystems, 1993) with polynomials. */

const { add, sub, mul, div, abs, sqrt, constant, series, pmin, pmax } = F64;

const PI_LOW = 1.2246467991473532e-16;

/** (asin(s) / s - 1) / s^2 in s^2, 0 <= s <= 1/2: 2^-59.8 relative to asin(s). */
const ASIN = [
  0.1666666666666676, 0.07499999999970633, 0.04464285717477978, 0.03038194269935783, 0.022372215234894438,
  0.017351607404456227, 0.013980877724536957, 0.011398429244826607, 0.010783042270137596,
  0.003695568825366806, 0.021734543169425517, -0.02103840832102462, 0.03265384381688811,
];

/**
 * s + rest = asin|x| for |x| <= 1/2, otherwise asin(sqrt((1 - |x|) / 2)) = acos|x| / 2 (e_asin.c), where `rest` has
 * what the root's rounding lost.
 */
function smallArc(f: FunctionBuilder, x: Local): { s: Local; rest: Local; wide: Local } {
  const a = f.let(abs(x));
  const wide = f.let(F64.gt(a, constant(f, 0.5)));
  const half = mul(sub(constant(f, 1), a), constant(f, 0.5));
  const square = f.let(choose(wide, half, mul(a, a)));
  const root = f.let(sqrt(square));
  // The square of the root's upper half is exact.
  const upper = f.let(and(root, int64s(f, ~0n << 27n)));
  const lost = div(sub(square, mul(upper, upper)), pmax(add(root, upper), constant(f, 2 ** -1000)));
  const full = choose(wide, root, a);
  const tail = mul(mul(full, square), series(f, square, ASIN));
  return { s: f.let(choose(wide, upper, a)), rest: f.let(add(and(wide, lost), tail)), wide };
}

const asin: VectorFunction = (f, x) => {
  const a = f.let(x);
  const { s, rest, wide } = smallArc(f, a);
  // pi/4 - 2 s has no error: s has 26 bits.
  const low = sub(constant(f, PI_LOW / 2), mul(rest, constant(f, 2)));
  const quarter = constant(f, Math.PI / 4);
  const ofWide = add(add(low, sub(quarter, mul(s, constant(f, 2)))), quarter);
  return or(choose(wide, ofWide, add(s, rest)), signs64(f, a));
};

const acos: VectorFunction = (f, x) => {
  const a = f.let(x);
  const { s, rest, wide } = smallArc(f, a);
  const sign = f.let(signs64(f, a));
  const negative = f.let(F64.lt(a, constant(f, 0)));
  const middle = sub(constant(f, Math.PI / 2), sub(a, sub(constant(f, PI_LOW / 2), xor(rest, sign))));
  // pi - 2 (s + rest), or without pi; doubled after its rounding, which pi's then hides.
  const arc = mul(add(s, sub(rest, and(negative, constant(f, PI_LOW / 2)))), constant(f, 2));
  const ofWide = add(and(negative, constant(f, Math.PI)), xor(arc, sign));
  return choose(wide, ofWide, middle);
};

/** (atan(t) / t - 1) / t^2 in t^2, |t| <= 7/16: 2^-57.7 relative to atan(t). */
const ATAN = [
  -0.3333333333333292, 0.1999999999987315, -0.14285714272212005, 0.11111110392753257, -0.09090886813907201,
  0.07691871227015618, -0.06661023509717212, 0.058332530499465025, -0.049756220517906416,
  0.036503493478820224, -0.01625873579605188,
];

/**
 * atan(y / x) = atan(b / a) + atan((a y - b x) / (a x + b y)), the fraction b / a being near y / x: the breakpoints of
 * s_atan.c, but 2 for its 3/2, so that all products are exact, and the differences too where they are small.
 */
const BREAKS = [7 / 16, 11 / 16, 23 / 16, 39 / 16];
const A = [1, 2, 1, 1, 0];
const B = [0, 1, 1, 2, 1];
/** atan(b / a), and what is left of it. */
const ARC = [0, 0.4636476090008061, Math.PI / 4, 1.1071487177940904, Math.PI / 2];
const ARC_LOW = [0, 2.2698777452961687e-17, PI_LOW / 4, 9.40447137356638e-17, PI_LOW / 2];

/**
 * From a table by masks that are set up to some lane's entry: each sets the bits in which one entry differs from the
 * next, two instructions where a choice takes three.
 */
function look(f: FunctionBuilder, masks: readonly Local[], table: readonly number[]): Local {
  const bits = [...new BigInt64Array(Float64Array.from(table).buffer)];
  const steps = masks.flatMap((mask, i) =>
    bits[i] === bits[i + 1] ? [] : [and(mask, int64s(f, bits[i] ^ bits[i + 1]))],
  );
  return f.let((bits[0] === 0n ? steps : [int64s(f, bits[0]), ...steps]).reduce(xor));
}

/** atan(y / x) = arc + low + angle for y >= 0, x >= 0, not both 0. */
function firstQuadrant(f: FunctionBuilder, y: Local, x: Expr): { arc: Local; low: Local; angle: Local } {
  const other = f.let(x);
  const masks = BREAKS.map((at) => f.let(F64.ge(y, mul(other, constant(f, at)))));
  const a = look(f, masks, A);
  const b = look(f, masks, B);
  const t = f.let(div(sub(mul(a, y), mul(b, other)), add(mul(a, other), mul(b, y))));
  const square = f.let(mul(t, t));
  const tail = mul(mul(t, square), series(f, square, ATAN));
  const low = look(f, masks, ARC_LOW);
  return { arc: look(f, masks, ARC), low: f.let(add(low, tail)), angle: t };
}

const atan: VectorFunction = (f, x) => {
  const a = f.let(x);
  // Infinity has no products; what is this large has the same result.
  const { arc, low, angle } = firstQuadrant(f, f.let(pmin(abs(a), constant(f, 2 ** 100))), constant(f, 1));
  return or(add(arc, add(angle, low)), signs64(f, a));
};

const TINY = 2 ** -900;
const HUGE = 2 ** 900;

const atan2: VectorFunction = (f, y, x) => {
  const [rise, run] = [f.let(y), f.let(x)];
  const vertical = f.let(abs(rise));
  const horizontal = f.let(abs(run));
  const greater = f.let(pmax(vertical, horizontal));
  const usual = and(F64.gt(greater, constant(f, TINY)), F64.lt(greater, constant(f, HUGE)));
  f.if(anyTrue(op("v128.not", usual)), () => bringIntoRange(f, vertical, horizontal, greater));
  const { arc, low, angle } = firstQuadrant(f, vertical, horizontal);
  // The sign bit, since atan2(0, -0) is pi. On the left pi - arc - low - angle.
  const left = f.let(op("i64x2.lt_s", run, constant(f, 0)));
  const sign = f.let(signs64(f, left));
  const turned = fastTwoDifference(f, VECTOR64, constant(f, Math.PI), arc);
  const high = choose(left, turned.high, arc);
  const lower = add(and(left, add(turned.low, constant(f, PI_LOW))), xor(low, sign));
  return or(add(high, add(xor(angle, sign), lower)), signs64(f, rise));
};

/** Scales both so that no product overflows or loses bits, and replaces infinities and zeros by numbers. */
function bringIntoRange(f: FunctionBuilder, y: Local, x: Local, greater: Local): void {
  const infinite = f.let(F64.eq(greater, f64x2(Number.POSITIVE_INFINITY)));
  const zero = F64.eq(greater, f64x2(0));
  const factor = f.let(f64x2(1));
  f.set(factor, choose(F64.ge(greater, f64x2(HUGE)), f64x2(2 ** -120), factor));
  f.set(factor, choose(F64.le(greater, f64x2(TINY)), f64x2(2 ** 120), factor));
  const isInfinite = (a: Local): Expr => and(F64.eq(a, f64x2(Number.POSITIVE_INFINITY)), f64x2(1));
  const scaled = (a: Local): Expr => choose(infinite, isInfinite(a), mul(a, factor));
  const nan = f.let(or(F64.ne(y, y), F64.ne(x, x)));
  f.set(y, or(scaled(y), nan));
  f.set(x, choose(zero, f64x2(1), scaled(x)));
}

/** Functions of f64x2. */
export const INVERSE_TRIG_FLOAT64 = { asin, acos, atan, atan2 } as const satisfies VectorFunctions;
