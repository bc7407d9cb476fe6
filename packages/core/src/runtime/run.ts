import type { Storage } from "../ir/storage.ts";
import type { Numbering } from "./numbering.ts";
import type { Plan } from "./plan.ts";

/** What came of running a plan. */
export interface RunResult {
  /** The value of each root and each assignment of the numbering. */
  readonly values: Storage[];
  /** The value in each output place, those included that the plan has learned to hand out. */
  readonly outputs: ReadonlyMap<number, Storage>;
}

/** More than one holder from now on: nobody overwrites these bytes. */
function share(storage: Storage): Storage {
  storage.shared = true;
  return storage;
}

/**
 * Runs a plan on the storages of its slots. The bytes of a slot that an update replaces may be written over where
 * `mayOverwrite` says so and nobody else holds them.
 */
export function runPlan(
  plan: Plan,
  { roots, slots, outputs: wanted, updates: assigned }: Numbering,
  storages: readonly Storage[],
  mayOverwrite: (slot: number) => boolean,
): RunResult {
  const results = new Map<number, Storage>();
  // What is only passed on, from a slot to a result or to another variable, has two holders.
  const passedOn = new Set(roots);
  slots.forEach(({ place }, slot) => {
    if (passedOn.has(place)) results.set(place, share(storages[slot]));
  });
  if (wanted.length + assigned.length === 0) {
    return { values: roots.map((place) => results.get(place) as Storage), outputs: new Map() };
  }
  const isOnlyUse = (slot: number) =>
    storages.indexOf(storages[slot]) === storages.lastIndexOf(storages[slot]);
  const donated = assigned
    .map(({ slot }) => slot)
    .filter((slot) => slot >= 0 && !storages[slot].shared && isOnlyUse(slot) && mayOverwrite(slot));
  const { outputs, updates } = plan.run(storages, donated);
  for (const [place, storage] of outputs) results.set(place, storage);
  assigned.forEach(({ node }, i) => {
    const known = results.get(node);
    if (known === undefined) results.set(node, updates[i]);
    else share(known);
  });
  return { values: roots.map((place) => results.get(place) as Storage), outputs };
}
