import { F32, F64, or, signs32, throughFloat64 } from "./lanes.ts";
import { shortExp2 } from "./short.ts";
import type { VectorFunction } from "./types.ts";

/** Differences and sums of exponentials in float32, computed in float64. */

const { add, sub, mul, div } = F64;

/** exp(x) = p (1 + r), and exp(x) - 1 as pr + (p - 1), which does not cancel near zero. */
const parts = (f: Parameters<VectorFunction>[0], x: Parameters<VectorFunction>[1]) => {
  const { power, rest } = shortExp2(f, mul(x, F64.constant(f, Math.LOG2E)));
  return f.let(add(mul(power, rest), sub(power, F64.constant(f, 1))));
};

/** expm1 of float32, within bounds beyond which it stays the same. -0 stays -0. */
export const expm1Float32: VectorFunction = (f, x) => {
  const argument = f.let(x);
  const bounded = F32.pmax(F32.pmin(argument, F32.constant(f, 90)), F32.constant(f, -20));
  return or(throughFloat64(parts)(f, bounded), signs32(f, argument));
};

/** With m = exp(x) - 1: (m + m / (m + 1)) / 2, for x >= 0. */
const sinhShort = throughFloat64((f, x) => {
  const m = parts(f, x);
  return mul(add(m, div(m, add(m, F64.constant(f, 1)))), F64.constant(f, 0.5));
});

/** sinh of float32. */
export const sinhFloat32: VectorFunction = (f, x) => {
  const argument = f.let(x);
  return or(sinhShort(f, F32.pmin(F32.abs(argument), F32.constant(f, 95))), signs32(f, argument));
};

const coshShort = throughFloat64((f, x) => {
  const { power, rest } = shortExp2(f, mul(x, F64.constant(f, Math.LOG2E)));
  const half = F64.constant(f, 0.5);
  const e = f.let(mul(add(mul(power, rest), power), half));
  return add(e, div(F64.constant(f, 0.25), e));
});

/** cosh of float32. */
export const coshFloat32: VectorFunction = (f, x) => coshShort(f, F32.pmin(F32.abs(x), F32.constant(f, 95)));
