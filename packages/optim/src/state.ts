import {
  DTypeError,
  describe,
  evaluate,
  formatShape,
  type NDArray,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
  type Variable,
} from "@cotangent/core";

/**
 * What an optimiser remembers: `step`, an int32 scalar, and `i.slot` for each slot of its i-th variable, such as
 * `0.velocity`. Variables are numbered in the order in which the optimiser met them.
 */
export type OptimizerState = Readonly<Record<string, NDArray>>;

/** The slots of one variable, by name. */
export type SlotVariables = Readonly<Record<string, Variable>>;

const OPERATION = "Optimizer.state";

/** The state as plain data. */
export function captureState(step: number, slots: Iterable<SlotVariables>): Record<string, NDArray> {
  const entries = [...slots].flatMap((own, i) =>
    Object.entries(own).map(([name, cell]): [string, Variable] => [`${i}.${name}`, cell]),
  );
  evaluate(...entries.map(([, cell]) => cell));
  return Object.fromEntries<NDArray>([
    ["step", { dtype: "int32", shape: [], data: Int32Array.of(step) }],
    ...entries.map(([key, cell]): [string, NDArray] => [
      key,
      { dtype: cell.dtype, shape: [...cell.shape], data: cell.dataSync() },
    ]),
  ]);
}

/** The number of steps in a state. @throws StateError when there is none */
export function stepOf(state: unknown): number {
  if (typeof state !== "object" || state === null) {
    throw new StateError(`${describe(state)} is not a state`, {
      operation: OPERATION,
      remedy: "Assign what `optimizer.state` gave",
    });
  }
  const step = Object.hasOwn(state, "step") ? (state as OptimizerState).step?.data?.[0] : undefined;
  if (step !== undefined && Number.isSafeInteger(step) && step >= 0) return step;
  throw new StateError("the state has no entry step with the number of steps", {
    operation: OPERATION,
    remedy: "Assign what `optimizer.state` gave",
  });
}

/** The value for each slot, in order. @throws StateError, ShapeError or DTypeError unless the state fits exactly */
export function slotValues(state: OptimizerState, slots: readonly SlotVariables[]): [Variable, Tensor][] {
  const cells = new Map(
    slots.flatMap((own, i) =>
      Object.entries(own).map(([name, cell]): [string, Variable] => [`${i}.${name}`, cell]),
    ),
  );
  const unexpected = Object.keys(state).filter((key) => key !== "step" && !cells.has(key));
  const missing = [...cells.keys()].filter((key) => !Object.hasOwn(state, key));
  if (missing.length + unexpected.length > 0) {
    const parts = [
      ...(missing.length > 0 ? [`no entry for ${missing.join(", ")}`] : []),
      ...(unexpected.length > 0 ? [`nothing that remembers ${unexpected.join(", ")}`] : []),
    ];
    throw new StateError(`the state does not fit this optimiser and its variables: ${parts.join("; ")}`, {
      operation: OPERATION,
      remedy:
        "It must come from an optimiser with the same options for the same variables; init(variables) says which they are",
    });
  }
  return [...cells].map(([key, cell]) => [cell, fitting(key, cell, state[key])]);
}

function fitting(key: string, cell: Variable, entry: NDArray): Tensor {
  const details = { operation: OPERATION, variable: cell.name };
  if (entry?.dtype !== cell.dtype) {
    throw new DTypeError(`${key} has dtype ${cell.dtype}, the entry ${String(entry?.dtype)}`, details);
  }
  const same =
    Array.isArray(entry.shape) &&
    entry.shape.length === cell.shape.length &&
    entry.shape.every((size, i) => size === cell.shape[i]);
  if (!same || !ArrayBuffer.isView(entry.data) || entry.data.length !== cell.size) {
    throw new ShapeError(
      `${key} has shape ${formatShape(cell.shape)}, the entry ${Array.isArray(entry.shape) ? formatShape(entry.shape) : describe(entry.shape)} with ${entry.data?.length} elements`,
      { ...details, remedy: "Was the state saved for another model?" },
    );
  }
  return tensor(entry.data, { dtype: cell.dtype, shape: cell.shape });
}
