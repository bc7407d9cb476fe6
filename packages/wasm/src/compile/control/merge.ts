import type { Assembled, Instruction, Plan, ProgramDescriptor, ProgramRelocation } from "../program.ts";

/** Where something of a body lies: always in one place, or in the place of each step. */
export interface Home {
  readonly buffer: number;
  readonly offset: number;
  /** Bytes from one step's place to the next one's; 0 for what does not move. */
  readonly step: number;
}

export const fixed = (buffer: number, offset = 0): Home => ({ buffer, offset, step: 0 });

/** A word of a descriptor that is an address which differs from step to step. */
export interface Moving {
  readonly descriptor: number;
  readonly word: number;
  readonly home: Home;
}

/** A descriptor to which words may still be added. */
export interface OpenDescriptor extends ProgramDescriptor {
  readonly words: number[];
  readonly relocations: ProgramRelocation[];
}

/** What is added to a plan for one loop or branch. */
export class Section {
  readonly moving: Moving[] = [];
  readonly reads: number[] = [];
  readonly writes: number[] = [];
  readonly start: number;

  constructor(
    readonly into: Assembled,
    private readonly group: number,
    /** How often what comes next runs, about. */
    public repeats: number,
  ) {
    this.start = into.instructions.length;
  }

  /** The place of the next instruction. */
  get next(): number {
    return this.into.instructions.length;
  }

  buffer(size: number, dtype: Plan["buffers"][number]["dtype"]): number {
    const buffer = this.into.buffers.push({ size, dtype }) - 1;
    this.writes.push(buffer);
    return buffer;
  }

  descriptor(words: number[] = [], relocations: ProgramRelocation[] = []): number {
    return this.into.descriptors.push({ words, relocations } as OpenDescriptor) - 1;
  }

  open(descriptor: number): OpenDescriptor {
    return this.into.descriptors[descriptor] as OpenDescriptor;
  }

  add(target: Instruction["target"], descriptor: number, units = 1, cost = 0): void {
    const { reads, writes, group, repeats } = this;
    this.into.instructions.push({
      target,
      descriptor,
      units,
      group,
      reads,
      writes,
      cost,
      repeats,
      mode: null,
    });
  }

  /** Puts the address of a home into a word. */
  point(descriptor: number, word: number, home: Home): void {
    if (home.step !== 0) this.moving.push({ descriptor, word, home });
    else {
      this.open(descriptor).relocations.push({
        word,
        kind: "buffer",
        buffer: home.buffer,
        offset: home.offset,
      });
    }
  }

  copy(to: Home, from: Home, bytes: number): void {
    if (bytes === 0) return;
    const descriptor = this.descriptor([0, 0, bytes]);
    this.point(descriptor, 0, to);
    this.point(descriptor, 1, from);
    this.add("copyBytes", descriptor, Math.ceil(bytes / 4096), bytes / 16);
  }

  zero(home: Home, bytes: number): void {
    const descriptor = this.descriptor([0, bytes]);
    this.point(descriptor, 0, home);
    this.add("fillZero", descriptor, Math.ceil(bytes / 4096), bytes / 16);
  }

  /** A jump to a record whose place a descriptor holds in its first word. */
  jump(target: "jump" | "mainOnly", descriptor: number): void {
    this.add(target, descriptor, 0);
  }

  /** A descriptor for jumps to an instruction that may still have to come. */
  label(): { readonly descriptor: number; here(): void } {
    const descriptor = this.descriptor([0]);
    return {
      descriptor,
      here: () => this.open(descriptor).relocations.push({ word: 0, kind: "record", record: this.next }),
    };
  }

  /** Adds all of a body's plan; `homeOf` says where its buffers lie. */
  merge(plan: Plan, homeOf: (buffer: number) => Home | null): void {
    const { kernels, descriptors, instructions, checks } = this.into;
    const kernelsBefore = kernels.length;
    const descriptorsBefore = descriptors.length;
    const instructionsBefore = instructions.length;
    kernels.push(...plan.kernels);
    plan.descriptors.forEach(({ words, relocations }) => {
      const id = this.descriptor([...words]);
      for (const one of relocations) {
        const own = this.open(id).relocations;
        if (one.kind === "kernel") own.push({ ...one, kernel: one.kernel + kernelsBefore });
        else if (one.kind === "record") own.push({ ...one, record: one.record + instructionsBefore });
        else if (one.kind === "buffer") {
          const home = homeOf(one.buffer);
          if (home !== null) this.point(id, one.word, { ...home, offset: home.offset + one.offset });
        } else own.push({ ...one, descriptor: one.descriptor + descriptorsBefore });
      }
    });
    for (const one of plan.instructions) {
      const target = typeof one.target === "number" ? one.target + kernelsBefore : one.target;
      this.add(target, one.descriptor + descriptorsBefore, one.units, one.cost);
      const last = instructions.length - 1;
      instructions[last] = { ...instructions[last], mode: one.mode, repeats: this.repeats * one.repeats };
    }
    checks.push(
      ...plan.checks.map((check) => ({ ...check, descriptor: check.descriptor + descriptorsBefore })),
    );
    this.into.scratchBytes = Math.max(this.into.scratchBytes, plan.scratchBytes);
  }

  /** The table of what moves, for the kernel that begins each step: address of the word, address at step 0, bytes. */
  table(descriptor: number): void {
    const { words, relocations } = this.open(descriptor);
    words.push(this.moving.length);
    for (const { descriptor: other, word, home } of this.moving) {
      const at = words.length;
      words.push(0, 0, home.step);
      relocations.push({ word: at, kind: "word", descriptor: other, of: word });
      relocations.push({ word: at + 1, kind: "buffer", buffer: home.buffer, offset: home.offset });
    }
  }

  /**
   * Whether all threads walk through the section, else the main one alone. They meet after each instruction, small ones as well,
   * so what they share must be worth as many barriers as there are instructions.
   */
  get isShared(): boolean {
    let worth = 0;
    for (const { cost, mode, repeats } of this.into.instructions.slice(this.start)) {
      if (mode === "alone") continue;
      worth += repeats * ((isWorthSharing(cost) ? cost : 0) - SHARED_COST);
    }
    return worth >= 0;
  }

  /** Settles who runs the instructions of the section, whose first one sends all threads but the main one past it. */
  settle(shared: boolean): void {
    const { instructions } = this.into;
    if (shared) instructions[this.start] = { ...instructions[this.start], target: "barrier" };
    for (let i = this.start; i < instructions.length; i++) {
      const { mode } = instructions[i];
      instructions[i] = { ...instructions[i], mode: shared ? (mode ?? "together") : "alone" };
    }
  }
}

/** From this many cycles on an instruction is worth the barrier that makes it shared. */
const SHARED_COST = 10_000;

export const isWorthSharing = (cost: number): boolean => cost >= SHARED_COST;
