import type { Storage } from "../ir/storage.ts";
import { checkFinite } from "./finite.ts";
import type { Numbering } from "./numbering.ts";
import type { Plan } from "./plan.ts";

/** Runs a plan on the storages of its slots. Outputs keep their values in their nodes. @returns those of the updates */
export function runPlan(
  plan: Plan,
  { outputs: wanted, updates: assigned, tensors }: Numbering,
  storages: readonly Storage[],
  donated: readonly number[],
): readonly Storage[] {
  const updated: Storage[] = [];
  if (wanted.length + assigned.length === 0) return updated;
  const { outputs, firstUpdates } = plan;
  const results = plan.run(storages, donated);
  checkFinite(plan, tensors, storages, results);
  for (let i = 0; i < outputs.length; i++) tensors[outputs[i]].storage = results[i];
  for (let i = 0; i < assigned.length; i++) {
    const known = firstUpdates[i] < i ? updated[firstUpdates[i]] : tensors[assigned[i].node].storage;
    // With more than one holder nobody overwrites the bytes.
    if (known !== null) known.shared = true;
    updated.push(known ?? results[outputs.length + i]);
  }
  return updated;
}
