import type { DType, TypedArray } from "../types/dtype.ts";
import { formatShape, type Shape } from "../types/shape.ts";
import { describeValue } from "../types/trees.ts";
import { ShapeError, StateError } from "../util/errors.ts";

/** Numbers or booleans, nested to any depth. */
export type NestedArray = number | boolean | NestedArray[];

/** Elements in row-major order as nested arrays of the given shape. */
export function nest(data: TypedArray, shape: Shape, dtype: DType): NestedArray {
  let position = 0;
  const level = (axis: number): NestedArray => {
    if (axis === shape.length) {
      const value = data[position++];
      return dtype === "bool" ? value !== 0 : value;
    }
    return Array.from({ length: shape[axis] }, () => level(axis + 1));
  };
  return level(0);
}

/** Nested arrays taken apart. @throws ShapeError when rows differ in length, StateError for other values in them */
export function flattenNested(
  value: unknown,
  operation: string,
): { values: (number | boolean)[]; shape: number[] } {
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const values: (number | boolean)[] = [];
  const visit = (item: unknown, axis: number): void => {
    if (Array.isArray(item)) {
      if (axis >= shape.length || item.length !== shape[axis])
        throw ragged(shape, axis, item.length, operation);
      for (const inner of item) visit(inner, axis + 1);
    } else if (axis !== shape.length) {
      throw ragged(shape, axis, null, operation);
    } else if (typeof item === "number" || typeof item === "boolean") {
      values.push(item);
    } else {
      throw new StateError(`${describeValue(item)} is not a number`, {
        operation,
        remedy: "Tensors are made of numbers, booleans, nested arrays of them, and typed arrays",
      });
    }
  };
  visit(value, 0);
  return { values, shape };
}

function ragged(
  shape: readonly number[],
  axis: number,
  length: number | null,
  operation: string,
): ShapeError {
  const found = length === null ? "a single value" : `a row of length ${length}`;
  const expected = axis < shape.length ? `rows of length ${shape[axis]}` : "single values";
  return new ShapeError(
    `rows differ: expected ${expected} on axis ${axis} (shape ${formatShape(shape)}), found ${found}`,
    {
      operation,
      remedy: "All rows of an array must have the same length",
    },
  );
}
