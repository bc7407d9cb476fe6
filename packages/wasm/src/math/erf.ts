import type { Expr, FunctionBuilder } from "../assemble/index.ts";
import { choose, F32, F64, or, signs32, throughFloat64 } from "./lanes.ts";
import { shortExp2, shortLog1p, splitFloat64 } from "./short.ts";
import type { VectorFunction } from "./types.ts";

/**
 * erf, erfc and erfinv in float32, computed in float64: each one rational function over the whole range, minimax for the
 * relative error, fitted by Lawson's weights (Ellacott and Williams, SIAM J. Numer. Anal. 13, 1976).
 */

const { add, sub, mul, div } = F64;

interface Rational {
  readonly numerator: readonly number[];
  /** Without the leading 1 at the power 0. */
  readonly denominator: readonly number[];
}

/** erf(x) / x in x^2 for |x| <= 3.93, where erf rounds to 1: error 2^-29. */
const ERF: Rational = {
  numerator: [
    1.1283791691758949, 0.1851490700494186, 0.054254958783088246, 0.003840356960008771, 0.0003771703683048184,
    4.620091236388779e-6, -1.2858208802425914e-8,
  ],
  denominator: [
    0.4974174982554242, 0.11388755291901864, 0.015434973911136051, 0.001302426663371052, 6.250122059124382e-5,
  ],
};

/** exp(x^2) erfc(x) for 0 <= x <= 10.2, where erfc rounds to 0: error 2^-27.3. */
const ERFCX: Rational = {
  numerator: [
    1.0000000057696667, 1.2393273085869108, 0.7325623324488396, 0.2296745404740542, 0.03289165539286563,
  ],
  denominator: [
    2.3677070588551543, 2.4042242048141262, 1.3271566827744312, 0.4071134793929234, 0.05829825800030527,
  ],
};

/** erfinv(y) / y in -log(1 - y^2) up to 16.7, for float32: error 2^-28.5. */
const ERFINV: Rational = {
  numerator: [
    0.8862269232606826, 0.31368240658866386, 0.06298349505890909, 0.008536316483724143, 0.0007568811080424178,
    3.655832771328101e-5, 9.511771877118603e-8,
  ],
  denominator: [
    0.09215323058972193, 0.03391192131071424, 0.002187380382968603, 0.0002273230010812115,
    3.0010898218231117e-6,
  ],
};

/** The same up to 36.8, for float64: error 2^-27.5. */
const ERFINV_FAR: Rational = {
  numerator: [
    0.8862269281040857, 0.3887784565463914, 0.09074870023710092, 0.014459872481033456, 0.0016182130887240733,
    0.00012086871461489587, 5.932619215280772e-6, 4.9766330725381264e-8,
  ],
  denominator: [
    0.1768902486884474, 0.04305637549630101, 0.00537543826578904, 0.0004662833214263933, 3.176408486399912e-5,
    7.287405927635149e-7, 1.4543342968025245e-9,
  ],
};

function rational(f: FunctionBuilder, x: Expr, { numerator, denominator }: Rational, factor?: Expr): Expr {
  const argument = f.let(x);
  const square = f.let(mul(argument, argument));
  const top = F64.pairs(f, argument, square, numerator);
  return div(
    factor === undefined ? top : mul(top, factor),
    F64.pairs(f, argument, square, [1, ...denominator]),
  );
}

const erfShort = throughFloat64((f, x) => rational(f, mul(x, x), ERF, x));

/** erf of float32. */
export const erfFloat32: VectorFunction = (f, x) =>
  erfShort(f, F32.pmax(F32.pmin(x, F32.constant(f, 3.93)), F32.constant(f, -3.93)));

/** erfc(x) for 0 <= x <= 10.2. */
const erfcShort = throughFloat64((f, x) => {
  const { power, rest } = shortExp2(f, mul(mul(x, x), F64.constant(f, -Math.LOG2E)));
  return rational(f, x, ERFCX, add(mul(power, rest), power));
});

/** erfc of float32: 2 - erfc(-x) for negative x. */
export const erfcFloat32: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const value = f.let(erfcShort(f, F32.pmin(F32.abs(argument), F32.constant(f, 10.2))));
  const negative = F32.lt(argument, F32.constant(f, 0));
  return choose(negative, F32.sub(F32.constant(f, 2), value), value);
};

/** erfinv(y) for -1 < y < 1, to 2^-27. */
export function shortErfinv(f: FunctionBuilder, y: Expr, far: boolean): Expr {
  const argument = f.let(y);
  const one = F64.constant(f, 1);
  const split = splitFloat64(f, f.let(mul(sub(one, argument), add(one, argument))));
  const logarithm = add(
    shortLog1p(f, f.let(sub(split.mantissa, one))),
    mul(split.k, F64.constant(f, Math.LN2)),
  );
  return rational(f, F64.neg(logarithm), far ? ERFINV_FAR : ERFINV, argument);
}

const erfinvShort = throughFloat64((f, y) => shortErfinv(f, y, false));

/** erfinv of float32. */
export const erfinvFloat32: VectorFunction = (f, y) => {
  const argument = f.let(y);
  const magnitude = f.let(F32.abs(argument));
  const one = F32.constant(f, 1);
  const infinity = F32.constant(f, Number.POSITIVE_INFINITY);
  const end = choose(F32.eq(magnitude, one), infinity, F32.constant(f, Number.NaN));
  return or(choose(F32.lt(magnitude, one), erfinvShort(f, argument), end), signs32(f, argument));
};
