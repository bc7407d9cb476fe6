import { f32x4, op } from "../assemble/index.ts";
import { and, anyTrue, choose, F32, int32s, sar32, shl32 } from "./lanes.ts";
import type { VectorFunction } from "./types.ts";

/**
 * The natural logarithm in float32 as in FreeBSD's e_logf.c: x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2), and
 * log(1 + f) = f - (f^2/2 - s (f^2/2 + R)) with s = f / (2 + f) and R = log((1 + s) / (1 - s)) / s - 2.
 */

const { add, sub, mul, div } = F32;

const HALF_SQRT2_BITS = 0x3f3504f3;

/** R / z in z = s^2: minimax for the relative error of the logarithm, 2^-30. */
const LOG = [0.66666776, 0.39977533, 0.29871997];

/** ln 2 as a number of ten bits, whose products with k are exact, and the rest. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = Math.LN2 - LN2_HIGH;

/** The bits of positive normal numbers are added to this to become the least of all integers. */
const NORMAL_OFFSET = 0x7f800000;
const LARGEST_NORMAL = (0x7f7fffff + NORMAL_OFFSET) | 0;

/** log of float32. Vectors with zeros, subnormal or negative numbers, infinities or NaN take two short detours. */
export const logFloat32: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const unusual = f.let(
    anyTrue(op("i32x4.gt_s", op("i32x4.add", argument, int32s(f, NORMAL_OFFSET)), int32s(f, LARGEST_NORMAL))),
  );
  const normal = f.let(argument);
  const correction = f.let(f32x4(0));
  f.if(unusual, () => {
    const subnormal = f.let(F32.lt(argument, f32x4(2 ** -126)));
    f.set(normal, choose(subnormal, mul(argument, f32x4(2 ** 25)), argument));
    f.set(correction, and(subnormal, f32x4(-25)));
  });

  const shifted = op("i32x4.sub", normal, int32s(f, HALF_SQRT2_BITS));
  const exponent = f.let(sar32(shifted, 23));
  const mantissa = f.let(op("i32x4.sub", normal, shl32(exponent, 23)));
  const k = f.let(add(op("f32x4.convert_i32x4_s", exponent), correction));
  const one = F32.constant(f, 1);
  const fraction = f.let(sub(mantissa, one));
  const s = f.let(div(fraction, add(mantissa, one)));
  const z = f.let(mul(s, s));
  const halfSquare = f.let(mul(mul(fraction, fraction), F32.constant(f, 0.5)));
  const remainder = mul(z, F32.polynomial(f, z, LOG));
  const tail = add(mul(s, add(halfSquare, remainder)), mul(k, F32.constant(f, LN2_LOW)));
  const result = f.let(sub(mul(k, F32.constant(f, LN2_HIGH)), sub(sub(halfSquare, tail), fraction)));

  f.if(unusual, () => {
    const atZero = choose(F32.eq(argument, f32x4(0)), f32x4(Number.NEGATIVE_INFINITY), f32x4(Number.NaN));
    f.set(result, choose(F32.gt(argument, f32x4(0)), result, atZero));
    f.set(result, choose(F32.eq(argument, f32x4(Number.POSITIVE_INFINITY)), argument, result));
  });
  return result;
};
