import { describeValue, formatShape, type Shape, StateError, type Tensor } from "@cotangent/core";
import { assertOutcome, type Outcome } from "./outcome.ts";
import { checkTensor, sameShape } from "./pair.ts";

/**
 * Checks the sizes of all axes of x.
 * @throws TensorMismatchError where they are others
 * @throws StateError where x is no tensor, or the shape no list of sizes
 */
export function assertShape(x: Tensor, shape: Shape): void {
  assertOutcome("assertShape", shapeAgreement("assertShape", x, shape));
}

/** What becomes of `assertShape`, as a value. */
export function shapeAgreement(operation: string, x: unknown, shape: Shape): Outcome {
  const actual = checkTensor(operation, x).shape;
  if (!(Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0))) {
    throw new StateError(`a shape is a list of whole numbers, not ${describeValue(shape)}`, {
      operation,
      remedy: "Pass one such as [2, 3]",
    });
  }
  if (sameShape(actual, shape)) {
    return {
      pass: true,
      fact: `the tensor has shape ${formatShape(actual)}`,
      remedy: "Expect another shape",
    };
  }
  return {
    pass: false,
    fact: `the tensor has shape ${formatShape(actual)}, expected is ${formatShape(shape)}${whereWords(actual, shape)}`,
    remedy: "Correct the function, or the expected shape",
  };
}

/** In which axes shapes of one rank differ. */
function whereWords(actual: Shape, expected: Shape): string {
  if (actual.length !== expected.length) return ` (rank ${actual.length}, expected ${expected.length})`;
  const axes = actual.flatMap((size, axis) => (size === expected[axis] ? [] : [axis]));
  return actual.length < 2 ? "" : ` (other in axis ${axes.join(", ")})`;
}
