import type { DType } from "@cotangent/core";
import type { Affine } from "../affine.ts";
import { accumulatorDtype } from "../items.ts";
import type { LoopKernel } from "../loops.ts";
import { costOf, type Value } from "../values.ts";
import { bytesOf, LANES } from "./vector.ts";

/** How four neighbouring elements are reached: all the same, side by side, or one by one. */
export type AccessKind = "splat" | "contiguous" | "scattered";

/** Where the descriptor of a kernel holds what an access needs. */
export interface AccessSlot {
  readonly kind: AccessKind;
  readonly dtype: DType;
  readonly isIndex: boolean;
  /** Word of the address of the first element (for an index: its first value). */
  readonly base: number;
  /** For each dimension the word of its stride in bytes, or null where it is 0. */
  readonly strides: readonly (number | null)[];
}

/** A kernel's structure: everything that its code depends on. Sizes, strides and addresses stand in descriptors. */
export interface Layout {
  readonly kernel: LoopKernel;
  /** Equal for kernels that can share code. */
  readonly signature: string;
  /** Words of the sizes, outer dimensions first. */
  readonly sizes: readonly number[];
  readonly ragged: number | null;
  /** For columns: the word of how many of them a unit has. */
  readonly strip: number | null;
  /** For loads and indices by value, for stores by place. */
  readonly loads: ReadonlyMap<number, AccessSlot>;
  readonly stores: readonly AccessSlot[];
  /** Words of the literals that are no part of the code, by value. */
  readonly literals: ReadonlyMap<number, number>;
  /** Whether the loop of the vectors is a multiple of four long. */
  readonly isAligned: boolean;
  /** Whether that loop is long enough to do several rounds at a time. */
  readonly isLong: boolean;
  readonly stages: readonly number[];
  /** Values kept in scratch from one stage for later ones. */
  readonly stash: ReadonlyMap<number, Stashed>;
  readonly words: number;
}

/** A value that the loops of one stage keep for those of others. */
export interface Stashed {
  /** The word of its offset in scratch. */
  readonly word: number;
  readonly stage: number;
  readonly later: ReadonlySet<number>;
}

/** A word of a descriptor that is an address: of a buffer, plus bytes. */
export interface Relocation {
  readonly word: number;
  readonly buffer: number;
  readonly offset: number;
}

/** The contents of a descriptor. */
export interface Descriptor {
  readonly words: readonly number[];
  readonly relocations: readonly Relocation[];
  /** Bytes of scratch that each thread needs. */
  readonly scratchBytes: number;
}

/** Elements from which on several rounds are done at a time. */
const LONG = 32;

/** Units that the columns of a kernel fall into at least, where each has a cache line of them. */
const STRIPS = 8;
const LINE = 16;
const WIDEST_STRIP = 1024;

/** Columns in a unit of a kernel that reduces columns: a function of its sizes. */
export function stripOf({ outer }: LoopKernel): number {
  const columns = outer[outer.length - 1];
  const units = outer.slice(0, -1).reduce((product, n) => product * n, 1);
  const wanted = Math.ceil(columns / Math.ceil(STRIPS / units));
  return Math.min(WIDEST_STRIP, LINE * Math.ceil(wanted / LINE));
}

/** Bytes of the running totals of four columns. */
export const accumulatedBytes = ({ reductions, values }: LoopKernel): number =>
  reductions.reduce((sum, { op, value }) => {
    return sum + LANES * stashBytes(accumulatorDtype(op, values[value].dtype));
  }, 0);

/** From this cost on a value is kept for later stages rather than computed again. */
const STASHED_COST = 8;

/** The dimension along which vectors run. */
export const vectorDimension = ({ mode, outer, inner }: LoopKernel): number =>
  mode === "columns" ? outer.length - 1 : outer.length + inner.length - 1;

export function layOut(kernel: LoopKernel): Layout {
  const { outer, inner, values, reductions, stores, mode, ragged } = kernel;
  const rank = outer.length + inner.length;
  const vector = vectorDimension(kernel);
  let words = 0;
  const sizes = Array.from({ length: rank }, () => words++);
  const raggedWord = ragged === null ? null : words++;
  const strip = mode === "columns" ? words++ : null;
  const parts: string[] = [mode, `${outer.length}x${inner.length}`];
  const slot = (access: Affine, dtype: DType, isIndex: boolean): AccessSlot => {
    const last = access.strides[vector];
    const kind: AccessKind = last === 0 ? "splat" : last === 1 ? "contiguous" : "scattered";
    const base = words++;
    const strides = access.strides.map((stride, d) =>
      stride === 0 || (d === vector && kind === "contiguous") ? null : words++,
    );
    parts.push(`${kind[0]}${strides.map((word) => (word === null ? 0 : 1)).join("")}`);
    return { kind, dtype, isIndex, base, strides };
  };
  const isAligned = ragged === null ? [...outer, ...inner][vector] % LANES === 0 : ragged % LANES === 0;
  const isLong = mode !== "columns" && [...outer, ...inner][vector] >= LONG;
  parts.push(isAligned ? "a" : "u", isLong ? "long" : "", ragged === null ? "" : "ragged");
  const loads = new Map<number, AccessSlot>();
  const literals = new Map<number, number>();
  values.forEach((value, id) => {
    parts.push(valueKey(value, kernel));
    if (value.op === "constant" && !isCommon(value.value)) {
      literals.set(id, words);
      words += value.dtype === "float64" ? 2 : 1;
    }
    if (value.op === "load") loads.set(id, slot(value.access, value.dtype, false));
    if (value.op === "index") loads.set(id, slot(value.access, value.dtype, true));
  });
  for (const { node, op, value, dtype } of reductions)
    parts.push(`${op}:${value}:${dtype}:${nodeIndex(kernel, node)}`);
  const storeSlots = stores.map((store) => {
    parts.push(`s${store.value}:${store.level}:${store.dtype}`);
    return slot(store.access, store.dtype, false);
  });
  const stages = stagesOf(kernel);
  const stash = new Map<number, Stashed>();
  for (const [id, uses] of stashedValues(kernel, stages)) {
    const stage = Math.min(...uses);
    stash.set(id, { word: words++, stage, later: new Set([...uses].filter((use) => use !== stage)) });
  }
  return {
    kernel,
    signature: parts.join("|"),
    sizes,
    ragged: raggedWord,
    strip,
    loads,
    stores: storeSlots,
    literals,
    isAligned,
    isLong,
    stages,
    stash,
    words,
  };
}

/** Literals that stand in the code; others stand in descriptors, so that kernels which differ in them are one. */
const isCommon = (value: number): boolean => !Number.isFinite(value) || COMMON.has(value);
const COMMON: ReadonlySet<number> = new Set([-2, -1, -0.5, 0, 0.5, 1, 2]);

const nodeIndex = ({ reductions }: LoopKernel, node: number): number =>
  reductions.findIndex((reduction) => reduction.node === node);

function valueKey(value: Value, kernel: LoopKernel): string {
  switch (value.op) {
    case "load":
      return `l${value.dtype}${value.buffer === kernel.tile ? "T" : ""}`;
    case "index":
      return `i${value.dtype}`;
    case "constant":
      if (!isCommon(value.value)) return `c${value.dtype}`;
      return `c${value.dtype}${Object.is(value.value, -0) ? "-0" : value.value}`;
    case "reduced":
      return `r${nodeIndex(kernel, value.node)}`;
    case "scalar":
      return `${value.name}.${value.variant}.${value.dtype}(${value.args.join()})`;
  }
}

/** For each value the stage from which on it is known: reductions are known a stage after what they reduce. */
function stagesOf({ values, reductions }: LoopKernel): number[] {
  const stages: number[] = [];
  values.forEach((value, id) => {
    if (value.op === "scalar") stages[id] = value.args.reduce((last, arg) => Math.max(last, stages[arg]), 0);
    else if (value.op === "reduced") {
      const { value: source } = reductions.find(({ node }) => node === value.node) as { value: number };
      stages[id] = stages[source] + 1;
    } else stages[id] = 0;
  });
  return stages;
}

/** Whether a value changes within a row. */
export function isInner(kernel: LoopKernel, id: number, memo: Map<number, boolean> = new Map()): boolean {
  const known = memo.get(id);
  if (known !== undefined) return known;
  const value = kernel.values[id];
  let inner = false;
  if (value.op === "load" || value.op === "index") {
    inner = value.access.strides.slice(kernel.outer.length).some((stride) => stride !== 0);
    if (value.op === "load" && value.buffer === kernel.tile) inner = true;
  } else if (value.op === "scalar") inner = value.args.some((arg) => isInner(kernel, arg, memo));
  memo.set(id, inner);
  return inner;
}

/** What the loops of each stage compute for themselves: values that are reduced or written there. */
export function stageTargets(kernel: LoopKernel, stages: readonly number[]): number[][] {
  const memo = new Map<number, boolean>();
  const last = Math.max(0, ...stages);
  const targets: number[][] = Array.from({ length: last + 1 }, () => []);
  for (const { value } of kernel.reductions) targets[stages[value]].push(value);
  for (const { value, level } of kernel.stores) {
    if (level === "element") targets[stages[value]].push(value);
  }
  return targets.map((list) => [...new Set(list)].filter((id) => isInner(kernel, id, memo)));
}

/** Rounds of four elements that the loops of a stage do at a time: as many as there are registers for. */
export function roundsOf({ kernel, isLong, loads, stores }: Layout, targets: readonly number[]): number {
  const isScattered = [...loads.values(), ...stores].some(({ kind }) => kind === "scattered");
  if (!isLong || isScattered) return 1;
  const seen = new Set<number>();
  let cost = 0;
  const visit = (id: number): void => {
    if (seen.has(id)) return;
    seen.add(id);
    const value = kernel.values[id];
    cost += costOf(value);
    if (value.op === "scalar") value.args.forEach(visit);
  };
  targets.forEach(visit);
  return cost <= 8 ? 4 : cost <= 24 ? 2 : 1;
}

/** Costly values that loops of several stages need, and the stages. */
function stashedValues(kernel: LoopKernel, stages: readonly number[]): [number, ReadonlySet<number>][] {
  if (kernel.mode !== "rows") return [];
  const memo = new Map<number, boolean>();
  const uses = new Map<number, Set<number>>();
  const isCostly = (id: number): boolean =>
    costOf(kernel.values[id]) >= STASHED_COST && isInner(kernel, id, memo);
  stageTargets(kernel, stages).forEach((targets, stage) => {
    const visit = (id: number): void => {
      const seen = uses.get(id) ?? new Set<number>();
      if (seen.has(stage)) return;
      uses.set(id, seen.add(stage));
      const value = kernel.values[id];
      // What an earlier stage has kept is not computed again, nor is what it was made of.
      if (value.op === "scalar" && !(seen.size > 1 && isCostly(id))) value.args.forEach(visit);
    };
    targets.forEach(visit);
  });
  return [...uses].filter(([id, seen]) => seen.size > 1 && isCostly(id)).sort(([a], [b]) => a - b);
}

/** The descriptor of one kernel that has this layout. */
export function describe(layout: Layout): Descriptor {
  const { kernel, sizes, loads, stores, stash, literals } = layout;
  const words = new Array<number>(layout.words).fill(0);
  const relocations: Relocation[] = [];
  [...kernel.outer, ...kernel.inner].forEach((size, d) => {
    words[sizes[d]] = size;
  });
  if (layout.ragged !== null) words[layout.ragged] = kernel.ragged as number;
  if (layout.strip !== null) words[layout.strip] = stripOf(kernel);
  const place = (slot: AccessSlot, access: Affine, buffer: number | null): void => {
    const bytes = slot.isIndex ? 1 : bytesOf(slot.dtype);
    if (buffer === null) words[slot.base] = access.offset;
    else relocations.push({ word: slot.base, buffer, offset: access.offset * bytes });
    slot.strides.forEach((word, d) => {
      if (word !== null) words[word] = access.strides[d] * bytes;
    });
  };
  for (const [id, slot] of loads) {
    const value = kernel.values[id];
    if (value.op === "load") place(slot, value.access, value.buffer === kernel.tile ? null : value.buffer);
    else if (value.op === "index") place(slot, value.access, null);
  }
  stores.forEach((slot, i) => {
    place(slot, kernel.stores[i].access, kernel.stores[i].buffer);
  });
  for (const [id, word] of literals) {
    const value = kernel.values[id];
    if (value.op === "constant") words.splice(word, ...wordsOf(value.value, value.dtype));
  }
  const rowElements = kernel.inner.reduce((product, n) => product * n, 1);
  let scratchBytes = layout.strip === null ? 0 : (stripOf(kernel) / LANES) * accumulatedBytes(kernel);
  for (const [id, { word }] of stash) {
    words[word] = scratchBytes;
    // Whole vectors are written at the end of a row.
    scratchBytes += Math.ceil((rowElements * stashBytes(kernel.values[id].dtype)) / 64) * 64 + 64;
  }
  return { words, relocations, scratchBytes };
}

/** How many words a literal takes, and those. */
function wordsOf(value: number, dtype: DType): [number, ...number[]] {
  if (dtype === "float32") return [1, new Int32Array(new Float32Array([value]).buffer)[0]];
  if (dtype === "float64") return [2, ...new Int32Array(new Float64Array([value]).buffer)];
  return [1, value | 0];
}

/** Bytes that an element of a stashed value takes: masks are kept as such. */
export const stashBytes = (dtype: DType): number => (dtype === "float64" ? 8 : 4);
