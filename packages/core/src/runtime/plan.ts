import type { Storage } from "../ir/storage.ts";
import type { PassedBy } from "../ir/tensor.ts";
import { LruMap } from "../util/lru.ts";
import { shared } from "../util/shared.ts";
import { type Engine, type Executable, getEngine, type Program } from "./engine.ts";
import type { Numbering } from "./numbering.ts";

/** Plans kept at a time; beyond that the one used longest ago is forgotten. */
const MAX_PLANS = 512;

const NO_SLOTS: readonly number[] = [];

/** A program that runs again and again, and learns which of its values are asked for afterwards. */
export class Plan implements PassedBy {
  private engine: Engine | null = null;
  private executable: Executable | null = null;
  private bound: (Storage | null)[] = [];
  /** The plan that came after this one when it was used last. */
  next: Plan | null = null;
  private readonly learned = new Set<number>();
  private places: readonly number[];
  private readonly variableSlots: readonly number[];
  /** For each update, the first that has the same value. */
  readonly firstUpdates: readonly number[];
  private donated: readonly number[] = NO_SLOTS;

  constructor(
    readonly key: Int32Array,
    readonly program: Program,
    readonly hash = 0,
  ) {
    this.places = program.outputs;
    this.variableSlots = program.inputs.flatMap(({ kind }, slot) => (kind === "variable" ? [slot] : []));
    const first = new Map<number, number>();
    program.updates.forEach(({ node }, i) => {
      if (!first.has(node)) first.set(node, i);
    });
    this.firstUpdates = program.updates.map(({ node }) => first.get(node) as number);
  }

  /** The list of slots to give away: the very same list as before where it has the same members. */
  sameDonated(slots: readonly number[]): readonly number[] {
    const { donated } = this;
    let same = donated.length === slots.length;
    for (let i = 0; same && i < slots.length; i++) same = donated[i] === slots[i];
    if (!same) this.donated = slots;
    return this.donated;
  }

  /** Places of the values that a run hands out, those included that were learned. */
  get outputs(): readonly number[] {
    return this.places;
  }

  /** The value in place `index` was asked for after a run that had not handed it out: it will be, from now on. */
  learn(index: number): void {
    if (this.learned.has(index) || this.places.includes(index)) return;
    this.learned.add(index);
    this.places = [...this.program.outputs, ...this.learned];
    this.dispose();
  }

  /**
   * Binds what changed, runs, and gives the value of each of `outputs`, then of each update. `lent` are slots for data
   * that a variable's value is bound to.
   */
  run(
    storages: readonly Storage[],
    donated: readonly number[],
    lent: readonly number[] = NO_SLOTS,
  ): readonly Storage[] {
    const executable = this.compiled();
    const { bound } = this;
    try {
      for (let slot = 0; slot < storages.length; slot++) {
        if (bound[slot] === storages[slot]) continue;
        executable.bind(slot, storages[slot]);
        bound[slot] = storages[slot];
      }
      return executable.run(donated);
    } finally {
      // A variable's bytes change, and what it was must not be kept alive from here.
      for (const slot of this.variableSlots) bound[slot] = null;
      for (const slot of lent) bound[slot] = null;
    }
  }

  /** Bytes of data that the plan keeps alive because it was bound last. */
  get heldBytes(): number {
    return this.bound.reduce((sum, storage) => sum + (storage?.host?.byteLength ?? 0), 0);
  }

  /** The program as the present engine runs it. */
  private compiled(): Executable {
    const engine = getEngine();
    if (this.engine !== engine) this.dispose();
    this.engine = engine;
    this.executable ??= engine.compile({ ...this.program, outputs: this.places });
    return this.executable;
  }

  /** Frees the engine's part; the plan compiles again if it is used again. */
  dispose(): void {
    this.executable?.dispose();
    this.executable = null;
    this.bound = [];
  }
}

type Bucket = Plan[];

/** Plans remember the data last bound to them; beyond this many bytes those used longest ago let go of it. */
const MAX_HELD_BYTES = 256 * 2 ** 20;

const disposeAll = (plans: Bucket): void => {
  for (const plan of plans) plan.dispose();
};

interface PlanCache {
  readonly plans: LruMap<number, Bucket>;
  /** The plan used last. Programs repeat themselves: the plan that followed it before is likely the next one, too. */
  last: Plan | null;
}

const cache = shared<PlanCache>("plans", () => ({ plans: new LruMap(MAX_PLANS, disposeAll), last: null }));

/** FNV-1a over the numbers of a key. */
function hashOf(key: Int32Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i], 0x01000193);
  return hash;
}

function sameKey(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The plan for a numbered graph: one that was made before, or a new one. */
export function planFor(numbering: Numbering): Plan {
  const { last } = cache;
  const plan = expected(last?.next ?? null, numbering.key) ?? lookUp(numbering);
  if (last !== null) last.next = plan;
  cache.last = plan;
  return plan;
}

/** A plan, if it has the key and is still in the cache, where it counts as used. */
function expected(plan: Plan | null, key: Int32Array): Plan | null {
  if (plan === null || !sameKey(plan.key, key)) return null;
  return cache.plans.get(plan.hash)?.includes(plan) ? plan : null;
}

function lookUp(numbering: Numbering): Plan {
  const { key } = numbering;
  const hash = hashOf(key);
  const bucket = cache.plans.get(hash);
  const found = bucket?.find((plan) => sameKey(plan.key, key));
  if (found !== undefined) return found;
  const plan = new Plan(key.slice(), numbering.program(), hash);
  cache.plans.set(hash, [...(bucket ?? []), plan]);
  letGo();
  return plan;
}

/** Makes plans let go of data, those used longest ago first, until what is held is within the limit. */
function letGo(): void {
  const buckets = [...cache.plans.values()];
  let held = buckets.flat().reduce((sum, plan) => sum + plan.heldBytes, 0);
  for (const bucket of buckets) {
    if (held <= MAX_HELD_BYTES) return;
    held -= bucket.reduce((sum, plan) => sum + plan.heldBytes, 0);
    disposeAll(bucket);
  }
}

/** How many plans are kept. */
export const planCount = (): number => [...cache.plans.values()].flat().length;
