import { type Expr, type FunctionBuilder, type Local, op } from "../assemble/index.ts";
import { fastTwoDifference, type Pair, split, splitProduct, VECTOR64 } from "./doubleDouble.ts";
import { and, anyTrue, choose, F32, F64, int64s, shl64, signs64, throughFloat64, xor } from "./lanes.ts";
import { type OfQuadrant, ofLarge, type TrigName } from "./trigLarge.ts";
import type { VectorFunction, VectorFunctions } from "./types.ts";

/** sin, cos and tan: reduction of the argument, then minimax polynomials. */

const { add, sub, mul, div, abs, constant, series } = F64;

/** Adding it rounds to an integer, whose low bits are then the low bits of the sum. */
const SHIFTER = 1.5 * 2 ** 52;

// float32, two lanes at a time in float64
//
// A promoted float32 times a constant of 29 bits is exact, so the quotient by pi (or pi/2) needs no Cody-Waite
// reduction: n and the fraction are had by one addition and two subtractions, and polynomials take the fraction.
// In float32 alone 1 ULP asks for pi in four parts, for what each difference rounds away, and for both polynomials:
// about 50 instructions for four lanes, no fewer than this takes.

/** 1/pi: 29 bits, and the rest. */
const INVERSE_PI = [0.3183098854497075, 7.340831634506093e-10] as const;
/** 2/pi, likewise. */
const TWO_OVER_PI = [0.636619770899415, 1.4681663269012186e-9] as const;

/**
 * From here on the rest of 1/pi moves the fraction by more than 0.012, out of the interval of the polynomials: the slow
 * path.
 */
const LIMIT_32 = 2 ** 24;

/** sin(pi q) / q in q^2, |q| < 0.52: 2^-34.8, measured against the largest value of the result. */
const SIN_PI = [
  3.141592653482163, -5.167712753324828, 2.5501629418836567, -0.5992478081240464, 0.08202962105964735,
  -0.006994082264476477,
];

/** sin(pi v) (f64x2), where v = high + low, and high is exact. */
function sinOfTurns(f: FunctionBuilder, high: Local, low: Expr): Expr {
  const shifted = f.let(add(high, constant(f, SHIFTER)));
  const q = f.let(add(sub(high, sub(shifted, constant(f, SHIFTER))), low));
  const square = f.let(mul(q, q));
  // An odd number of half turns changes the sign: the integer's lowest bit becomes the sign bit.
  return xor(mul(q, series(f, square, SIN_PI)), shl64(shifted, 63));
}

const sinPair: VectorFunction = (f, x) => {
  const a = f.let(x);
  return sinOfTurns(f, f.let(mul(a, constant(f, INVERSE_PI[0]))), mul(a, constant(f, INVERSE_PI[1])));
};

/** cos(x) = sin(pi (1/2 - |x| / pi)); with |x| the difference is exact wherever the result is small. */
const cosPair: VectorFunction = (f, x) => {
  const a = f.let(abs(x));
  const high = f.let(sub(constant(f, 0.5), mul(a, constant(f, INVERSE_PI[0]))));
  return sinOfTurns(f, high, mul(a, constant(f, -INVERSE_PI[1])));
};

/** sin(pi/2 q) / q in q^2, |q| < 0.525: 2^-37 relative. */
const SIN_HALF_PI = [
  1.5707963267831389, -0.6459640954177028, 0.07969256646879434, -0.004681152701626679, 0.00015796235772059177,
];
/** cos(pi/2 q) in q^2: 2^-33.3. */
const COS_HALF_PI = [
  0.9999999999065053, -1.2337005342702652, 0.253669067550549, -0.02085914733968173, 0.0009016926860255957,
];

/** All bits of the lanes whose integer is odd. */
const oddLanes = (f: FunctionBuilder, shifted: Expr): Expr =>
  op("i64x2.eq", and(shifted, int64s(f, 1n)), int64s(f, 1n));

const tanPair: VectorFunction = (f, x) => {
  const a = f.let(x);
  const high = f.let(mul(a, constant(f, TWO_OVER_PI[0])));
  const shifted = f.let(add(high, constant(f, SHIFTER)));
  const fraction = sub(high, sub(shifted, constant(f, SHIFTER)));
  const q = f.let(add(fraction, mul(a, constant(f, TWO_OVER_PI[1]))));
  const square = f.let(mul(q, q));
  const sin = f.let(mul(q, series(f, square, SIN_HALF_PI)));
  const cos = f.let(series(f, square, COS_HALF_PI));
  const odd = f.let(oddLanes(f, shifted));
  const numerator = choose(odd, cos, sin);
  const denominator = choose(odd, sin, cos);
  // A quarter turn on: -cos / sin.
  return xor(div(numerator, denominator), signs64(f, odd));
};

/** The float32 function of its pairs, and the slow path where an argument is large. NaN stays on the fast path. */
const trigFloat32 =
  (name: TrigName, pair: VectorFunction): VectorFunction =>
  (f, x) => {
    const a = f.let(x);
    const result = f.let(throughFloat64(pair)(f, a));
    const large = f.let(F32.gt(F32.abs(a), F32.constant(f, LIMIT_32)));
    f.if(anyTrue(large), () => {
      f.set(result, choose(large, throughFloat64(ofLarge(name, OF_QUADRANT[name]))(f, a), result));
    });
    return result;
  };

/** sin, cos and tan of f32x4. */
export const TRIG_FLOAT32 = {
  sin: trigFloat32("sin", sinPair),
  cos: trigFloat32("cos", cosPair),
  tan: trigFloat32("tan", tanPair),
} as const satisfies VectorFunctions;

// float64

/**
 * pi/2 in three parts of 33 bits, whose products with integers below 2^20 are exact, and the rest: fdlibm's
 * e_rem_pio2.c (Sun Microsystems, 1993) takes the same parts, one after the other as they are needed.
 */
const HALF_PI = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32];

/** Beyond it (10^6 pi/2) products with the parts of pi/2 are no longer exact: the slow path. */
const LIMIT_64 = 2 ** 20;

/** x - n pi/2 for |x| <= LIMIT_64, and SHIFTER + n. Differences rather than sums, so that -0 stays -0. */
function reduce(f: FunctionBuilder, x: Local): { rest: Pair; shifted: Local } {
  const shifted = f.let(add(mul(x, constant(f, 2 / Math.PI)), constant(f, SHIFTER)));
  const n = f.let(sub(shifted, constant(f, SHIFTER)));
  const part = (i: number): Local => f.let(mul(n, constant(f, HALF_PI[i])));
  const first = f.let(sub(x, part(0)));
  const second = fastTwoDifference(f, VECTOR64, first, part(1));
  const third = fastTwoDifference(f, VECTOR64, second.high, part(2));
  const lost = f.let(sub(part(3), add(second.low, third.low)));
  return { rest: fastTwoDifference(f, VECTOR64, third.high, lost), shifted };
}

/** (sin(r) / r - 1) / r^2 in r^2, |r| <= pi/4: 2^-58 relative to sin(r). */
const SIN = [
  -0.16666666666666632, 0.008333333333322424, -0.0001984126982981683, 2.7557313695192218e-6,
  -2.505075864893791e-8, 1.5896827728513242e-10,
];
/** (cos(r) - 1 + r^2 / 2) / r^4 in r^2: 2^-64. */
const COS = [
  0.0416666666666666, -0.0013888888888874138, 2.4801587289491847e-5, -2.7557314355247003e-7,
  2.0875723685095294e-9, -1.1359669900839629e-11,
];

/**
 * sin(high + low) as a difference of two terms. The cubic term, and low's part in it, are fdlibm's (k_sin.c); that
 * it is a difference keeps -0.
 */
function sinTerms(f: FunctionBuilder, { high, low }: Pair, square: Local): [Local, Local] {
  const cube = f.let(mul(square, high));
  const tail = series(f, square, SIN.slice(1));
  const corrected = sub(mul(square, sub(mul(constant(f, 0.5), low), mul(cube, tail))), low);
  return [high, f.let(sub(corrected, mul(cube, constant(f, SIN[0]))))];
}

/** cos(high + low) likewise (k_cos.c): what 1 - high^2 / 2 loses is put into the second term. */
function cosTerms(f: FunctionBuilder, { high, low }: Pair, square: Local): [Local, Local] {
  const half = f.let(mul(constant(f, 0.5), square));
  const near = f.let(sub(constant(f, 1), half));
  const lost = sub(half, sub(constant(f, 1), near));
  const fourth = f.let(mul(square, square));
  const tail = sub(mul(high, low), mul(fourth, F64.pairs(f, square, fourth, COS)));
  return [near, f.let(add(lost, tail))];
}

/** sin(rest + n pi/2), where SHIFTER + n (or n itself) is `shifted`. */
function sinOfQuadrant(f: FunctionBuilder, rest: Pair, shifted: Local): Expr {
  const square = f.let(mul(rest.high, rest.high));
  const sin = sub(...sinTerms(f, rest, square));
  const cos = sub(...cosTerms(f, rest, square));
  return xor(choose(oddLanes(f, shifted), cos, sin), signs64(f, shl64(shifted, 62)));
}

/** cos(rest + n pi/2) = sin(rest + (n + 1) pi/2). */
const cosOfQuadrant = (f: FunctionBuilder, rest: Pair, shifted: Local): Expr =>
  sinOfQuadrant(f, rest, f.let(op("i64x2.add", shifted, int64s(f, 1n))));

/** tan(rest + n pi/2): sine and cosine as pairs, so that the quotient is all that rounds. */
function tanOfQuadrant(f: FunctionBuilder, rest: Pair, shifted: Local): Expr {
  const square = f.let(mul(rest.high, rest.high));
  const sin = fastTwoDifference(f, VECTOR64, ...sinTerms(f, rest, square));
  const cos = fastTwoDifference(f, VECTOR64, ...cosTerms(f, rest, square));
  const odd = f.let(oddLanes(f, shifted));
  const pick = (a: Local, b: Local): Local => f.let(choose(odd, a, b));
  const top = { high: pick(cos.high, sin.high), low: pick(cos.low, sin.low) };
  const bottom = { high: pick(sin.high, cos.high), low: pick(sin.low, cos.low) };
  return xor(quotientOfPairs(f, top, bottom), signs64(f, odd));
}

/** (a.high + a.low) / (b.high + b.low): the quotient of the highs, then one step of Newton's method. */
function quotientOfPairs(f: FunctionBuilder, a: Pair, b: Pair): Expr {
  const q = f.let(div(a.high, b.high));
  const product = splitProduct(f, VECTOR64, q, split(f, VECTOR64, q), b.high, split(f, VECTOR64, b.high));
  const excess = add(sub(product.high, a.high), product.low);
  return sub(q, div(add(excess, sub(mul(q, b.low), a.low)), b.high));
}

const OF_QUADRANT: Readonly<Record<TrigName, OfQuadrant>> = {
  sin: sinOfQuadrant,
  cos: cosOfQuadrant,
  tan: tanOfQuadrant,
};

const trigFloat64 =
  (name: TrigName): VectorFunction =>
  (f, x) => {
    const a = f.let(x);
    const { rest, shifted } = reduce(f, a);
    const result = f.let(OF_QUADRANT[name](f, rest, shifted));
    const large = f.let(F64.gt(abs(a), constant(f, LIMIT_64)));
    f.if(anyTrue(large), () => f.set(result, choose(large, ofLarge(name, OF_QUADRANT[name])(f, a), result)));
    return result;
  };

/** sin, cos and tan of f64x2. */
export const TRIG_FLOAT64 = {
  sin: trigFloat64("sin"),
  cos: trigFloat64("cos"),
  tan: trigFloat64("tan"),
} as const satisfies VectorFunctions;
