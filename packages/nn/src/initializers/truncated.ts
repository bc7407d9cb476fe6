import { erf, erfinv, full, random, type Shape, type Tensor } from "@cotangent/core";
import type { InitializerOptions } from "./initializer.ts";

/** The neighbour of x towards `to`, in the dtype. */
function nextTowards(x: number, to: number, dtype: string): number {
  const step = (dtype === "float64" ? 2 ** -53 : 2 ** -24) * Math.abs(x || Number.MIN_VALUE);
  const next = x + Math.sign(to - x) * 2 * step;
  return dtype === "float64" ? next : Math.fround(next);
}

/**
 * Standard normal numbers between `low` and `high`, by inverting the distribution function between these: those of
 * `jax.random.truncated_normal` for the same key.
 */
export function truncatedStandard(
  shape: Shape,
  low: number,
  high: number,
  options: InitializerOptions,
): Tensor {
  const dtype = options.dtype ?? "float32";
  const literal = (value: number): Tensor => full([], value, { dtype });
  const limit = (x: number): Tensor => erf(literal(x * Math.SQRT1_2));
  const [bottom, top] = [limit(low), limit(high)];
  const unit = random.uniform(shape, options);
  const drawn = unit.mul(top.sub(bottom)).add(bottom).maximum(bottom);
  const number = erfinv(drawn).mul(literal(Math.SQRT2));
  // Rounding must not reach the ends, which are not part of the interval.
  return number.clip(literal(nextTowards(low, high, dtype)), literal(nextTowards(high, low, dtype)));
}
