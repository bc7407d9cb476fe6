import {
  DTypeError,
  describeValue,
  formatShape,
  type HasVariables,
  isFloating,
  isTensor,
  type Shape,
  ShapeError,
  StateError,
  type Tensor,
  type Variable,
} from "@cotangent/core";

/** What an optimiser works on: a module or whatever else holds variables, or the variables themselves. */
export type Target = HasVariables | readonly Variable[];

const isVariable = (value: unknown): value is Variable =>
  isTensor(value) && typeof (value as Partial<Variable>).assign === "function";

/** The variables of a target that may be changed, each once. @throws StateError when there are none */
export function trainableVariables(target: Target, operation: string): Variable[] {
  const all = checkVariables(isHolder(target) ? target.variables() : target, operation);
  const trainable = [...new Set(all)].filter((cell) => cell.trainable);
  if (trainable.length > 0) return trainable;
  throw new StateError(
    all.length === 0
      ? "the target has no variables"
      : `none of the target's ${all.length} variables is trainable`,
    { operation, remedy: "Pass a module with trainable variables, or an array of them" },
  );
}

const isHolder = (target: unknown): target is HasVariables =>
  typeof target === "object" &&
  target !== null &&
  !isTensor(target) &&
  typeof (target as Partial<HasVariables>).variables === "function";

/** `value` as a list of variables with derivatives. @throws StateError, DTypeError */
export function checkVariables(value: unknown, operation: string): readonly Variable[] {
  if (!Array.isArray(value)) {
    throw new StateError(`expected a module or an array of variables, got ${describeValue(value)}`, {
      operation,
      remedy: isVariable(value) ? "Put the variable into an array" : "A module has a method variables()",
    });
  }
  for (const [i, cell] of value.entries()) {
    if (!isVariable(cell)) {
      throw new StateError(`entry ${i} is ${describeValue(cell)}, not a variable`, {
        operation,
        remedy: "Only variables can be changed: make them with variable(...)",
      });
    }
    if (cell.trainable && !isFloating(cell.dtype)) {
      throw new DTypeError(`variable ${cell.name} has dtype ${cell.dtype}, which has no derivative`, {
        operation,
        dtypes: [cell.dtype],
        variable: cell.name,
        remedy: "Make it with { trainable: false }",
      });
    }
  }
  return value;
}

/** One gradient for each variable, of its shape and dtype. @throws StateError, ShapeError, DTypeError */
export function checkGradients(
  variables: readonly Variable[],
  gradients: readonly Tensor[],
  operation: string,
): void {
  if (!Array.isArray(gradients) || gradients.length !== variables.length) {
    throw new StateError(
      `${variables.length} variables need ${variables.length} gradients, got ${Array.isArray(gradients) ? gradients.length : describeValue(gradients)}`,
      { operation, remedy: "Pass a gradient for each variable, in the same order" },
    );
  }
  if (new Set(variables).size !== variables.length) {
    throw new StateError("a variable is listed twice", { operation, remedy: "Add up its gradients" });
  }
  variables.forEach((cell, i) => {
    if (!cell.trainable) {
      throw new StateError(`variable ${cell.name} is not trainable`, {
        operation,
        variable: cell.name,
        remedy: "Leave it out; a module's trainableVariables() has those to pass",
      });
    }
    checkFits(cell, gradients[i], "gradient", operation);
  });
}

const sameShape = (a: Shape, b: Shape): boolean =>
  a === b || (a.length === b.length && a.every((size, i) => size === b[i]));

/** @throws ShapeError or DTypeError unless `value` has the variable's shape and dtype */
export function checkFits(cell: Variable, value: unknown, what: string, operation: string): void {
  if (!isTensor(value)) {
    throw new StateError(`the ${what} of variable ${cell.name} is ${describeValue(value)}`, {
      operation,
      variable: cell.name,
      remedy: "Pass tensors, such as gradients(loss, variables) gives them",
    });
  }
  if (!sameShape(value.shape, cell.shape)) {
    throw new ShapeError(
      `variable ${cell.name} has shape ${formatShape(cell.shape)}, its ${what} ${formatShape(value.shape)}`,
      {
        operation,
        shapes: [cell.shape, value.shape],
        variable: cell.name,
        remedy: "Both have one shape; are the gradients in the order of the variables?",
      },
    );
  }
  if (value.dtype === cell.dtype) return;
  throw new DTypeError(`variable ${cell.name} has dtype ${cell.dtype}, its ${what} ${value.dtype}`, {
    operation,
    dtypes: [cell.dtype, value.dtype],
    variable: cell.name,
    remedy: `Cast it: gradient.cast("${cell.dtype}")`,
  });
}
