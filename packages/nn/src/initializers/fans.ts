import { describeValue, type Shape, ShapeError } from "@cotangent/core";

/**
 * How many inputs feed one unit, and how many units one input feeds. A kernel's last two axes are [inputs, units]; axes
 * before them are the window of a convolution.
 * @throws ShapeError for what is no array of sizes
 */
export function fans(shape: Shape, operation: string): { fanIn: number; fanOut: number } {
  checkShape(shape, operation);
  if (shape.length < 2) {
    const size = shape.length === 0 ? 1 : shape[0];
    return { fanIn: Math.max(size, 1), fanOut: Math.max(size, 1) };
  }
  const window = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  const [inputs, units] = shape.slice(-2);
  return { fanIn: Math.max(inputs * window, 1), fanOut: Math.max(units * window, 1) };
}

/** @throws ShapeError unless it is an array: the sizes one by one are a mistake from elsewhere */
export function checkShape(shape: Shape, operation: string): void {
  if (Array.isArray(shape)) return;
  throw new ShapeError(`${describeValue(shape)} is not a shape`, {
    operation,
    remedy: "A shape is an array of sizes, such as [784, 128] for a kernel",
  });
}
