import {
  DTypeError,
  describeValue,
  evaluate,
  formatShape,
  isTensor,
  type NDArray,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
  type Variable,
} from "@cotangent/core";

/** The value for one variable: as `getState` gives it, or a tensor. */
export type StateEntry = NDArray | Tensor;

export interface RestoreOptions {
  /** Whether every variable needs an entry, and every entry a variable: true unless given. */
  readonly strict?: boolean;
}

/** What did not match, with `strict: false`. */
export interface RestoreReport {
  /** Variables that the state had no entry for; they keep their values. */
  readonly missing: readonly string[];
  /** Entries that no variable has the path of; they were not used. */
  readonly unexpected: readonly string[];
}

/** The values of all variables, computed as one plan. */
export function captureState(variables: ReadonlyMap<string, Variable>): Record<string, NDArray> {
  evaluate(...variables.values());
  return Object.fromEntries(
    [...variables].map(([path, cell]) => [
      path,
      { dtype: cell.dtype, shape: [...cell.shape], data: cell.dataSync() },
    ]),
  );
}

/** Assigns the entries to the variables of their paths, after all have been checked. */
export function restoreState(
  variables: ReadonlyMap<string, Variable>,
  state: Readonly<Record<string, StateEntry>>,
  { strict = true }: RestoreOptions,
): RestoreReport {
  if (typeof state !== "object" || state === null || isTensor(state) || ArrayBuffer.isView(state)) {
    throw new StateError(`${describeValue(state)} is not a state`, {
      operation: "setState",
      remedy: "Pass what getState or deserializeState gives: an object of paths and values",
    });
  }
  const missing = [...variables.keys()].filter((path) => !Object.hasOwn(state, path));
  const unexpected = Object.keys(state).filter((path) => !variables.has(path));
  if (strict && missing.length + unexpected.length > 0) throw mismatch(missing, unexpected);
  const values: [Variable, Tensor][] = [];
  for (const [path, cell] of variables) {
    if (Object.hasOwn(state, path)) values.push([cell, fitting(path, cell, state[path])]);
  }
  for (const [cell, value] of values) cell.assign(value);
  return { missing, unexpected };
}

const listed = (paths: readonly string[]): string =>
  paths.length <= 6 ? paths.join(", ") : `${paths.slice(0, 6).join(", ")} and ${paths.length - 6} more`;

function mismatch(missing: readonly string[], unexpected: readonly string[]): StateError {
  const parts: string[] = [];
  if (missing.length > 0) parts.push(`no entry for ${listed(missing)}`);
  if (unexpected.length > 0) parts.push(`no variable for ${listed(unexpected)}`);
  return new StateError(`the state does not match the model: ${parts.join("; ")}`, {
    operation: "setState",
    remedy: "Nothing was changed; { strict: false } takes what matches",
  });
}

/** The entry as a tensor that can be assigned. @throws ShapeError, DTypeError or StateError when it does not fit */
function fitting(path: string, cell: Variable, entry: StateEntry): Tensor {
  if (typeof entry?.dtype !== "string" || !Array.isArray(entry.shape)) {
    throw new StateError(`the entry ${path} is ${describeValue(entry)}`, {
      operation: "setState",
      variable: cell.name,
      remedy: "Entries are tensors, or objects of dtype, shape and data",
    });
  }
  const sameShape =
    entry.shape.length === cell.shape.length && entry.shape.every((size, i) => size === cell.shape[i]);
  if (!sameShape) {
    throw new ShapeError(
      `${path} has shape ${formatShape(cell.shape)}, the entry ${formatShape(entry.shape)}`,
      {
        operation: "setState",
        shapes: [cell.shape, entry.shape],
        variable: cell.name,
        remedy: "Nothing was changed; was the state saved from another model?",
      },
    );
  }
  if (entry.dtype !== cell.dtype) {
    throw new DTypeError(`${path} has dtype ${cell.dtype}, the entry ${entry.dtype}`, {
      operation: "setState",
      dtypes: [cell.dtype, entry.dtype],
      variable: cell.name,
      remedy: "Nothing was changed",
    });
  }
  if (isTensor(entry)) return entry;
  if (!ArrayBuffer.isView(entry.data) || entry.data.length !== cell.size) {
    throw new ShapeError(
      `the data of ${path} is no typed array of ${cell.size} elements, as its shape ${formatShape(cell.shape)} asks`,
      { operation: "setState", shapes: [cell.shape], variable: cell.name, remedy: "Nothing was changed" },
    );
  }
  return tensor(entry.data, { dtype: cell.dtype, shape: cell.shape });
}
