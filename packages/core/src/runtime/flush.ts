import type { Storage } from "../ir/storage.ts";
import type { Evaluator, Tensor } from "../ir/tensor.ts";
import { applies } from "../prims/builder.ts";
import { type ReadParams, read } from "../prims/leaves.ts";
import type { TypedArray } from "../types/dtype.ts";
import { EngineError } from "../util/errors.ts";
import { shared } from "../util/shared.ts";
import { History } from "./history.ts";
import { boundStorage, Numbering } from "./numbering.ts";
import { type Plan, planFor } from "./plan.ts";
import { runPlan, sharePassedOn } from "./run.ts";
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
  if (pending.size === 0 && requested.every(({ storage }) => storage !== null)) return;
  const roots = requested.filter((tensor) => valueOf(tensor) === null);
  const versions = [...pending.values()];
  if (roots.length === 0 && versions.length === 0) return;
  pending.clear();
  let prepared: Prepared;
  try {
    prepared = prepare(roots, versions);
  } catch (error) {
    if (roots.length === 0) {
      rollBack(versions);
    } else {
      // What was asked for cannot be had. The assignments may still be right: they are computed by themselves.
      for (const version of versions) pending.set(version.cell, version);
      flush();
    }
    throw error;
  }
  commit(prepared, roots, versions);
}

interface Prepared {
  readonly numbering: Numbering;
  readonly plan: Plan;
  readonly storages: readonly Storage[];
}

/** The plan, and what is bound to it. @throws StaleValueError, TraceError */
function prepare(roots: readonly Tensor[], versions: readonly Version[]): Prepared {
  const assignments = versions.map(({ cell, producer }) => ({ cell, value: producer as Tensor }));
  const numbering = new Numbering(roots, assignments, null);
  for (const node of numbering.computedBefore) node.passedBy?.learn(node.passedIndex);
  const plan = planFor(numbering);
  const storages = numbering.slots.map(boundStorage);
  for (const { version } of numbering.slots) version?.cell.noteRead(version);
  return { numbering, plan, storages };
}

/** Runs the plan; variables and tensors have their values from then on, or are as they were. */
function commit(prepared: Prepared, roots: readonly Tensor[], versions: readonly Version[]): void {
  const { numbering, plan, storages } = prepared;
  sharePassedOn(numbering, storages);
  const donated = donatedSlots(numbering, plan, storages);
  let values: readonly Storage[];
  try {
    values = runPlan(plan, numbering, storages, donated);
  } catch (error) {
    rollBack(versions);
    throw error;
  }
  noteComputed(numbering, plan, roots);
  roots.forEach((root, i) => {
    // A read leaf stands for its version, which has the value from now on.
    if (!applies(root, read)) root.storage = values[i];
  });
  versions.forEach((version, i) => {
    const { cell } = version;
    const written = donated.some((slot) => numbering.slots[slot].version?.cell === cell);
    cell.commit(version, values[roots.length + i], plan, written);
  });
}

/** The slots whose bytes may be written over: an update replaces them, and the plan is settled for their variables. */
function donatedSlots(numbering: Numbering, plan: Plan, storages: readonly Storage[]): readonly number[] {
  const donated: number[] = [];
  for (const { slot } of numbering.updates) {
    if (slot < 0 || storages[slot].shared) continue;
    if (numbering.slots[slot].version?.cell.isSettled(plan)) donated.push(slot);
  }
  return donated;
}

const rollBack = (versions: readonly Version[]): void => {
  for (const version of versions) version.cell.rollBack(version);
};

/** Other nodes than outputs remember who computed them, in case they are asked for later. */
function noteComputed({ tensors, slots }: Numbering, plan: Plan, roots: readonly Tensor[]): void {
  const { nodes } = plan.program;
  for (let place = 0; place < tensors.length; place++) {
    if (nodes[place].prim === null) continue;
    tensors[place].passedBy = plan;
    tensors[place].passedIndex = place;
  }
  const history = new History(tensors.length);
  for (const { tensor, version } of slots) if (version === null) history.add(tensor);
  for (const place of plan.outputs) history.record(tensors[place]);
  for (const root of roots) history.record(root);
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
