import { type Expr, type FunctionBuilder, f64x2, type Local, op, shuffle32 } from "../assemble/index.ts";
import { and, anyTrue, choose, F64, int32s, int64s, or, signs64, throughFloat64 } from "./lanes.ts";
import type { VectorFunction } from "./types.ts";

/**
 * The cube root. The exponent is divided by three in the number's bits (Kahan, Computing a Real Cube Root, 1991), and so is the
 * significand, nearly: an estimate to within 3.2 %. What follows are steps of Halley's method, each of which triples
 * the number of right digits, and at last one of Newton's in the form of FreeBSD's s_cbrt.c.
 */

const { add, sub, mul, div, abs, constant } = F64;

/** 2^32 / 3, rounded up: the upper half of its product with a number below 2^31 is a third of that, rounded down. */
const THIRD = 0x55555556;
/** Two thirds of the exponents' bias in the upper word, less what makes the estimate's errors even: B1 of s_cbrt.c. */
const BIAS = 715094163n << 32n;

/** The cube root of a positive normal number to within 3.2 %. */
function estimate(f: FunctionBuilder, a: Local): Expr {
  const upperWords = shuffle32(a, a, [1, 3, 1, 3]);
  // The products' lower halves become bits of the significand that do not matter.
  const thirds = op("i64x2.extmul_low_i32x4_u", upperWords, int32s(f, THIRD));
  return op("i64x2.add", thirds, int64s(f, BIAS));
}

/** t (t^3 + 2 a) / (2 t^3 + a): Halley's step for the root of t^3 - a. */
function halley(f: FunctionBuilder, t: Local, a: Local): Local {
  const cube = f.let(mul(mul(t, t), t));
  const top = add(cube, add(a, a));
  return f.let(mul(t, div(top, add(add(cube, cube), a))));
}

/** Zero, infinity and NaN are their own roots. */
const orItself = (f: FunctionBuilder, x: Local, root: Expr): Expr => {
  const special = op(
    "v128.not",
    and(F64.gt(abs(x), constant(f, 0)), F64.lt(abs(x), constant(f, Number.POSITIVE_INFINITY))),
  );
  return choose(special, x, root);
};

const cbrtPair: VectorFunction = (f, x) => {
  const a = f.let(x);
  const size = f.let(abs(a));
  const root = halley(f, halley(f, f.let(estimate(f, size)), size), size);
  return orItself(f, a, or(root, signs64(f, a)));
};

/** cbrt of float32. */
export const cbrtFloat32: VectorFunction = throughFloat64(cbrtPair);

/** cbrt of float64. */
export const cbrtFloat64: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const a = f.let(abs(argument));
  const factor = f.let(constant(f, 1));
  const scaleIf = (mask: Expr, by: number): void => {
    const lanes = f.let(mask);
    f.if(anyTrue(lanes), () => {
      f.set(a, choose(lanes, mul(a, f64x2(by ** -3)), a));
      f.set(factor, choose(lanes, f64x2(by), factor));
    });
  };
  // Subnormal numbers have no exponent to divide; twice the cube of the largest numbers' roots would overflow.
  scaleIf(F64.lt(a, constant(f, 2 ** -1022)), 2 ** -18);
  scaleIf(F64.gt(a, constant(f, 2 ** 1000)), 2 ** 18);
  const near = halley(f, halley(f, f.let(estimate(f, a)), a), a);
  // Rounded to 26 bits, so that its square is exact, and then the quotient's error is all that matters.
  const t = f.let(and(add(near, mul(near, constant(f, 2 ** -27))), int64s(f, ~0n << 27n)));
  const quotient = f.let(div(a, mul(t, t)));
  const step = div(sub(quotient, t), add(add(t, t), quotient));
  const root = mul(add(t, mul(t, step)), factor);
  return orItself(f, argument, or(root, signs64(f, argument)));
};
