import { EngineError, type Executable, type Program, Storage } from "@cotangent/core";
import { bytesOf } from "../compile/emit/vector.ts";
import { compileProgram, type Plan, type ResultPlace } from "../compile/program.ts";
import { BARRIER_AFTER, END_OF_LIST, RECORD_BYTES } from "../machine/index.ts";
import type { Context } from "./context.ts";
import { Block, copyArray } from "./residency.ts";

/** From this many cycles on the threads are worth their fork. */
const PARALLEL_COST = 150_000;
/** Results of at most so many bytes are copied out at once rather than kept in the engine's memory. */
const SMALL_RESULT = 4096;

/** An input of a plan. */
interface BoundSlot {
  readonly buffer: number;
  readonly bytes: number;
  readonly isVariable: boolean;
  /** What is bound. */
  storage: Storage | null;
  block: Block | null;
  /** Memory of the plan's own that a typed array is copied into. */
  staging: number;
  /** The address that the descriptors hold. */
  address: number;
}

/** Where an output or update goes. */
interface Result extends ResultPlace {
  readonly size: number;
  readonly isSmall: boolean;
  /** The first result of the same buffer; results share their storage with it. */
  readonly first: number;
}

/** A plan with memory: what core binds and runs. */
export class WasmExecutable implements Executable {
  readonly plan: Plan;
  private readonly slots: BoundSlot[];
  private readonly results: Result[];
  /** The instruction list, the descriptors behind it, small results behind those. */
  private memory = 0;
  private list = 0;
  private readonly descriptorAt: number[] = [];
  /** For each buffer the words that hold addresses in it, as [address of the word, offset]. */
  private readonly patches = new Map<number, [number, number][]>();
  private readonly smallAt = new Map<number, number>();
  private arenaVersion = -1;
  private readonly isParallel: boolean;

  constructor(
    private readonly context: Context,
    readonly program: Program,
  ) {
    this.plan = compileProgram(program);
    const { buffers, outputs, updates, slots, cost } = this.plan;
    this.isParallel = cost > PARALLEL_COST;
    this.slots = slots.map((buffer, slot) => {
      const { node, kind } = program.inputs[slot];
      const { shape, dtype } = program.nodes[node];
      const bytes = shape.reduce((size, n) => size * n, bytesOf(dtype));
      return {
        buffer,
        bytes,
        isVariable: kind === "variable",
        storage: null,
        block: null,
        staging: 0,
        address: 0,
      };
    });
    const all = [...outputs, ...updates];
    this.results = all.map((place, i) => {
      const { size, dtype } = buffers[place.buffer];
      const first = all.findIndex((other) => other.buffer === place.buffer);
      const isSmall = i < outputs.length && size * bytesOf(dtype) <= SMALL_RESULT;
      return { ...place, size, first, isSmall };
    });
    this.build();
  }

  bind(slot: number, storage: Storage): void {
    const bound = this.slots[slot];
    bound.storage = storage;
    bound.block = storage.resident instanceof Block ? storage.resident : null;
    if (bound.buffer < 0 || bound.bytes === 0 || bound.block !== null) return;
    this.upload(bound);
  }

  run(donated: readonly number[]): readonly Storage[] {
    const { machine, residency } = this.context;
    const blocks: (Block | null)[] = [];
    try {
      this.prepare(donated, blocks);
      machine.run(this.list, this.isParallel);
    } catch (error) {
      this.abandon(blocks, donated);
      throw error;
    } finally {
      residency.pinned.clear();
    }
    return this.finish(blocks, donated);
  }

  /** Microseconds of each instruction on one thread, the best of several runs with these inputs. */
  profile(storages: readonly Storage[], runs = 5): number[] {
    storages.forEach((storage, slot) => {
      this.bind(slot, storage);
    });
    const { machine, residency } = this.context;
    const blocks: (Block | null)[] = [];
    this.prepare([], blocks);
    const best = this.plan.instructions.map(() => Number.POSITIVE_INFINITY);
    const single = machine.heap.allocate(2 * RECORD_BYTES);
    try {
      for (let run = 0; run < runs; run++) {
        best.forEach((_, i) => {
          const words = machine.heap.views.i32;
          const from = this.list / 4 + 4 * i;
          words.copyWithin(single / 4, from, from + 4);
          words[single / 4 + 4] = END_OF_LIST;
          const start = performance.now();
          machine.run(single, false);
          best[i] = Math.min(best[i], 1000 * (performance.now() - start));
        });
      }
    } finally {
      machine.heap.free(single);
      residency.pinned.clear();
      this.abandon(blocks, []);
    }
    return best;
  }

  dispose(): void {
    const { heap } = this.context.machine;
    for (const slot of this.slots) {
      if (slot.staging !== 0) heap.free(slot.staging);
      slot.staging = 0;
      slot.storage = null;
      slot.block = null;
    }
    if (this.memory !== 0) {
      heap.free(this.memory);
      this.context.kernels.release(this.plan.kernels);
    }
    this.memory = 0;
  }

  /** Writes the instruction list and the descriptors into memory, all but the addresses that change. */
  private build(): void {
    const { plan, context } = this;
    const { descriptors, instructions, kernels, buffers } = plan;
    const { machine } = context;
    const indices = context.kernels.acquire(kernels);
    let bytes = (instructions.length + 1) * RECORD_BYTES;
    for (const { words } of descriptors) {
      this.descriptorAt.push(bytes);
      bytes += Math.ceil(words.length / 4) * 16;
    }
    for (const { buffer, isSmall, size } of this.results) {
      if (!isSmall || this.smallAt.has(buffer)) continue;
      bytes = Math.ceil(bytes / 64) * 64;
      this.smallAt.set(buffer, bytes);
      bytes += size * bytesOf(buffers[buffer].dtype) + 64;
    }
    machine.ensureScratch(plan.scratchBytes);
    this.memory = machine.heap.allocate(bytes);
    this.list = this.memory;
    const words = new Int32Array(machine.memory.buffer as ArrayBuffer, this.memory, bytes >> 2);
    instructions.forEach(({ target, descriptor, units }, i) => {
      const index = typeof target === "number" ? indices[target] : machine.library.get(target);
      if (index === undefined)
        throw new EngineError(`the library has no kernel ${target}`, { operation: "compile" });
      words.set([index, this.memory + this.descriptorAt[descriptor], units, BARRIER_AFTER], 4 * i);
    });
    words[4 * instructions.length] = END_OF_LIST;
    descriptors.forEach(({ words: contents, relocations }, id) => {
      const at = this.descriptorAt[id] >> 2;
      words.set(contents, at);
      for (const relocation of relocations) {
        const word = at + relocation.word;
        if (relocation.kind === "kernel") words[word] = indices[relocation.kernel];
        else if (relocation.kind === "descriptor")
          words[word] = this.memory + this.descriptorAt[relocation.descriptor];
        else {
          const list = this.patches.get(relocation.buffer) ?? [];
          list.push([this.memory / 4 + word, relocation.offset]);
          this.patches.set(relocation.buffer, list);
        }
      }
    });
    for (const [buffer, offset] of this.smallAt) this.patch(buffer, this.memory + offset);
  }

  /** Writes the address of a buffer wherever descriptors hold it. */
  private patch(buffer: number, address: number): void {
    const words = this.context.machine.heap.views.i32;
    for (const [word, offset] of this.patches.get(buffer) ?? []) words[word] = address + offset;
  }

  /** Copies a typed array into memory of the plan's own. */
  private upload(slot: BoundSlot): void {
    const { heap } = this.context.machine;
    const { storage, bytes } = slot;
    const host = storage?.host ?? null;
    if (host === null) throw new EngineError("the value was lost", { operation: "bind" });
    if (slot.staging === 0) slot.staging = heap.allocate(bytes);
    heap.views.u8.set(new Uint8Array(host.buffer, host.byteOffset, host.byteLength), slot.staging);
  }

  /** All addresses in place: of inputs, of the arena, of results, whose blocks it lists. */
  private prepare(donated: readonly number[], blocks: (Block | null)[]): void {
    const { context, plan } = this;
    const { residency, arena } = context;
    for (const { block } of this.slots) if (block !== null) residency.pinned.add(block);
    arena.ensure(plan.arena.bytes);
    if (this.arenaVersion !== arena.version) {
      for (const [buffer, offset] of plan.arena.offsets) this.patch(buffer, arena.address + offset);
      this.arenaVersion = arena.version;
    }
    for (const slot of this.slots) {
      if (slot.buffer < 0 || slot.bytes === 0) continue;
      // A value that was moved out of the engine's memory since it was bound.
      if (slot.block !== null && slot.block.address === 0) {
        slot.block = null;
        this.upload(slot);
      }
      if (slot.block !== null) residency.touch(slot.block);
      const address = slot.block?.address ?? slot.staging;
      if (address === slot.address) continue;
      slot.address = address;
      this.patch(slot.buffer, address);
    }
    this.results.forEach((result, i) => {
      blocks.push(this.place(result, i, donated));
    });
  }

  /** The block that a result is written to; null for small ones and for repeated ones. */
  private place(
    { buffer, size, isSmall, overwrites, first }: Result,
    i: number,
    donated: readonly number[],
  ): Block | null {
    if (isSmall || first !== i || size === 0) return null;
    const old = overwrites >= 0 && donated.includes(overwrites) ? this.slots[overwrites].block : null;
    const { dtype } = this.plan.buffers[buffer];
    const block = old ?? this.context.residency.allocate(dtype, size);
    this.context.residency.pinned.add(block);
    this.patch(buffer, block.address);
    return block;
  }

  /** The records of all results. */
  private finish(blocks: readonly (Block | null)[], donated: readonly number[]): Storage[] {
    const { residency, machine } = this.context;
    const storages: Storage[] = [];
    this.results.forEach(({ buffer, size, isSmall, first }, i) => {
      const { dtype } = this.plan.buffers[buffer];
      const block = blocks[i];
      if (first !== i) {
        // Two holders: nobody writes over it.
        storages[first].shared = true;
        storages.push(storages[first]);
      } else if (block !== null) storages.push(block.storage ?? residency.storageOf(block));
      else {
        const at = isSmall ? this.memory + (this.smallAt.get(buffer) as number) : 0;
        storages.push(new Storage(dtype, size, copyArray(machine.memory.buffer, at, dtype, size)));
      }
    });
    for (const slot of donated) {
      const { block } = this.slots[slot];
      if (block !== null && !blocks.includes(block)) residency.drop(block);
    }
    for (const slot of this.slots) if (slot.isVariable) this.letGo(slot);
    return storages;
  }

  /** A variable's value is bound anew before every run: what was copied for it is not needed any more. */
  private letGo(slot: BoundSlot): void {
    if (slot.staging !== 0) this.context.machine.heap.free(slot.staging);
    slot.staging = 0;
    slot.storage = null;
    slot.block = null;
  }

  /** The run failed: what it had begun to write is nobody's. */
  private abandon(blocks: readonly (Block | null)[], donated: readonly number[]): void {
    const own = new Set(donated.map((slot) => this.slots[slot].block));
    for (const block of blocks) if (block !== null && !own.has(block)) this.context.residency.drop(block);
  }
}
