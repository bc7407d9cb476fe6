import { EngineError, type Executable, type Program, Storage, type TypedArray } from "@cotangent/core";
import { isWorthSharing } from "../compile/control/merge.ts";
import { bytesOf } from "../compile/emit/vector.ts";
import { compileProgram, type Instruction, type Plan, type ResultPlace } from "../compile/program.ts";
import {
  BARRIER_AFTER,
  CLAIM_SHIFT,
  CLAIMED,
  END_OF_LIST,
  JUMP,
  MAIN_ONLY,
  RECORD_BYTES,
  RunFailure,
  SERIAL,
} from "../machine/index.ts";
import type { Context } from "./context.ts";
import { type PlacedCheck, throwIfOutOfRange } from "./indexChecks.ts";
import { type Block, copyArray } from "./residency.ts";
import { InputMemory, type Patches, patch } from "./slots.ts";
import { ThreadChoice } from "./threadChoice.ts";

/** From this many cycles on (about 50 us) of shared work the threads are worth their fork. */
const PARALLEL_COST = 150_000;
/** About how many cycles a processor has in a millisecond. */
const CYCLES_PER_MS = 3e6;
/** Costlier instructions are claimed piece by piece, so that a thread that is slowed down holds up nobody. */
const CLAIMED_COST = 50_000;
const CLAIMS_EACH = 8;
/** Results of at most so many bytes are copied out at once rather than kept in the engine's memory. */
const SMALL_RESULT = 4096;

/** Where an output or update goes. */
interface Result extends ResultPlace {
  readonly size: number;
  readonly dtype: Storage["dtype"];
  readonly patches: Patches | undefined;
  /** For small outputs, where in the plan's memory the value is copied from; else -1. */
  readonly smallAt: number;
  /** The first result of the same buffer: results of one buffer share its storage. */
  readonly first: number;
}

/** A plan with memory: what core binds and runs. */
export class WasmExecutable implements Executable {
  readonly plan: Plan;
  private readonly slots: InputMemory[];
  private readonly used: InputMemory[];
  private readonly results: Result[];
  /** The instruction list, the descriptors behind it, small results behind those. */
  private memory = 0;
  /** For each buffer the words that hold addresses in it. */
  private readonly patches = new Map<number, { words: number[]; offsets: number[] }>();
  /** Where indices that are out of range are noted. */
  private checks: readonly PlacedCheck[] = [];
  private arenaVersion = -1;
  /** Null for plans with too little work for several threads. */
  private readonly choice: ThreadChoice | null;
  /** About how long the shared work takes on one thread, in milliseconds. */
  private readonly expected: number;
  /** The list of donated slots seen last, and for each result the slot that it is written over, or -1. */
  private lastDonated: readonly number[] | null = null;
  private over: readonly number[] = [];
  /** Donated slots whose memory nothing takes over. */
  private freed: readonly number[] = [];

  constructor(
    private readonly context: Context,
    readonly program: Program,
  ) {
    const { machine, residency } = context;
    this.plan = compileProgram(program);
    const { buffers, outputs, updates, slots, instructions } = this.plan;
    const shared = instructions.filter(isShared);
    const cost = shared.reduce((sum, instruction) => sum + instruction.repeats * instruction.cost, 0);
    this.choice = cost >= PARALLEL_COST && machine.threads > 1 ? new ThreadChoice() : null;
    this.expected = cost / CYCLES_PER_MS;
    const smallAt = this.build();
    const all = [...outputs, ...updates];
    const firsts = new Map<number, number>();
    all.forEach(({ buffer }, i) => {
      if (!firsts.has(buffer)) firsts.set(buffer, i);
    });
    this.results = all.map((place, i): Result => {
      const { size, dtype } = buffers[place.buffer];
      const first = firsts.get(place.buffer) as number;
      const at = first < outputs.length && i < outputs.length ? smallAt.get(place.buffer) : undefined;
      return { ...place, size, dtype, first, patches: this.patches.get(place.buffer), smallAt: at ?? -1 };
    });
    this.slots = slots.map(
      (buffer, slot) => new InputMemory(machine, residency, program, slot, this.patches.get(buffer)),
    );
    this.used = this.slots.filter(({ isUsed }) => isUsed);
  }

  bind(slot: number, storage: Storage): void {
    this.slots[slot].bind(storage);
  }

  run(donated: readonly number[]): readonly Storage[] {
    const { residency } = this.context;
    if (donated !== this.lastDonated) this.foresee(donated);
    const blocks = new Array<Block | null>(this.results.length).fill(null);
    try {
      this.prepare(blocks);
      if (this.choice === null) this.runLists(false);
      else this.runTimed(this.choice);
    } catch (error) {
      this.abandon(blocks);
      throw this.asLoss(error);
    } finally {
      residency.unpin();
    }
    return this.finish(blocks);
  }

  /** What ends a run half-way says so, where variables were being written over. */
  private asLoss(error: unknown): unknown {
    const count = this.over.filter((slot) => slot >= 0).length;
    if (!(error instanceof RunFailure) || count === 0) return error;
    const variables = count === 1 ? "a variable was" : `${count} variables were`;
    return new EngineError(`${error.message} Meanwhile ${variables} being written over`, {
      operation: "run",
      remedy: "Assign their values anew (setState of a saved state): some elements are new, some old.",
      cause: error,
    });
  }

  private runTimed(choice: ThreadChoice): void {
    const kind = choice.next();
    const start = performance.now();
    const wasTogether = this.runLists(kind === 1, this.expected);
    choice.record(kind, performance.now() - start, wasTogether);
  }

  /**
   * Runs all instructions: where variables are written over, in two lists, the first of which looks at all indices.
   * @returns whether other threads took part
   * @throws IndexError for an index that is out of range; then nothing was written over
   */
  private runLists(parallel: boolean, expected = 0): boolean {
    const { machine } = this.context;
    const { afterChecks } = this.plan;
    let together = machine.run(this.memory, parallel, expected);
    if (this.checks.length > 0) throwIfOutOfRange(machine, this.checks);
    if (afterChecks >= 0) {
      together = machine.run(this.memory + this.recordAt(afterChecks), parallel, expected) || together;
    }
    return together;
  }

  /** Where the record of an instruction is in the plan's memory: the first list ends with a record of its own. */
  private recordAt(instruction: number): number {
    const { afterChecks } = this.plan;
    const before = afterChecks >= 0 && instruction >= afterChecks ? 1 : 0;
    return (instruction + before) * RECORD_BYTES;
  }

  /** Microseconds of each instruction on one thread, the best of several runs with these inputs. */
  profile(storages: readonly Storage[], runs = 5): number[] {
    storages.forEach((storage, slot) => {
      this.bind(slot, storage);
    });
    const { residency } = this.context;
    this.foresee([]);
    const blocks = new Array<Block | null>(this.results.length).fill(null);
    this.prepare(blocks);
    const { instructions } = this.plan;
    const best = instructions.map(() => Number.POSITIVE_INFINITY);
    try {
      for (let run = 0; run < runs; run++) {
        for (let i = 0; i < best.length; ) {
          const end = endOfSection(instructions, i);
          best[i] = Math.min(best[i], 1000 * this.timed(i, end));
          // A loop is timed as a whole.
          best.fill(0, i + 1, end);
          i = end;
        }
      }
    } finally {
      residency.unpin();
      this.abandon(blocks);
    }
    return best;
  }

  /** Milliseconds of the instructions from one up to another, on one thread. */
  private timed(from: number, to: number): number {
    const { machine } = this.context;
    const behind = (this.memory + this.recordAt(to)) / 4;
    const words = machine.heap.views.i32;
    const target = words[behind];
    words[behind] = END_OF_LIST;
    try {
      const start = performance.now();
      machine.run(this.memory + this.recordAt(from), false);
      return performance.now() - start;
    } finally {
      machine.heap.views.i32[behind] = target;
    }
  }

  dispose(): void {
    for (const slot of this.slots) slot.release();
    if (this.memory === 0) return;
    this.context.machine.heap.free(this.memory);
    this.context.kernels.release(this.plan.kernels);
    this.memory = 0;
  }

  /** Writes instructions and descriptors, all but the addresses that change; gives where small results are. */
  private build(): Map<number, number> {
    const { plan, context } = this;
    const { descriptors, instructions, kernels, buffers, outputs } = plan;
    const { machine, library } = context;
    const indices = context.kernels.acquire(kernels);
    const targets = instructions.map(({ target }) =>
      typeof target === "number" ? indices[target] : (NOT_CALLED[target] ?? library.index(target)),
    );
    let bytes = this.recordAt(instructions.length) + RECORD_BYTES;
    const descriptorAt = descriptors.map(({ words }) => {
      const at = bytes;
      bytes += Math.ceil(words.length / 4) * 16;
      return at;
    });
    const smallAt = new Map<number, number>();
    for (const { buffer } of outputs) {
      const size = buffers[buffer].size * bytesOf(buffers[buffer].dtype);
      if (size > SMALL_RESULT || smallAt.has(buffer)) continue;
      bytes = Math.ceil(bytes / 64) * 64;
      smallAt.set(buffer, bytes);
      bytes += size + 64;
    }
    machine.ensureScratch(plan.scratchBytes);
    this.memory = machine.heap.allocate(bytes);
    const start = this.memory / 4;
    const memory = machine.heap.views.i32;
    instructions.forEach(({ descriptor, units }, i) => {
      memory.set(
        [
          targets[i],
          this.memory + descriptorAt[descriptor],
          units,
          flagsOf(instructions, i, machine.threads),
        ],
        start + this.recordAt(i) / 4,
      );
    });
    memory[start + this.recordAt(instructions.length) / 4] = END_OF_LIST;
    if (plan.afterChecks >= 0) memory[start + this.recordAt(plan.afterChecks) / 4 - 4] = END_OF_LIST;
    this.checks = plan.checks.map((check) => ({
      ...check,
      address: this.memory + descriptorAt[check.descriptor],
    }));
    descriptors.forEach(({ words, relocations }, id) => {
      const at = start + descriptorAt[id] / 4;
      memory.set(words, at);
      for (const relocation of relocations) {
        const word = at + relocation.word;
        if (relocation.kind === "kernel") memory[word] = indices[relocation.kernel];
        else if (relocation.kind === "descriptor")
          memory[word] = this.memory + descriptorAt[relocation.descriptor];
        else if (relocation.kind === "word")
          memory[word] = this.memory + descriptorAt[relocation.descriptor] + 4 * relocation.of;
        else if (relocation.kind === "record") memory[word] = this.memory + this.recordAt(relocation.record);
        else this.notePatch(relocation.buffer, word, relocation.offset);
      }
    });
    for (const [buffer, offset] of smallAt) patch(machine, this.patches.get(buffer), this.memory + offset);
    return smallAt;
  }

  private notePatch(buffer: number, word: number, offset: number): void {
    let patches = this.patches.get(buffer);
    if (patches === undefined) {
      patches = { words: [], offsets: [] };
      this.patches.set(buffer, patches);
    }
    patches.words.push(word);
    patches.offsets.push(offset);
  }

  /** What follows from the list of donated slots, which is mostly the same from run to run. */
  private foresee(donated: readonly number[]): void {
    this.lastDonated = donated;
    this.over = this.results.map(({ overwrites, smallAt, first }, i) =>
      smallAt < 0 && first === i && donated.includes(overwrites) ? overwrites : -1,
    );
    this.freed = donated.filter((slot) => !this.over.includes(slot));
  }

  /** All addresses in place: of inputs, of the arena, of results, whose blocks it lists. */
  private prepare(blocks: (Block | null)[]): void {
    const { machine, residency, arena } = this.context;
    const { plan, results, over } = this;
    residency.beginRun();
    arena.ensure(plan.arena.bytes);
    if (this.arenaVersion !== arena.version) {
      for (const [buffer, offset] of plan.arena.offsets) {
        patch(machine, this.patches.get(buffer), arena.address + offset);
      }
      this.arenaVersion = arena.version;
    }
    let isPinned = false;
    for (let i = 0; i < results.length; i++) {
      const { size, dtype, smallAt, first, patches } = results[i];
      if (smallAt >= 0 || first !== i || size === 0) continue;
      const old = over[i] < 0 ? null : this.slots[over[i]].block;
      if (old !== null && old.address !== 0) {
        // Its slot's address is the result's.
        blocks[i] = old;
        patch(machine, patches, old.address);
        continue;
      }
      if (!isPinned) this.pinInputs();
      isPinned = true;
      const block = residency.allocate(dtype, size);
      residency.pin(block);
      blocks[i] = block;
      patch(machine, patches, block.address);
    }
    for (const slot of this.used) slot.settle();
  }

  private pinInputs(): void {
    for (const { block } of this.slots) if (block !== null) this.context.residency.pin(block);
  }

  /** The records of all results. */
  private finish(blocks: readonly (Block | null)[]): Storage[] {
    const { residency } = this.context;
    const storages = new Array<Storage>(blocks.length);
    for (let i = 0; i < blocks.length; i++) {
      const { dtype, size, smallAt, first } = this.results[i];
      const block = blocks[i];
      if (block !== null) storages[i] = residency.storageOf(block);
      else if (first === i) storages[i] = new Storage(dtype, size, this.small(dtype, size, smallAt));
      else {
        // Two holders: nobody writes over it.
        storages[first].shared = true;
        storages[i] = storages[first];
      }
    }
    for (const slot of this.freed) {
      const { block } = this.slots[slot];
      if (block !== null) residency.drop(block);
    }
    // A variable's value is bound anew before every run: what was copied for it is not needed any more.
    for (const slot of this.used) if (slot.isVariable) slot.release();
    return storages;
  }

  private small(dtype: Storage["dtype"], size: number, smallAt: number): TypedArray {
    const { heap, memory } = this.context.machine;
    const at = this.memory + smallAt;
    if (size === 1 && dtype === "float32") {
      const one = new Float32Array(1);
      one[0] = heap.views.f32[at / 4];
      return one;
    }
    return copyArray(memory.buffer, at, dtype, size);
  }

  /** The run failed: what was allocated for its results is nobody's. */
  private abandon(blocks: readonly (Block | null)[]): void {
    blocks.forEach((block, i) => {
      if (block !== null && this.over[i] < 0) this.context.residency.drop(block);
    });
  }
}

/** Records that are no calls: the index that stands for each. What has no units is not called either. */
const NOT_CALLED: Readonly<Record<string, number>> = { jump: JUMP, mainOnly: MAIN_ONLY, barrier: 0 };

/** The instruction behind a loop or a branch that begins here; else the next one. */
function endOfSection(instructions: readonly Instruction[], from: number): number {
  const { mode, group } = instructions[from];
  let end = from + 1;
  while (mode !== null && end < instructions.length && instructions[end].group === group) end++;
  return end;
}

const isShared = ({ cost, mode }: Instruction): boolean => mode !== "alone" && isWorthSharing(cost);

/**
 * Threads meet wherever work is handed from one to several or back; what only the main thread does needs no barrier. In loops
 * and branches that they walk through together they meet after each instruction: what comes next is not known.
 */
function flagsOf(instructions: readonly Instruction[], i: number, threads: number): number {
  const { cost, units, mode, target } = instructions[i];
  if (target === "barrier") return SERIAL | BARRIER_AFTER;
  const next = instructions[i + 1];
  if (!isShared(instructions[i])) {
    const handsOn = mode === "together" || (mode === null && next !== undefined && isShared(next));
    return SERIAL | (handsOn ? BARRIER_AFTER : 0);
  }
  const step = Math.max(1, Math.floor(units / (CLAIMS_EACH * threads)));
  const claims = cost < CLAIMED_COST ? 0 : CLAIMED | (step << CLAIM_SHIFT);
  return claims | (next === undefined ? 0 : BARRIER_AFTER);
}
