import { grad, random, type Tensor } from "cotangent";

/** How far the gradient of a scalar function is from a central difference along a random direction; x is float64. */
export function gradientError(f: (x: Tensor) => Tensor, x: Tensor, h = 1e-4): number {
  const direction = random.normal(x.shape, { seed: 7, dtype: "float64" });
  const step = direction.mul(h);
  const difference = (f(x.add(step)).item() - f(x.sub(step)).item()) / (2 * h);
  return Math.abs(grad(f)(x).mul(direction).sum().item() - difference);
}
