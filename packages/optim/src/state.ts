import {
  DTypeError,
  describeValue,
  evaluate,
  formatShape,
  type NDArray,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
  type Variable,
} from "@cotangent/core";
import type { Slots } from "./transformation.ts";

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
    throw new StateError(`${describeValue(state)} is not a state`, {
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

/** A slot as a restored value must fit it: a variable, or the tensor that it would begin with. */
type SlotLike = Pick<Tensor, "shape" | "dtype" | "size">;

/**
 * The values in the state for these slots, in their places.
 * @throws StateError, ShapeError or DTypeError unless the state fits exactly
 */
export function slotValues(
  state: OptimizerState,
  slots: readonly Readonly<Record<string, SlotLike>>[],
): Slots[] {
  checkKeys(
    state,
    slots.flatMap((own, i) => Object.keys(own).map((name) => `${i}.${name}`)),
  );
  return slots.map((own, i) =>
    Object.fromEntries(
      Object.entries(own).map(([name, slot]) => {
        const key = `${i}.${name}`;
        return [name, fitting(key, slot, state[key])];
      }),
    ),
  );
}

function checkKeys(state: OptimizerState, expected: readonly string[]): void {
  const known = new Set(["step", ...expected]);
  const unexpected = Object.keys(state).filter((key) => !known.has(key));
  const missing = expected.filter((key) => !Object.hasOwn(state, key));
  if (missing.length + unexpected.length === 0) return;
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

function fitting(key: string, slot: SlotLike, entry: NDArray): Tensor {
  if (entry?.dtype !== slot.dtype) {
    throw new DTypeError(`${key} has dtype ${slot.dtype}, the entry ${String(entry?.dtype)}`, {
      operation: OPERATION,
      dtypes: [slot.dtype, String(entry?.dtype)],
      remedy: "Use the state of an optimiser for the same variables",
    });
  }
  const { shape, data } = entry;
  const same =
    Array.isArray(shape) &&
    shape.length === slot.shape.length &&
    shape.every((size, i) => size === slot.shape[i]);
  if (!same || !ArrayBuffer.isView(data) || data.length !== slot.size) {
    throw new ShapeError(
      `${key} has shape ${formatShape(slot.shape)}, the entry ${Array.isArray(shape) ? formatShape(shape) : describeValue(shape)} with ${data?.length} elements`,
      { operation: OPERATION, shapes: [slot.shape], remedy: "Was the state saved for another model?" },
    );
  }
  return tensor(data, { dtype: slot.dtype, shape: slot.shape });
}
