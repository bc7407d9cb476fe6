import type { Storage } from "../ir/storage.ts";
import type { Numbering } from "./numbering.ts";
import type { Plan } from "./plan.ts";

/**
 * What is only passed on, from a slot to a result or to another variable, has two holders from now on: nobody overwrites
 * these bytes.
 */
export function sharePassedOn({ roots, slots }: Numbering, storages: readonly Storage[]): void {
  const passedOn = new Set(roots);
  slots.forEach(({ place }, slot) => {
    if (passedOn.has(place)) storages[slot].shared = true;
  });
}

/**
 * Runs a plan on the storages of its slots; outputs keep their values in their nodes.
 * @returns the value of each root, then of each assignment, of the numbering
 */
export function runPlan(
  plan: Plan,
  { roots, slots, outputs: wanted, updates: assigned, tensors }: Numbering,
  storages: readonly Storage[],
  donated: readonly number[],
): readonly Storage[] {
  const values = new Map<number, Storage>();
  slots.forEach(({ place }, slot) => {
    values.set(place, storages[slot]);
  });
  if (wanted.length + assigned.length > 0) {
    const { outputs } = plan;
    const results = plan.run(storages, donated);
    outputs.forEach((place, i) => {
      values.set(place, results[i]);
      tensors[place].storage = results[i];
    });
    assigned.forEach(({ node }, i) => {
      const known = values.get(node);
      if (known === undefined) values.set(node, results[outputs.length + i]);
      else known.shared = true;
    });
  }
  return roots.map((place) => values.get(place) as Storage);
}
