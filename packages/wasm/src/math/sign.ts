import { choose, F32, F64, or, signs32, signs64 } from "./lanes.ts";
import type { VectorFunction } from "./types.ts";

/** -1 or 1; what is neither above nor below 0 stays as it is: 0, -0 and NaN. */
export const signFloat32: VectorFunction = (f, x) => {
  const a = f.let(x);
  const one = or(signs32(f, a), F32.constant(f, 1));
  return choose(F32.gt(F32.abs(a), F32.constant(f, 0)), one, a);
};

/** The same of float64. */
export const signFloat64: VectorFunction = (f, x) => {
  const a = f.let(x);
  const one = or(signs64(f, a), F64.constant(f, 1));
  return choose(F64.gt(F64.abs(a), F64.constant(f, 0)), one, a);
};
