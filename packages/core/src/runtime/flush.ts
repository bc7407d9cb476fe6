import type { Storage } from "../ir/storage.ts";
import type { Evaluator, Tensor } from "../ir/tensor.ts";
import { applies } from "../prims/builder.ts";
import { type ReadParams, read } from "../prims/leaves.ts";
import type { TypedArray } from "../types/dtype.ts";
import { EngineError } from "../util/errors.ts";
import { shared } from "../util/shared.ts";
import { recordHistory } from "./history.ts";
import { boundStorage, type Numbering, numberGraph } from "./numbering.ts";
import { type Plan, planFor } from "./plan.ts";
import type { Variable } from "./variable.ts";
import type { Version } from "./version.ts";

/** Assignments that are not computed yet, in the order in which they were made. */
const pending = shared("pending", () => new Map<Variable, Version>());

/** Whether the variable has an assignment that is not computed yet. */
export const isPending = (cell: Variable): boolean => pending.has(cell);

/** Notes an assignment; it is computed with the next read, or before the next assignment of the same variable. */
export function addPending(version: Version): void {
  pending.set(version.cell, version);
}

/**
 * Evaluates the requested tensors and every pending assignment as one plan, so that a loss and the update that its
 * gradient makes share the forward pass. When the plan throws, all variables are as they were before.
 */
export function flush(requested: readonly Tensor[] = []): void {
  const roots = requested.filter((tensor) => valueOf(tensor) === null);
  const versions = [...pending.values()];
  if (roots.length === 0 && versions.length === 0) return;
  pending.clear();
  try {
    const assignments = versions.map(({ cell, producer }) => ({ cell, value: producer as Tensor }));
    const numbering = numberGraph(roots, assignments, null);
    for (const node of numbering.computedBefore) node.passedBy?.learn(node.passedIndex);
    const plan = planFor(numbering);
    const storages = numbering.slots.map(boundStorage);
    const values = execute(plan, numbering, storages, versions);
    roots.forEach((root, i) => {
      // A read leaf stands for its version, which has the value from now on.
      if (!applies(root, read)) root.storage = values[i];
    });
    versions.forEach((version, i) => {
      version.cell.commit(version, values[roots.length + i], plan);
    });
    recordHistory(roots, numbering);
  } catch (error) {
    for (const version of versions) version.cell.rollBack(version);
    throw error;
  }
}

/** Runs the plan and gives the value of each root and each assignment. */
function execute(
  plan: Plan,
  numbering: Numbering,
  storages: readonly Storage[],
  versions: readonly Version[],
): Storage[] {
  const { program, roots, tensors } = numbering;
  const results = new Map<number, Storage>();
  if (program.outputs.length + program.updates.length > 0) {
    const cells = new Set(versions.map(({ cell }) => cell).filter((cell) => cell.isSettled(plan)));
    const donated = program.updates
      .map(({ slot }) => slot)
      .filter(
        (slot) =>
          slot >= 0 && !storages[slot].shared && cells.has(numbering.slots[slot].version?.cell as Variable),
      );
    const { outputs, updates } = plan.run(storages, donated);
    const learned: Tensor[] = [];
    for (const [place, storage] of outputs) {
      results.set(place, storage);
      if (tensors[place].storage === null) learned.push(tensors[place]);
      tensors[place].storage = storage;
    }
    recordHistory(learned, numbering);
    program.updates.forEach(({ node }, i) => {
      if (results.has(node)) shareStorage(results.get(node) as Storage);
      else results.set(node, updates[i]);
    });
    for (let place = 0; place < tensors.length; place++) {
      const tensor = tensors[place];
      if (tensor.storage !== null || program.nodes[place].prim === null) continue;
      tensor.passedBy = plan;
      tensor.passedIndex = place;
    }
  }
  const slotAt = new Map(program.inputs.map(({ node }, slot) => [node, slot]));
  const seen = new Set<Storage>();
  return roots.map((place) => {
    const slot = slotAt.get(place);
    const storage = slot === undefined ? (results.get(place) as Storage) : shareStorage(storages[slot]);
    if (seen.has(storage)) shareStorage(storage);
    seen.add(storage);
    return storage;
  });
}

/** More than one holder from now on: nobody overwrites these bytes. */
function shareStorage(storage: Storage): Storage {
  storage.shared = true;
  return storage;
}

/** The value of a node, or null while it is not computed. @throws StaleValueError for overwritten versions */
function valueOf(tensor: Tensor): Storage | null {
  if (tensor.storage !== null || !applies(tensor, read)) return tensor.storage;
  const version = (tensor.params as ReadParams).version as Version;
  return version.producer !== null ? null : version.value();
}

/** The value of a node, computed if need be. */
function computed(tensor: Tensor): Storage {
  const known = valueOf(tensor);
  if (known !== null) return known;
  flush([tensor]);
  return tensor.storage ?? (valueOf(tensor) as Storage);
}

/** How tensors are read: index.ts registers it. */
export const runtimeEvaluator: Evaluator = {
  evaluate: (tensors) => flush(tensors.map((tensor) => tensor.node)),
  read: (tensor) => {
    const value = hostValue(computed(tensor));
    if (value instanceof Promise) {
      throw new EngineError("this engine can only be read asynchronously", {
        operation: "dataSync",
        remedy: "Use `await x.data()` or `await x.array()`",
      });
    }
    return value;
  },
  readAsync: async (tensor) => hostValue(computed(tensor)),
};

function hostValue(storage: Storage): TypedArray | Promise<TypedArray> {
  if (storage.host !== null) return storage.host;
  if (storage.resident === null) throw new EngineError("the value was lost", { operation: "read" });
  return storage.resident.read();
}

/** Computes several tensors, and everything pending, as one plan: cheaper than reading them one after the other. */
export function evaluate(...tensors: readonly Tensor[]): void {
  runtimeEvaluator.evaluate(tensors);
}
