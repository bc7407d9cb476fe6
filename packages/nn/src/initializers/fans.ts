import type { Shape } from "@cotangent/core";

/**
 * How many inputs feed one unit, and how many units one input feeds. A kernel's last two axes are [inputs, units]; axes
 * before them are the window of a convolution.
 */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) {
    const size = shape.length === 0 ? 1 : shape[0];
    return { fanIn: Math.max(size, 1), fanOut: Math.max(size, 1) };
  }
  const window = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  const [inputs, units] = shape.slice(-2);
  return { fanIn: Math.max(inputs * window, 1), fanOut: Math.max(units * window, 1) };
}
