import { isDebugMode } from "../ir/debug.ts";
import type { Storage } from "../ir/storage.ts";
import type { Evaluator, Tensor } from "../ir/tensor.ts";
import { applies } from "../prims/builder.ts";
import { type ReadParams, read } from "../prims/leaves.ts";
import { isControl } from "../transform/vjp.ts";
import type { TypedArray } from "../types/dtype.ts";
import { EngineError } from "../util/errors.ts";
import { FAULT } from "../util/fault.ts";
import { shared } from "../util/shared.ts";
import { History } from "./history.ts";
import { boundStorage, Numbering } from "./numbering.ts";
import { type Plan, planFor } from "./plan.ts";
import { runPlan } from "./run.ts";
import type { Version } from "./version.ts";

/** Assignments that are not computed yet, in the order in which they were made. */
const pending = shared("pending", () => ({ versions: [] as Version[] }));

/** Notes an assignment; it is computed with the next read, or before the next assignment of the same variable. */
export function addPending(version: Version): void {
  pending.versions.push(version);
}

/**
 * Evaluates the requested tensors and every pending assignment as one plan, so that a loss and the update that its
 * gradient makes share the forward pass. When the plan throws, all variables are as they were before.
 */
export function flush(requested: readonly Tensor[] = []): void {
  const { versions } = pending;
  const roots = withoutValue(requested);
  if (roots.length === 0 && versions.length === 0) return;
  pending.versions = [];
  let prepared: Prepared;
  try {
    prepared = prepare(roots, versions);
  } catch (error) {
    if (roots.length === 0) {
      rollBack(versions);
    } else {
      // What was asked for cannot be had. The assignments may still be right: they are computed by themselves.
      pending.versions = versions;
      flush();
    }
    throw error;
  }
  commit(prepared, roots, versions);
}

const NOTHING: readonly Tensor[] = [];

/** Those that have no value yet. @throws StaleValueError for overwritten versions */
function withoutValue(requested: readonly Tensor[]): readonly Tensor[] {
  let known = 0;
  while (known < requested.length && requested[known].storage !== null) known++;
  if (known === requested.length) return NOTHING;
  return requested.filter((tensor) => valueOf(tensor) === null);
}

interface Prepared {
  readonly numbering: Numbering;
  readonly plan: Plan;
  readonly storages: readonly Storage[];
}

/** The plan, and what is bound to it. @throws StaleValueError, TraceError */
function prepare(roots: readonly Tensor[], versions: readonly Version[]): Prepared {
  const numbering = new Numbering(roots, versions, null);
  for (const node of numbering.computedBefore) node.passedBy?.learn(node.passedIndex);
  const plan = planFor(numbering);
  const storages: Storage[] = [];
  for (const slot of numbering.slots) storages.push(boundStorage(slot));
  for (const { version } of numbering.slots) version?.cell.noteRead(version);
  return { numbering, plan, storages };
}

/** Runs the plan; variables and tensors have their values from then on, or are as they were. */
function commit(
  { numbering, plan, storages }: Prepared,
  roots: readonly Tensor[],
  versions: readonly Version[],
): void {
  sharePassedOn(numbering, storages);
  const donated = donatedSlots(numbering, plan, storages);
  let updated: readonly Storage[];
  try {
    updated = runPlan(plan, numbering, storages, donated);
  } catch (error) {
    rollBack(versions);
    throw error;
  }
  giveValues(numbering, storages, roots);
  noteComputed(numbering, plan, roots);
  commitVersions(numbering, storages, versions, updated, donated, plan);
}

/**
 * What is only passed on, from a slot to a result or to another variable, has two holders from now on: nobody overwrites
 * these bytes.
 */
function sharePassedOn({ roots, assigned, slotAt }: Numbering, storages: readonly Storage[]): void {
  for (const place of roots) if (slotAt[place] >= 0) storages[slotAt[place]].shared = true;
  for (const place of assigned) if (slotAt[place] >= 0) storages[slotAt[place]].shared = true;
}

/** The slots whose bytes may be written over: an update replaces them, and the plan is settled for their variables. */
function donatedSlots(
  { updates, slots }: Numbering,
  plan: Plan,
  storages: readonly Storage[],
): readonly number[] {
  const donated: number[] = [];
  // In debug mode what a run was given is looked at afterwards.
  for (const { slot } of isDebugMode() ? [] : updates) {
    if (slot >= 0 && !storages[slot].shared && slots[slot].cell?.isSettled(plan)) donated.push(slot);
  }
  return plan.sameDonated(donated);
}

/** Outputs have their values already; what is asked for under another name gets it, too. */
function giveValues(
  { roots: places, slotAt, tensors }: Numbering,
  storages: readonly Storage[],
  roots: readonly Tensor[],
): void {
  for (let i = 0; i < roots.length; i++) {
    // A read leaf stands for its version, which has the value from now on.
    if (roots[i].storage !== null || applies(roots[i], read)) continue;
    const slot = slotAt[places[i]];
    roots[i].storage = slot >= 0 ? storages[slot] : tensors[places[i]].storage;
  }
}

function commitVersions(
  { assigned, slotAt, updates }: Numbering,
  storages: readonly Storage[],
  versions: readonly Version[],
  updated: readonly Storage[],
  donated: readonly number[],
  plan: Plan,
): void {
  // Updates are in the order of the versions, and donated slots in that of the updates.
  let update = 0;
  let given = 0;
  for (let i = 0; i < versions.length; i++) {
    const version = versions[i];
    const slot = slotAt[assigned[i]];
    if (slot >= 0) {
      version.cell.commit(version, storages[slot], plan, false);
      continue;
    }
    const over = given < donated.length && donated[given] === updates[update].slot;
    if (over) given++;
    version.cell.commit(version, updated[update++], plan, over);
  }
}

const rollBack = (versions: readonly Version[]): void => {
  for (const version of versions) version.cell.rollBack(version);
};

/** Other nodes than outputs remember who computed them, in case they are asked for later; calls have no value of their own. */
function noteComputed({ tensors, slots, slotAt }: Numbering, plan: Plan, roots: readonly Tensor[]): void {
  for (let place = 0; place < tensors.length; place++) {
    if (slotAt[place] >= 0 || isControl(tensors[place])) continue;
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
  if (storage.resident === null)
    throw new EngineError("the value was lost", { operation: "read", remedy: FAULT });
  return storage.resident.read();
}
