import type { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import type { ShapeOf } from "../types/static/index.ts";
import { StateError } from "../util/errors.ts";
import { floatingOperand, floatingOperands } from "./operands.ts";
import { typed } from "./shaped.ts";

const isInfinite = (x: Tensor): Tensor => builder.compare("equal", builder.abs(x), Number.POSITIVE_INFINITY);

/**
 * log|Gamma(x)|; infinite at 0 and the negative integers. Its derivative is `digamma`. Integers give float32. Element by
 * element.
 */
export function lgamma<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function lgamma(x: TensorLike): Tensor {
  return builder.lgamma(floatingOperand("lgamma", x));
}

/**
 * The derivative of log Gamma(x); NaN at 0 and the negative integers, as in JAX. Integers give float32. Element by
 * element.
 */
export function digamma<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function digamma(x: TensorLike): Tensor {
  return builder.polygamma(0, floatingOperand("digamma", x));
}

/**
 * The n-th derivative of `digamma`, for whole n from 0 to 1000; its own derivative is the next one. At 0 and the
 * negative integers it is infinite for odd n, and NaN for even n, where one-sided limits differ (as in JAX). Integers
 * give float32. Element by element.
 * @throws StateError when n is not a number, IndexError when there is no such order
 */
export function polygamma<X extends TensorLike>(n: number, x: X): Tensor<ShapeOf<X>>;
export function polygamma(n: number, x: TensorLike): Tensor {
  if (typeof n !== "number") {
    throw new StateError(`the order must be a number, not ${typeof n}`, {
      operation: "polygamma",
      remedy: "Use polygamma(n, x), the order first",
    });
  }
  return builder.polygamma(n, floatingOperand("polygamma", x));
}

/**
 * log(e^x + e^y), with broadcasting: finite and accurate where e^x or e^y would overflow, -infinity where both are.
 * Gradients are e^x and e^y over their sum; 0 where both are -infinity.
 */
export const logaddexp = typed<"logaddexp">((x, y) => {
  const [left, right] = floatingOperands("logaddexp", [x, y]);
  // Infinities of one sign are no distance apart.
  const alike = builder.bitwise("and", builder.compare("equal", left, right), isInfinite(left));
  const distance = builder.where(alike, 0, builder.sub(right, left));
  const above = builder.add(left, builder.log1p(builder.exp(builder.where(alike, 0, distance))));
  const below = builder.add(right, builder.log1p(builder.exp(builder.neg(distance))));
  // Not the maximum, whose gradient would be split at ties, nor |x - y|, whose second derivative would be lost there.
  const sum = builder.where(builder.compare("greaterEqual", left, right), above, below);
  return builder.where(alike, builder.stopGradient(left), sum);
});

/**
 * x log(y), with broadcasting; 0 where x = 0, also for y = 0 (entropies need that), where its derivatives are 0 too. NaN
 * where y is NaN, as in SciPy.
 */
export const xlogy = typed<"xlogy">((x, y) => {
  const [factor, argument] = floatingOperands("xlogy", [x, y]);
  const regular = builder.bitwise(
    "and",
    builder.compare("greater", argument, 0),
    builder.compare("less", argument, Number.POSITIVE_INFINITY),
  );
  const defined = builder.bitwise("or", regular, builder.isNaN(argument));
  const vanishes = builder.bitwise("and", builder.compare("equal", factor, 0), builder.not(defined));
  const logarithm = builder.log(builder.where(vanishes, 1, argument));
  return builder.where(vanishes, 0, builder.mul(factor, logarithm));
});

/** sin(u) / u in u^2 up to |u| = pi / 3: the power series, (-1)^k / (2k + 1)!, to 2^-60. */
const SINC = [
  1,
  -1 / 6,
  1 / 120,
  -1 / 5040,
  1 / 362880,
  -1 / 39916800,
  1 / 6227020800,
  -1 / 1307674368000,
  1 / 355687428096000,
  -1 / 121645100408832000,
  1 / 51090942171709440000,
];

/**
 * sin(pi x) / (pi x), 1 at 0, exactly 0 at other whole numbers (NumPy's, with the argument of the sine reduced).
 * Derivatives are accurate at and around 0 too. NaN at infinities. Element by element.
 */
export function sinc<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function sinc(x: TensorLike): Tensor {
  const argument = floatingOperand("sinc", x);
  const near = builder.compare("less", builder.abs(argument), 1 / 3);
  const scaled = builder.mul(builder.where(near, argument, 0), Math.PI);
  const square = builder.mul(scaled, scaled);
  let series = builder.literal(SINC[SINC.length - 1], square);
  for (let i = SINC.length - 2; i >= 0; i--) series = builder.add(builder.mul(series, square), SINC[i]);
  const away = builder.where(near, 1, argument);
  const whole = builder.round(away);
  // An odd number of half turns changes the sign.
  const sign = builder.sub(1, builder.mul(builder.mod(whole, 2), 2));
  const sine = builder.mul(sign, builder.sin(builder.mul(builder.sub(away, whole), Math.PI)));
  return builder.where(near, series, builder.div(sine, builder.mul(away, Math.PI)));
}

/** log(x / (1 - x)), the inverse of `sigmoid`; accurate around 1/2 and at both ends. NaN outside of [0, 1]. */
export function logit<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function logit(x: TensorLike): Tensor {
  const argument = floatingOperand("logit", x);
  const one = builder.literal(1, argument);
  // Around 1/2, where the logarithms cancel, 2 x - 1 is exact.
  const middle = builder.compare("less", builder.abs(builder.sub(argument, 0.5)), 0.25);
  const centred = builder.sub(builder.mul(builder.where(middle, argument, 0.5), 2), one);
  const ends = builder.where(middle, 0.5, argument);
  const logarithms = builder.sub(builder.log(ends), builder.log1p(builder.neg(ends)));
  return builder.where(middle, builder.mul(builder.atanh(centred), 2), logarithms);
}
