import {
  type DType,
  isFloating,
  programOf,
  referenceEngine,
  type Shape,
  type Tensor,
  type TypedArray,
} from "@cotangent/core";
import { fitting } from "./domains.ts";
import { call, type Expression } from "./expression.ts";

/** An expression with what is known of its value at the inputs of the program. */
export interface Operand {
  readonly expression: Expression;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly elements: readonly number[];
}

export const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** The elements of a tensor as the reference engine computes them, whatever the engine in use is. */
export function elementsOf(x: Tensor): number[] {
  const { program, storages } = programOf(x);
  // Data is read as it is.
  if (program.outputs.length === 0) return Array.from(x.dataSync());
  const executable = referenceEngine.compile(program);
  storages.forEach((storage, slot) => {
    executable.bind(slot, storage);
  });
  const [{ host }] = executable.run([]);
  executable.dispose();
  return Array.from(host as TypedArray);
}

/** A tensor of these elements, as an expression. */
export const constant = (elements: readonly number[], shape: Shape, dtype: DType): Operand => ({
  expression: call("tensor", elements, { shape, dtype }),
  shape,
  dtype,
  elements,
});

/** The same elements in another shape. */
export const reshaped = (x: Operand, shape: Shape): Operand => ({
  ...x,
  expression: call("reshape", x.expression, shape),
  shape,
});

/** x with all elements multiplied by a number, and another one added. */
function affine(x: Operand, scale: number, shift: number): Operand {
  const scaled = scale === 1 ? x.expression : call("mul", x.expression, scale);
  const expression = shift === 0 ? scaled : call("add", scaled, shift);
  return { ...x, expression, elements: x.elements.map((element) => scale * element + shift) };
}

const STEPS = [0.4, 0.9, 1.3];

/** x with another number added to each element: no two are alike any more. */
function spread(x: Operand, step: number): Operand {
  const size = x.elements.length;
  const start = (-step * (size - 1)) / 2;
  const ramp = call("reshape", call("linspace", start, -start, size, { dtype: x.dtype }), x.shape);
  const elements = x.elements.map((element, i) => element + start + i * step);
  return { ...x, expression: call("add", x.expression, ramp), elements };
}

/** x, changed as little as is needed for its elements to be in the domain. */
export function inDomain(x: Operand, domain: (elements: readonly number[]) => boolean): Operand {
  if (domain(x.elements)) return x;
  const change = fitting(x.elements, domain);
  if (change !== null) return affine(x, change.scale, change.shift);
  const many = x.elements.length;
  // Ties: only a different number for each element takes them apart.
  for (const step of [...STEPS, 6 / many, 3 / many]) {
    const apart = spread(x, step);
    const again = fitting(apart.elements, domain);
    if (again !== null) return affine(apart, again.scale, again.shift);
  }
  const small = affine(x, 2 ** -20, 0);
  const apart = spread(small, 6 / many);
  const last = fitting(apart.elements, domain) ?? { scale: 1, shift: 0 };
  return affine(apart, last.scale, last.shift);
}

export const isFloat = ({ dtype }: Operand): boolean => isFloating(dtype);
