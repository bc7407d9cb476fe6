import { describeValue, isTensor, StateError, type Tensor, type Variable, withValues } from "@cotangent/core";

/** What can be run with other weights: a module. */
export interface Callable<A extends unknown[], R> {
  /** What it computes. */
  forward(...inputs: A): R;
  /** Its variables by the paths of their fields. */
  namedVariables(): Map<string, Variable>;
}

/** Tensors by the paths of the variables that they stand for. */
export type NamedTensors = Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>;

/**
 * `model.forward(...inputs)` with tensors in the places of variables. `params` names variables by path and may leave
 * some out; those keep their own values. The model itself is not changed, and the result can be differentiated by the
 * tensors: `grad((params) => functionalCall(model, params, x).sum())(params)`.
 * @throws StateError for a path that the model does not have, ShapeError for a tensor that does not fit
 */
export function functionalCall<A extends unknown[], R>(
  model: Callable<A, R>,
  params: NamedTensors,
  ...inputs: A
): R {
  const variables = model.namedVariables();
  const values = new Map<Variable, Tensor>();
  for (const [path, value] of params instanceof Map ? params : Object.entries(params)) {
    const cell = variables.get(path);
    if (cell === undefined) {
      throw new StateError(`the model has no variable ${path}`, {
        operation: "functionalCall",
        remedy: `Its variables are ${[...variables.keys()].join(", ") || "none"}`,
      });
    }
    if (!isTensor(value)) {
      throw new StateError(`the value for ${path} is ${describeValue(value)}`, {
        operation: "functionalCall",
        variable: cell.name,
        remedy: "Pass tensors",
      });
    }
    values.set(cell, value);
  }
  return withValues(values, () => model.forward(...inputs));
}
