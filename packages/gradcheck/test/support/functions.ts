import { abs, customVjp, mul, sum, type Tensor } from "@cotangent/core";

/** The sum of cubes. */
export const cubes = (x: Tensor): Tensor => sum(mul(mul(x, x), x));

const wronglySquared = customVjp((x: Tensor) => mul(x, x), {
  forward: (x) => [mul(x, x), x] as const,
  backward: (x, cotangent) => [mul(cotangent, mul(x, 3))],
});

/** A sum of squares whose rule says 3x. */
export const wrongSquares = (x: Tensor): Tensor => sum(wronglySquared(x));

/** Has kinks where x is 1. */
export const hinge = (x: Tensor): Tensor => sum(abs(x.sub(1)));
