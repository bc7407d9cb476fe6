import type { Tensor } from "../ir/tensor.ts";
import { formatShape, sameShape } from "../types/shape.ts";
import { ShapeError } from "../util/errors.ts";
import { shared } from "../util/shared.ts";
import type { Variable } from "./variable.ts";

const substitutions = shared<ReadonlyMap<Variable, Tensor>[]>("substitutions", () => []);

/** The tensor that stands for `cell` inside the innermost `withValues` that names it, or null. */
export function substituteFor(cell: Variable): Tensor | null {
  for (let i = substitutions.length - 1; i >= 0; i--) {
    const value = substitutions[i].get(cell);
    if (value !== undefined) return value.node;
  }
  return null;
}

/**
 * Runs `body` with tensors in the places of variables: whoever reads one of them meanwhile gets the tensor. So a model
 * can be run, and differentiated, with other weights than its own.
 * @throws ShapeError when a tensor has not the shape of its variable
 */
export function withValues<T>(values: ReadonlyMap<Variable, Tensor>, body: () => T): T {
  for (const [cell, value] of values) {
    if (!sameShape(cell.shape, value.shape)) {
      throw new ShapeError(
        `variable ${cell.name} has shape ${formatShape(cell.shape)}, the value ${formatShape(value.shape)}`,
        {
          operation: "withValues",
          shapes: [cell.shape, value.shape],
          variable: cell.name,
          remedy: "Broadcast or reshape the value",
        },
      );
    }
  }
  // What stands for a variable is looked up before the substitution: it may be a variable itself.
  substitutions.push(new Map([...values].map(([cell, value]) => [cell, value.node])));
  try {
    return body();
  } finally {
    substitutions.pop();
  }
}
