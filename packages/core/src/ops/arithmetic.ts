import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { type DType, isFloating } from "../types/dtype.ts";
import { checkOptions } from "../types/options.ts";
import type { Broadcast, Fits, Settled, ShapeOf } from "../types/static/index.ts";
import { StateError } from "../util/errors.ts";
import { broadcastOperands, floatingOperand, floatingOperands, numbers } from "./operands.ts";
import { typed } from "./shaped.ts";
import type { Broadcast3 } from "./typed.ts";

const INF = Number.POSITIVE_INFINITY;

/** The logarithm to base 10, exact at powers of ten. Element by element. */
export function log10<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function log10(x: TensorLike): Tensor {
  return builder.log10(floatingOperand("log10", x));
}

/** 1 / sqrt(x); infinite at 0, NaN for negative x. Element by element. */
export function rsqrt<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function rsqrt(x: TensorLike): Tensor {
  return builder.div(1, builder.sqrt(floatingOperand("rsqrt", x)));
}

/** Radians as degrees. Element by element. */
export function degrees<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function degrees(x: TensorLike): Tensor {
  return builder.mul(floatingOperand("degrees", x), 180 / Math.PI);
}

/** Degrees as radians. Element by element. */
export function radians<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function radians(x: TensorLike): Tensor {
  return builder.mul(floatingOperand("radians", x), Math.PI / 180);
}

/** True where x is neither infinite nor NaN. Element by element. */
export function isFinite<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function isFinite(x: TensorLike): Tensor {
  return builder.compare("less", builder.abs(floatingOperand("isFinite", x)), INF);
}

/** True where x is infinite, of either sign. Element by element. */
export function isInf<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function isInf(x: TensorLike): Tensor {
  return builder.compare("equal", builder.abs(floatingOperand("isInf", x)), INF);
}

/** The least scale of `hypot`: its inverse is finite, and squares of subnormal numbers divided by it are normal. */
const SMALLEST: Partial<Record<DType, number>> = { float32: 2 ** -90, float64: 2 ** -600 };

/**
 * sqrt(x^2 + y^2), with broadcasting, without overflow or underflow in between; infinite where one is, whatever the other.
 * Its gradient at (0, 0) is 0.
 */
export const hypot = typed<"hypot">((x, y) => {
  const [left, right] = floatingOperands("hypot", [x, y]);
  const [a, b] = [builder.abs(left), builder.abs(right)];
  const largest = builder.max(a, b);
  const zero = builder.compare("equal", largest, 0);
  const infiniteA = builder.compare("equal", a, INF);
  const infinite = builder.bitwise("or", infiniteA, builder.compare("equal", b, INF));
  const apart = builder.bitwise("or", zero, infinite);
  // The scale drops out of the result, so nothing is lost when derivatives take it for a constant.
  const scale = builder.stopGradient(
    builder.where(apart, 1, builder.max(largest, SMALLEST[left.dtype] ?? 0)),
  );
  const [p, q] = [left, right].map((side) => builder.div(builder.where(apart, 1, side), scale));
  const regular = builder.mul(scale, builder.sqrt(builder.add(builder.mul(p, p), builder.mul(q, q))));
  return builder.where(infinite, builder.where(infiniteA, a, b), builder.where(zero, 0, regular));
});

/** (x - y)^2, with broadcasting. */
export const squaredDifference = typed<"squaredDifference">((x, y) => {
  const [left, right] = numbers("squaredDifference", broadcastOperands("squaredDifference", [x, y]));
  const difference = builder.sub(left, right);
  return builder.mul(difference, difference);
});

/** start + weight (end - start), with broadcasting: exactly `start` for weight 0 and `end` for weight 1. */
export function lerp<X extends TensorLike, Y extends TensorLike, W extends TensorLike>(
  start: X,
  end: Y & Fits<Broadcast<"lerp", ShapeOf<X>, ShapeOf<Y>>>,
  weight: W & Fits<Broadcast3<"lerp", X, Y, W>>,
): Tensor<Settled<Broadcast3<"lerp", X, Y, W>>>;
export function lerp(start: TensorLike, end: TensorLike, weight: TensorLike): Tensor {
  const [from, to, share] = floatingOperands("lerp", [start, end, weight]);
  const distance = builder.sub(to, from);
  const fromStart = builder.add(from, builder.mul(share, distance));
  const fromEnd = builder.sub(to, builder.mul(builder.sub(1, share), distance));
  return builder.where(builder.compare("less", share, 0.5), fromStart, fromEnd);
}

/** True where the sign bit of a floating x is set, that of zeros too; NaN counts as positive. */
const isNegative = (x: Tensor): Tensor =>
  builder.bitwise("or", builder.compare("less", x, 0), builder.compare("less", builder.div(1, x), 0));

/**
 * |x| with the sign of y, that of zeros too, with broadcasting. The derivative by y is 0; that by x is 1 or -1, 0 at 0.
 * Integers give float32.
 */
export const copysign = typed<"copysign">((x, y) => {
  const [size, sign] = floatingOperands("copysign", [x, y]);
  const magnitude = builder.abs(size);
  return builder.where(isNegative(sign), builder.neg(magnitude), magnitude);
});

/** True where a remainder is not 0 and has another sign than x. */
const isOpposite = (rest: Tensor, x: Tensor): Tensor =>
  builder.bitwise(
    "and",
    builder.compare("notEqual", rest, 0),
    builder.compare("notEqual", builder.compare("less", rest, 0), builder.compare("less", x, 0)),
  );

/** The remainder of x / y with the sign of x, for operands of one shape and dtype. */
function remainder(x: Tensor, y: Tensor): Tensor {
  if (!isFloating(x.dtype)) {
    const rest = builder.mod(x, y);
    return builder.where(isOpposite(rest, x), builder.sub(rest, y), rest);
  }
  const divisor = builder.abs(y);
  // Made of x or -x, not of |x|, whose derivative at 0 is 0.
  const negative = isNegative(x);
  const rest = builder.mod(builder.where(negative, builder.neg(x), x), divisor);
  return builder.where(negative, builder.neg(rest), rest);
}

/** The remainder with the sign of the dividend x, as `%` of JavaScript, with broadcasting; 0 for integers divided by 0. */
export const fmod = typed<"fmod">((x, y) => {
  const [dividend, divisor] = numbers("fmod", broadcastOperands("fmod", [x, y]));
  return remainder(dividend, divisor);
});

/**
 * x / y rounded down, with broadcasting: the whole number that belongs to `mod`. Integers stay integers (0 for a divisor 0);
 * floating numbers divided by 0 are infinite or NaN. Its derivative is 0.
 */
export const floorDivide = typed<"floorDivide">((x, y) => {
  const [dividend, divisor] = numbers("floorDivide", broadcastOperands("floorDivide", [x, y]));
  if (!isFloating(dividend.dtype)) return builder.quotient(dividend, divisor);
  const [a, b] = [builder.stopGradient(dividend), builder.stopGradient(divisor)];
  const rest = remainder(a, b);
  const plain = builder.div(a, b);
  // Exact but for the division: a - rest is a multiple of b.
  const truncated = builder.round(builder.div(builder.sub(a, rest), b));
  const whole = builder.where(isOpposite(rest, b), builder.sub(truncated, 1), truncated);
  const signed = builder.where(builder.compare("equal", whole, 0), builder.mul(plain, 0), whole);
  return builder.where(builder.compare("equal", b, 0), plain, signed);
});

/** What stands in for what is no finite number. */
export interface NanToNumOptions {
  /** For NaN; 0 by default. */
  readonly nan?: number;
  /** For infinity; the dtype's largest number by default. */
  readonly posinf?: number;
  /** For -infinity; the dtype's smallest number by default. */
  readonly neginf?: number;
}

const LARGEST: Partial<Record<DType, number>> = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE };

/**
 * x with other numbers in the places of NaN and infinities. The derivative there is 0. Integers and bool stay as they
 * are. Element by element.
 * @throws StateError for unknown options, or values that are no numbers
 */
export function nanToNum<X extends TensorLike>(x: X, options?: NanToNumOptions): Tensor<ShapeOf<X>>;
export function nanToNum(x: TensorLike, options: NanToNumOptions = {}): Tensor {
  checkOptions("nanToNum", options, ["nan", "posinf", "neginf"]);
  const tensor = asTensor(x, "nanToNum");
  const largest = LARGEST[tensor.dtype];
  const { nan = 0, posinf = largest ?? 0, neginf = -(largest ?? 0) } = options;
  for (const [name, value] of Object.entries({ nan, posinf, neginf })) {
    if (typeof value === "number") continue;
    throw new StateError(`${name} must be a number, not ${typeof value}`, {
      operation: "nanToNum",
      remedy: `Pass { ${name}: 0 } or another number`,
    });
  }
  if (largest === undefined) return tensor.node;
  const above = builder.where(builder.compare("equal", tensor, INF), posinf, tensor);
  const both = builder.where(builder.compare("equal", tensor, -INF), neginf, above);
  return builder.where(builder.isNaN(tensor), nan, both);
}
