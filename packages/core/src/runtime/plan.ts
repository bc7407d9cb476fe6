import type { Storage } from "../ir/storage.ts";
import type { PassedBy } from "../ir/tensor.ts";
import { LruMap } from "../util/lru.ts";
import { shared } from "../util/shared.ts";
import { type Engine, type Executable, getEngine, type Program } from "./engine.ts";
import type { Numbering } from "./numbering.ts";

/** Plans kept at a time; beyond that the one used longest ago is forgotten. */
const MAX_PLANS = 512;

/** A program that runs again and again, and learns which of its values are asked for afterwards. */
export class Plan implements PassedBy {
  private engine: Engine | null = null;
  private executable: Executable | null = null;
  private bound: (Storage | null)[] = [];
  private readonly learned = new Set<number>();
  private outputs: readonly number[];

  constructor(
    readonly key: Int32Array,
    private readonly program: Program,
  ) {
    this.outputs = program.outputs;
  }

  /** The value in place `index` was asked for after a run that had not handed it out: it will be, from now on. */
  learn(index: number): void {
    if (this.learned.has(index) || this.outputs.includes(index)) return;
    this.learned.add(index);
    this.outputs = [...this.program.outputs, ...this.learned];
    this.dispose();
  }

  /** Binds what changed, runs, and gives the value of each output place and of each update, in order. */
  run(
    storages: readonly Storage[],
    donated: readonly number[],
  ): { outputs: Map<number, Storage>; updates: Storage[] } {
    const executable = this.compiled();
    storages.forEach((storage, slot) => {
      if (this.bound[slot] === storage) return;
      executable.bind(slot, storage);
      this.bound[slot] = storage;
    });
    const results = executable.run(donated);
    // What was donated is not there any more, and what a variable was must not be kept alive from here.
    this.program.inputs.forEach(({ kind }, slot) => {
      if (kind === "variable") this.bound[slot] = null;
    });
    const outputs = new Map(this.outputs.map((place, i) => [place, results[i]]));
    return { outputs, updates: results.slice(this.outputs.length) };
  }

  /** The program as the present engine runs it. */
  private compiled(): Executable {
    const engine = getEngine();
    if (this.engine !== engine) this.dispose();
    this.engine = engine;
    this.executable ??= engine.compile({ ...this.program, outputs: this.outputs });
    return this.executable;
  }

  /** Frees the engine's part; the plan compiles again if it is used again. */
  dispose(): void {
    this.executable?.dispose();
    this.executable = null;
    this.bound = [];
  }
}

const cache = shared(
  "plans",
  () =>
    new LruMap<string, Plan[]>(MAX_PLANS, (plans) => {
      for (const plan of plans) plan.dispose();
    }),
);

/** FNV-1a over the numbers of a key. */
function hashOf(key: Int32Array): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i], 0x01000193);
  return `${hash}:${key.length}`;
}

const sameKey = (a: Int32Array, b: Int32Array): boolean => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
};

/** The plan for a numbered graph: one that was made before, or a new one. */
export function planFor({ key, program }: Numbering): Plan {
  const hash = hashOf(key);
  const candidates = cache.get(hash);
  const found = candidates?.find((plan) => sameKey(plan.key, key));
  if (found !== undefined) return found;
  const plan = new Plan(key, program);
  if (candidates === undefined) cache.set(hash, [plan]);
  else candidates.push(plan);
  return plan;
}

/** How many plans are kept. */
export function planCount(): number {
  let count = 0;
  for (const plans of cache.values()) count += plans.length;
  return count;
}
