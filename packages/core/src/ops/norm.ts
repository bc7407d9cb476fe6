import type { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { normalizeAxes, removeAxes, sizeOf } from "../types/shape.ts";
import type { Fits, ReducedBy, Settled, ShapeOf } from "../types/static/index.ts";
import { StateError } from "../util/errors.ts";
import { floatingOperand } from "./operands.ts";
import type { Axes, ReduceOptions } from "./reduce.ts";

export interface NormOptions extends ReduceOptions {
  /** A number above 0, Infinity (the greatest absolute value), -Infinity (the smallest), or "fro", which is 2, the default. */
  readonly ord?: number | "fro";
  /** All unless given. */
  readonly axes?: Axes;
}

/**
 * The length of x as a vector: (sum |x|^ord)^(1/ord) of all elements, or along axes; several axes are one long vector, so
 * that `ord` 1 or 2 of a matrix is not its operator norm. Neither squares nor powers overflow or vanish, whatever the size
 * of the elements. Derivatives are 0 where x is 0, and finite in first and second order (in forward mode twice, as long
 * as 1 / |x|^2 is). Integers and bool give float32; no elements give 0. @throws StateError for another ord
 * or an unknown option, ShapeError for Infinity of no elements
 */
export function norm<X extends TensorLike, const O extends NormOptions = Record<never, never>>(
  x: X,
  options?: O & Fits<ReducedBy<"norm", ShapeOf<X>, O>>,
): Tensor<Settled<ReducedBy<"norm", ShapeOf<X>, O>>>;
export function norm(x: TensorLike, options: NormOptions = {}): Tensor {
  checkOptions("norm", options, ["ord", "axes", "keepDims"]);
  const { ord = 2, axes, keepDims = false } = options;
  const tensor = floatingOperand("norm", x);
  const list = normalizeAxes("norm", axes, tensor.rank);
  const power = ord === "fro" ? 2 : ord;
  if (typeof power !== "number" || !(power > 0 || power === Number.NEGATIVE_INFINITY)) {
    throw new StateError(`ord is ${ord}`, {
      operation: "norm",
      remedy: 'Use a number above 0, Infinity, -Infinity or "fro"',
    });
  }
  const size = builder.abs(tensor);
  const shape = removeAxes(tensor.shape, list, keepDims);
  if (power === Number.POSITIVE_INFINITY) return builder.reduce("max", size, list, keepDims);
  if (power === Number.NEGATIVE_INFINITY) return builder.reduce("min", size, list, keepDims);
  if (power === 1 || sizeOf(list.map((axis) => tensor.shape[axis])) === 0)
    return builder.reduce("sum", size, list, keepDims);
  return builder.reshape(powerNorm(tensor, size, list, power), shape);
}

/** Powers of x / scale, for a power of two near the greatest element: nothing but their range depends on it. */
function powerNorm(x: Tensor, size: Tensor, axes: readonly number[], power: number): Tensor {
  const scale = scaleOf(size, axes, power);
  const total = builder.reduce("sum", powers(x, size, scale, power), axes, true);
  const nothing = builder.compare("equal", total, 0);
  // The root's derivative at 0 is infinite; where there is nothing but zeros, nothing flows.
  const some = builder.where(nothing, 1, total);
  const root = power === 2 ? builder.sqrt(some) : builder.pow(some, 1 / power);
  return builder.where(nothing, 0, builder.mul(root, scale));
}

function powers(x: Tensor, size: Tensor, scale: Tensor, power: number): Tensor {
  const spread = builder.broadcast(scale, x.shape);
  if (power === 2) {
    const scaled = builder.div(x, spread);
    return builder.mul(scaled, scaled);
  }
  const zero = builder.compare("equal", x, 0);
  const scaled = builder.where(zero, 1, builder.div(size, spread));
  return builder.where(zero, 0, builder.pow(scaled, power));
}

/** Exponents of two that scales may have: `low` where low powers of the smallest numbers do not vanish beside it. */
const EXPONENTS = {
  float32: { low: -110, lowest: -149, high: 127 },
  float64: { low: -1000, lowest: -1074, high: 1023 },
} as const;

/** Powers up to this one are taken beside scales whose own products with cotangents keep all their digits. */
const LOW_POWER = 3;

/** The greatest power of two that is not above the greatest element; 1 where that is 0, infinite or NaN. */
function scaleOf(size: Tensor, axes: readonly number[], power: number): Tensor {
  const { low, lowest, high } = EXPONENTS[size.dtype as keyof typeof EXPONENTS];
  const greatest = builder.stopGradient(builder.reduce("max", size, axes, true));
  const isOrdinary = builder.bitwise(
    "and",
    builder.compare("greater", greatest, 0),
    builder.compare("less", greatest, Number.POSITIVE_INFINITY),
  );
  // The logarithm of the largest numbers rounds up to an exponent that does not exist.
  const exponent = builder.floor(builder.log2(builder.where(isOrdinary, greatest, 1)));
  return builder.exp2(builder.max(builder.min(exponent, high), power <= LOW_POWER ? low : lowest));
}
