import type { Program } from "@cotangent/core";
import { planConv } from "../library/conv/index.ts";
import { CUMULATIVE_SCRATCH, planCumulative } from "../library/cumulative/plan.ts";
import { foldCost, planFold } from "../library/fold.ts";
import { type GemmOperand, type GemmPlan, planGemm } from "../library/gemm/index.ts";
import { sortCost, sortMemory } from "../library/sort.ts";
import { sizeOf } from "./affine.ts";
import { type Interval, layOutArena } from "./arena.ts";
import { gemmProblem } from "./contraction.ts";
import { absorbLoops } from "./control/absorb.ts";
import { assembleBranch } from "./control/branch.ts";
import { assembleLoop } from "./control/loop.ts";
import { convFlops, convProblem } from "./convolution.ts";
import { type Descriptor, describe, type Layout, layOut, stripOf } from "./emit/layout.ts";
import { FLAT_UNIT } from "./emit/rows.ts";
import { bytesOf, LANES } from "./emit/vector.ts";
import { fuse, type Group, type ProductItem } from "./fuse.ts";
import { type Graph, graphOf, nodesOfSlots } from "./graph.ts";
import type {
  ArgReduceItem,
  ArgSortItem,
  Buffer,
  ControlItem,
  ConvItem,
  CumulativeItem,
  DotItem,
  FoldItem,
  PickItem,
  StridedOperand,
} from "./items.ts";
import { loadsOf } from "./items.ts";
import { chooseLayouts } from "./layouts/index.ts";
import { type LookupStep, lowerGather, lowerPick, lowerScatter } from "./lookupSteps.ts";
import { bodyCost, type LoopKernel, lowerGroup } from "./loops.ts";
import { materialize } from "./materialize.ts";
import { schedule } from "./schedule.ts";
import { simplify } from "./simplify.ts";

/** What a word of a descriptor holds besides numbers. */
export type ProgramRelocation =
  | { readonly word: number; readonly kind: "buffer"; readonly buffer: number; readonly offset: number }
  /** The table index of a generated kernel, by its place among `kernels`. */
  | { readonly word: number; readonly kind: "kernel"; readonly kernel: number }
  /** The address of another descriptor. */
  | { readonly word: number; readonly kind: "descriptor"; readonly descriptor: number }
  /** The address of a word of a descriptor. */
  | { readonly word: number; readonly kind: "word"; readonly descriptor: number; readonly of: number }
  /** The address of an instruction's record, or of what comes behind the last one. */
  | { readonly word: number; readonly kind: "record"; readonly record: number };

/** The contents of one descriptor. */
export interface ProgramDescriptor {
  readonly words: readonly number[];
  readonly relocations: readonly ProgramRelocation[];
}

/** One step of a plan. */
export interface Instruction {
  /** A function of the library by its name, or a generated kernel by its place; or `jump`, `mainOnly`, `barrier`. */
  readonly target: string | number;
  readonly descriptor: number;
  readonly units: number;
  /** The group that it is part of. */
  readonly group: number;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** About how many cycles it takes on one thread. */
  readonly cost: number;
  /** About how often it runs. */
  readonly repeats: number;
  /** Of a loop or a branch: whether all threads walk through it together, or the main one alone. */
  readonly mode: "together" | "alone" | null;
}

/** Where the value of an output or update is. */
export interface ResultPlace {
  readonly buffer: number;
  /** For updates: the slot whose memory may be written over, or -1. */
  readonly overwrites: number;
  readonly slot: number;
}

/** An instruction that notes indices which are out of range in its descriptor. */
export interface IndexCheck {
  readonly item: PickItem;
  readonly descriptor: number;
  readonly units: number;
}

/** What groups are turned into, one after the other. */
export interface Assembled {
  readonly buffers: Buffer[];
  readonly kernels: Layout[];
  readonly descriptors: ProgramDescriptor[];
  readonly instructions: Instruction[];
  readonly checks: IndexCheck[];
  scratchBytes: number;
}

/** A compiled program, before it has memory. */
export interface Plan {
  readonly graph: Graph;
  readonly groups: readonly Group[];
  readonly buffers: readonly Buffer[];
  readonly kernels: readonly Layout[];
  readonly descriptors: readonly ProgramDescriptor[];
  readonly instructions: readonly Instruction[];
  readonly outputs: readonly ResultPlace[];
  readonly updates: readonly ResultPlace[];
  /** For each input slot its buffer, or -1 where nothing reads it. */
  readonly slots: readonly number[];
  readonly arena: { readonly offsets: ReadonlyMap<number, number>; readonly bytes: number };
  readonly scratchBytes: number;
  readonly cost: number;
  readonly checks: readonly IndexCheck[];
  /**
   * The first instruction that may only run when all indices are known to be in range, since it writes over a variable; -1
   * where there is none.
   */
  readonly afterChecks: number;
}

/** All passes, one after the other. */
export function compileProgram(program: Program): Plan {
  const simple = simplify(graphOf(program), false);
  const laid = chooseLayouts(simple);
  const graph = absorbLoops(laid === simple ? simple : simplify(laid, true));
  const materialized = materialize(graph, compileProgram);
  const groups = fuse(materialized);
  const slotNodes = nodesOfSlots(graph);
  const { order, inPlace } = schedule(
    groups,
    graph.updates,
    materialized.bufferOf,
    (slot) => slotNodes.get(slot) ?? -1,
  );
  const assembler = new Assembler(graph, order, [...materialized.buffers]);
  const outputs = graph.outputs.map((id) => ({
    buffer: materialized.bufferOf(id),
    overwrites: -1,
    slot: -1,
  }));
  const updates = graph.updates.map(({ node, slot }, i) => ({
    buffer: materialized.bufferOf(node),
    overwrites: inPlace[i] ? slot : -1,
    slot,
  }));
  const kept = new Set([...outputs, ...updates].map(({ buffer }) => buffer));
  assembler.run(kept);
  const used = new Set(assembler.instructions.flatMap(({ reads }) => reads));
  const slots = program.inputs.map((_, slot) => {
    const node = slotNodes.get(slot);
    return node !== undefined && used.has(node) ? node : -1;
  });
  return {
    graph,
    groups: order,
    buffers: assembler.buffers,
    kernels: assembler.kernels,
    descriptors: assembler.descriptors,
    instructions: assembler.instructions,
    outputs,
    updates,
    slots,
    arena: layOutArena(intervalsOf(assembler, kept)),
    scratchBytes: assembler.scratchBytes,
    cost: assembler.instructions.reduce((sum, { cost, repeats }) => sum + repeats * cost, 0),
    checks: assembler.checks,
    afterChecks: firstToWriteOver(assembler, updates),
  };
}

function firstToWriteOver({ instructions, checks }: Assembler, updates: readonly ResultPlace[]): number {
  if (checks.length === 0) return -1;
  const over = new Set(updates.flatMap(({ buffer, overwrites }) => (overwrites < 0 ? [] : [buffer])));
  return instructions.findIndex(({ writes }) => writes.some((buffer) => over.has(buffer)));
}

/** Turns groups into descriptors and instructions. */
class Assembler implements Assembled {
  readonly kernels: Layout[] = [];
  readonly descriptors: ProgramDescriptor[] = [];
  readonly instructions: Instruction[] = [];
  readonly checks: IndexCheck[] = [];
  scratchBytes = 0;

  constructor(
    readonly graph: Graph,
    private readonly groups: readonly Group[],
    readonly buffers: Buffer[],
  ) {}

  run(kept: ReadonlySet<number>): void {
    const readers = new Map<number, Set<Group>>();
    for (const group of this.groups) {
      for (const item of group.items) {
        for (const buffer of loadsOf(item)) {
          const set = readers.get(buffer) ?? new Set();
          readers.set(buffer, set.add(group));
        }
      }
    }
    for (const group of this.groups) {
      const isNeeded = (buffer: number): boolean =>
        kept.has(buffer) || [...(readers.get(buffer) ?? [])].some((reader) => reader !== group);
      this.group(group, isNeeded);
    }
  }

  private group(group: Group, isNeeded: (buffer: number) => boolean): void {
    const [first] = group.items;
    if (first.kind === "dot") this.dot(group, first, isNeeded);
    else if (first.kind === "conv") this.conv(group, first, isNeeded);
    else if (first.kind === "fold") this.fold(group, first);
    else if (first.kind === "argReduce") this.argReduce(group, first);
    else if (first.kind === "cumulative") this.cumulative(group, first);
    else if (first.kind === "pick") this.pick(group, first);
    else if (first.kind === "gather") this.lookup(group, lowerGather(first));
    else if (first.kind === "scatter") this.lookup(group, lowerScatter(first));
    else if (first.kind === "argSort") this.argSort(group, first);
    else if (first.kind === "fill") this.fill(group, first.buffer);
    else if (first.kind === "control") this.control(group, first);
    else this.loops(group, lowerGroup(group, this.buffers, isNeeded));
  }

  private loops(group: Group, kernel: LoopKernel): void {
    const { id, layout, scratchBytes } = this.kernel(kernel);
    this.needScratch(scratchBytes);
    this.add(group, this.kernels.length - 1, id, unitsOf(layout), {
      reads: kernelReads(kernel),
      writes: kernel.stores.map(({ buffer }) => buffer),
      cost: (sizeOf([...kernel.outer, ...kernel.inner]) / LANES) * bodyCost(kernel),
    });
  }

  /** Adds a generated kernel and its descriptor. */
  private kernel(kernel: LoopKernel): { id: number; layout: Layout; scratchBytes: number } {
    const layout = layOut(kernel);
    this.kernels.push(layout);
    const { words, relocations, scratchBytes } = describe(layout);
    return { id: this.descriptor(words, relocations), layout, scratchBytes };
  }

  private descriptor(words: readonly number[], relocations: Descriptor["relocations"]): number {
    const moved = relocations.map((one) => ({ kind: "buffer" as const, ...one }));
    return this.descriptors.push({ words, relocations: moved }) - 1;
  }

  private add(
    group: Group,
    target: Instruction["target"],
    descriptor: number,
    units: number,
    effects: Pick<Instruction, "reads" | "writes" | "cost">,
  ): void {
    const once = { group: group.index, repeats: 1, mode: null };
    this.instructions.push({ target, descriptor, units, ...once, ...effects });
  }

  private needScratch(bytes: number): void {
    this.scratchBytes = Math.max(this.scratchBytes, bytes);
  }

  private dot(group: Group, item: DotItem, isNeeded: (buffer: number) => boolean): void {
    const problem = gemmProblem(item, group.items.length > 1);
    const { m, n, k, batch } = problem;
    this.product(group, item, [item.x, item.y], planGemm(problem), 2 * m * n * k * batch, isNeeded);
  }

  private conv(group: Group, item: ConvItem, isNeeded: (buffer: number) => boolean): void {
    const plan = planConv(convProblem(item, group.items.length > 1));
    this.product(group, item, [item.x, item.w], plan, convFlops(item), isNeeded);
  }

  /** The instructions of a product, and its epilogue. */
  private product(
    group: Group,
    item: ProductItem,
    [a, b]: readonly Pick<StridedOperand, "buffer" | "offset">[],
    plan: GemmPlan,
    flops: number,
    isNeeded: (buffer: number) => boolean,
  ): void {
    const bytes = bytesOf(item.dtype);
    let epilogue: { kernel: number; descriptor: number; lowered: LoopKernel } | null = null;
    let epilogueScratch = 0;
    if (group.items.length > 1) {
      const lowered = lowerGroup(group, this.buffers, isNeeded);
      const { id, scratchBytes } = this.kernel(lowered);
      epilogueScratch = scratchBytes;
      epilogue = { kernel: this.kernels.length - 1, descriptor: id, lowered };
    }
    this.needScratch(plan.scratchBytes + epilogueScratch);
    const workspace =
      plan.workspaceBytes > 0
        ? this.buffers.push({ size: Math.ceil(plan.workspaceBytes / 8), dtype: "float64" }) - 1
        : -1;
    const reads = [a.buffer, b.buffer, ...(epilogue === null ? [] : kernelReads(epilogue.lowered))];
    const results = epilogue === null ? [item.buffer] : epilogue.lowered.stores.map(({ buffer }) => buffer);
    type Place = (word: number, more: number) => ProgramRelocation;
    const inBuffer =
      (buffer: number, offset: number): Place =>
      (word, more) => ({ word, kind: "buffer", buffer, offset: offset + more });
    const places: Readonly<Record<GemmOperand, Place>> = {
      a: inBuffer(a.buffer, a.offset * bytes),
      b: inBuffer(b.buffer, b.offset * bytes),
      c: inBuffer(item.buffer, 0),
      workspace: inBuffer(workspace, 0),
      epilogueFunction: (word) => ({ word, kind: "kernel", kernel: epilogue?.kernel as number }),
      epilogueDescriptor: (word) => ({
        word,
        kind: "descriptor",
        descriptor: epilogue?.descriptor as number,
      }),
    };
    plan.instructions.forEach((one) => {
      const relocations = one.relocations.map(({ word, operand, offset = 0 }) =>
        places[operand](word, offset),
      );
      const descriptor = this.descriptors.push({ words: one.words, relocations }) - 1;
      const space = workspace < 0 ? [] : [workspace];
      this.add(group, one.name, descriptor, one.units, {
        reads: [...reads, ...space],
        writes: [...results, ...space],
        cost: flops / 16 / plan.instructions.length,
      });
    });
  }

  private fold(group: Group, item: FoldItem): void {
    const { name, words, units, start, scratchBytes } = planFold(item);
    this.needScratch(scratchBytes);
    this.fill(group, item.buffer);
    const descriptor = this.descriptor(words, [
      { word: 0, buffer: item.x.buffer, offset: item.x.offset * bytesOf(item.dtype) + start.from },
      { word: 1, buffer: item.buffer, offset: start.to },
    ]);
    this.add(group, name, descriptor, units, {
      reads: [item.x.buffer],
      writes: [item.buffer],
      cost: foldCost(item),
    });
  }

  private argReduce(group: Group, item: ArgReduceItem): void {
    const { outer, size, inner } = item;
    const descriptor = this.descriptor(
      [0, 0, size, inner],
      [
        { word: 0, buffer: item.source, offset: 0 },
        { word: 1, buffer: item.buffer, offset: 0 },
      ],
    );
    this.add(group, `arg${item.op}.${item.sourceDtype}`, descriptor, outer * inner, {
      reads: [item.source],
      writes: [item.buffer],
      cost: outer * inner * size * 2,
    });
  }

  private cumulative(group: Group, item: CumulativeItem): void {
    const { name, units, words, start } = planCumulative(item);
    const [values, factors] = [item.sources.at(-1) as number, item.sources[0]];
    const descriptor = this.descriptor(
      [0, 0, 0, ...words],
      [values, factors, item.buffer].map((buffer, word) => ({ word, buffer, offset: start })),
    );
    this.needScratch(CUMULATIVE_SCRATCH);
    this.add(group, name, descriptor, units, {
      reads: [...new Set(item.sources)],
      writes: [item.buffer],
      cost: item.outer * item.inner * item.size * 2,
    });
  }

  private pick(group: Group, item: PickItem): void {
    const step = lowerPick(item);
    this.checks.push({ item, descriptor: this.lookup(group, step), units: step.units });
  }

  private lookup(
    group: Group,
    { target, words, buffers, units, scratchBytes, ...effects }: LookupStep,
  ): number {
    const relocations = buffers.map((buffer, word) => ({ word, buffer, offset: 0 }));
    const descriptor = this.descriptor(
      words,
      relocations.filter(({ buffer }) => buffer >= 0),
    );
    this.needScratch(scratchBytes);
    this.add(group, target, descriptor, units, effects);
    return descriptor;
  }

  private argSort(group: Group, item: ArgSortItem): void {
    const { outer, size, inner, descending, sourceDtype } = item;
    const { bytes, shared } = sortMemory(sourceDtype, size);
    const rows = outer * inner;
    const space: number[] = [];
    if (shared) space.push(this.buffers.push({ size: (rows * bytes) / 8, dtype: "float64" }) - 1);
    else this.needScratch(bytes);
    const descriptor = this.descriptor(
      [0, 0, size, inner, descending ? -1 : 0, 0, bytes],
      [item.source, item.buffer, ...space].map((buffer, i) => ({ word: [0, 1, 5][i], buffer, offset: 0 })),
    );
    this.add(group, `argsort.${sourceDtype}`, descriptor, rows, {
      reads: [item.source, ...space],
      writes: [item.buffer, ...space],
      cost: rows * sortCost(sourceDtype, size),
    });
  }

  private control(group: Group, item: ControlItem): void {
    if (item.compiled.kind === "loop") assembleLoop(this, group.index, item, item.compiled);
    else assembleBranch(this, group.index, item, item.compiled);
  }

  private fill(group: Group, buffer: number): void {
    const { size, dtype } = this.buffers[buffer];
    const bytes = size * bytesOf(dtype);
    const descriptor = this.descriptor([0, bytes], [{ word: 0, buffer, offset: 0 }]);
    this.add(group, "fillZero", descriptor, Math.ceil(bytes / 4096), {
      reads: [],
      writes: [buffer],
      cost: bytes / 16,
    });
  }
}

const kernelReads = ({ values, tile }: LoopKernel): number[] => [
  ...new Set(values.flatMap((value) => (value.op === "load" && value.buffer !== tile ? [value.buffer] : []))),
];

/** Units of work that a kernel falls into. */
function unitsOf({ kernel }: Layout): number {
  const { mode, outer, inner, reductions } = kernel;
  if (mode === "columns")
    return sizeOf(outer.slice(0, -1)) * Math.ceil(outer[outer.length - 1] / stripOf(kernel));
  if (outer.length === 0 && reductions.length === 0) return Math.ceil(inner[0] / FLAT_UNIT);
  return sizeOf(outer);
}

/** When each buffer that is not handed out is needed. */
function intervalsOf({ instructions, buffers, graph }: Assembler, kept: ReadonlySet<number>): Interval[] {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  instructions.forEach(({ reads, writes }, step) => {
    for (const buffer of [...reads, ...writes]) {
      if (!first.has(buffer)) first.set(buffer, step);
      last.set(buffer, step);
    }
  });
  return [...first]
    .filter(([buffer]) => !kept.has(buffer) && graph.nodes[buffer]?.prim !== null)
    .map(([buffer, from]) => ({
      buffer,
      bytes: buffers[buffer].size * bytesOf(buffers[buffer].dtype),
      first: from,
      last: last.get(buffer) as number,
    }));
}
