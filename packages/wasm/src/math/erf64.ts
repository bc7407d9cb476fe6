import { type Expr, type FunctionBuilder, type Local, op } from "../assemble/index.ts";
import { shortErfinv } from "./erf.ts";
import { exponential, onePlus, scale64 } from "./exp64.ts";
import { and, anyTrue, choose, F64, int64s, or, signs64 } from "./lanes.ts";
import type { VectorFunction } from "./types.ts";

/**
 * erf and erfc in float64: the rational approximations of fdlibm's s_erf.c (Sun Microsystems, 1993), each written once
 * and branched over where no lane needs it. erfinv by a step of Halley's method on them.
 */

const { add, sub, mul, div, abs } = F64;

interface Rational {
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
}

/** (erf(x) - x) / x in x^2, for |x| < 0.84375. */
const NEAR_ZERO: Rational = {
  numerator: [
    0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442,
    -2.3763016656650163e-5,
  ],
  denominator: [
    1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164,
    -3.960228278775368e-6,
  ],
};

/** erf(x) - ERF_ONE in |x| - 1, for 0.84375 <= |x| < 1.25. */
const NEAR_ONE: Rational = {
  numerator: [
    -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175,
    -0.11089469428239668, 0.035478304325618236, -0.002166375594868791,
  ],
  denominator: [
    1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
    0.011984499846799107,
  ],
};

/** erf(1), rounded to float32: what is left is small. */
const ERF_ONE = 0.8450629115104675;

/** log(x exp(x^2) erfc(x)) + 0.5625 in 1 / x^2, for 1.25 <= x < 1 / 0.35. */
const MIDDLE: Rational = {
  numerator: [
    -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
    -184.60509290671104, -81.2874355063066, -9.814329344169145,
  ],
  denominator: [
    1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
    108.63500554177944, 6.570249770319282, -0.0604244152148581,
  ],
};

/** The same for x >= 1 / 0.35, filled up with zeros. */
const TAIL: Rational = {
  numerator: [
    -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
    -1025.0951316110772, -483.5191916086514, 0,
  ],
  denominator: [
    1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
    474.52854120695537, -22.44095244658582, 0,
  ],
};

const rational = (f: FunctionBuilder, x: Local, { numerator, denominator }: Rational): Expr =>
  div(F64.polynomial(f, x, numerator), F64.polynomial(f, x, denominator));

/** One rational function where `mask` is true, the other elsewhere. */
function eitherRational(f: FunctionBuilder, mask: Local, x: Local, a: Rational, b: Rational): Expr {
  const polynomial = (part: keyof Rational): Expr => {
    const coefficient = (i: number): Expr =>
      choose(mask, F64.constant(f, a[part][i]), F64.constant(f, b[part][i]));
    let sum = coefficient(a[part].length - 1);
    for (let i = a[part].length - 2; i >= 0; i--) sum = add(mul(sum, x), coefficient(i));
    return sum;
  };
  return div(polynomial("numerator"), polynomial("denominator"));
}

/** erfc(x) for 1.25 <= x <= 28. */
function tail(f: FunctionBuilder, x: Local): Expr {
  const inverse = f.let(div(F64.constant(f, 1), mul(x, x)));
  const middle = f.let(F64.lt(x, F64.constant(f, 1 / 0.35)));
  const fraction = eitherRational(f, middle, inverse, MIDDLE, TAIL);
  // The square of x to 106 bits: that of its upper half is exact.
  const top = f.let(and(x, int64s(f, ~0n << 32n)));
  const square = f.let(sub(F64.constant(f, -0.5625), mul(top, top)));
  const rest = f.let(add(mul(sub(top, x), add(top, x)), fraction));
  const exponent = f.let(add(square, rest));
  const parts = exponential(f, exponent, add(sub(square, exponent), rest));
  return scale64(f, div(onePlus(f, parts), x), parts.shifted);
}

/** The regions of |x|, each with its code, which runs if any lane is in it. */
interface Regions {
  near(): Expr;
  middle(): Expr;
  far(): Expr;
}

function byRegion(f: FunctionBuilder, argument: Local, magnitude: Local, regions: Regions): Local {
  // NaN is in no region.
  const result = f.let(argument);
  const isNear = f.let(F64.lt(magnitude, F64.constant(f, 0.84375)));
  const isFar = f.let(F64.ge(magnitude, F64.constant(f, 1.25)));
  const isMiddle = f.let(op("v128.andnot", F64.lt(magnitude, F64.constant(f, 1.25)), isNear));
  const cases = [
    [isNear, regions.near],
    [isMiddle, regions.middle],
    [isFar, regions.far],
  ] as const;
  for (const [mask, code] of cases) {
    f.if(anyTrue(mask), () => f.set(result, choose(mask, code(), result)));
  }
  return result;
}

/** (erf(x) - x) / x for |x| < 0.84375. */
const nearZero = (f: FunctionBuilder, x: Local): Expr => rational(f, f.let(mul(x, x)), NEAR_ZERO);

/** erf of float64. */
export const erfFloat64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const magnitude = f.let(F64.pmin(abs(argument), F64.constant(f, 6)));
  const one = F64.constant(f, 1);
  const result = byRegion(f, argument, magnitude, {
    near: () => add(magnitude, mul(magnitude, nearZero(f, magnitude))),
    middle: () => add(rational(f, f.let(sub(magnitude, one)), NEAR_ONE), F64.constant(f, ERF_ONE)),
    far: () => sub(one, tail(f, magnitude)),
  });
  return or(result, signs64(f, argument));
};

/** erfc of float64. */
export const erfcFloat64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const magnitude = f.let(F64.pmin(abs(argument), F64.constant(f, 28)));
  const negative = f.let(F64.lt(argument, F64.constant(f, 0)));
  const one = F64.constant(f, 1);
  const half = F64.constant(f, 0.5);
  const two = F64.constant(f, 2);
  return byRegion(f, argument, magnitude, {
    near: () => {
      const product = f.let(mul(argument, nearZero(f, argument)));
      const small = sub(one, add(argument, product));
      const rest = sub(half, add(sub(argument, half), product));
      return choose(F64.lt(argument, F64.constant(f, 0.25)), small, rest);
    },
    middle: () => {
      const fraction = f.let(rational(f, f.let(sub(magnitude, one)), NEAR_ONE));
      const left = add(one, add(F64.constant(f, ERF_ONE), fraction));
      return choose(negative, left, sub(F64.constant(f, 1 - ERF_ONE), fraction));
    },
    far: () => {
      const value = f.let(tail(f, magnitude));
      return choose(negative, sub(two, value), value);
    },
  });
};

/** Half the square root of pi, the inverse slope of erf at 0. */
const HALF_SQRT_PI = Math.sqrt(Math.PI) / 2;

/**
 * erfinv of float64: an estimate to 2^-27 and one step of Halley's method, which triples the number of right digits. The
 * error of the estimate is measured on the side where nothing cancels: erf up to 1/2, erfc beyond.
 */
export const erfinvFloat64: VectorFunction = (f, y) => {
  const argument = f.let(y);
  const magnitude = f.let(abs(argument));
  const one = F64.constant(f, 1);
  const x = f.let(shortErfinv(f, magnitude, true));
  const isSmall = f.let(F64.lt(magnitude, F64.constant(f, 0.5)));
  const error = f.let(sub(sub(one, magnitude), erfcFloat64(f, x)));
  f.if(anyTrue(isSmall), () => {
    // x - y is exact, erf(x) would not be.
    const small = add(sub(x, magnitude), mul(x, nearZero(f, x)));
    f.set(error, choose(isSmall, small, error));
  });
  const parts = exponential(f, f.let(mul(x, x)));
  const slope = mul(scale64(f, onePlus(f, parts), parts.shifted), F64.constant(f, HALF_SQRT_PI));
  const step = f.let(mul(error, slope));
  const result = sub(x, div(step, add(one, mul(x, step))));
  const infinity = F64.constant(f, Number.POSITIVE_INFINITY);
  const end = choose(F64.eq(magnitude, one), infinity, F64.constant(f, Number.NaN));
  return or(choose(F64.lt(magnitude, one), result, end), signs64(f, argument));
};
