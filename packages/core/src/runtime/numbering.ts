import type { Storage } from "../ir/storage.ts";
import type { Tensor } from "../ir/tensor.ts";
import { applies } from "../prims/builder.ts";
import { input, type ReadParams, read } from "../prims/leaves.ts";
import { NO_PARAMS } from "../prims/scalar/define.ts";
import { dtypeRank } from "../types/dtype.ts";
import { shapeId } from "../types/shape.ts";
import { TraceError } from "../util/errors.ts";
import { internId, stableText } from "../util/intern.ts";
import type { InputSlot, Program, ProgramNode, Update } from "./engine.ts";
import type { Variable } from "./variable.ts";
import type { Version } from "./version.ts";

/** A new value for a variable. */
export interface Assignment {
  readonly cell: Variable;
  readonly value: Tensor;
}

/** The reachable graph, numbered: what a plan is found by, what it is made from, and what is bound to it. */
export interface Numbering {
  /** Equal for graphs that one plan serves. */
  readonly key: Int32Array;
  readonly program: Program;
  /** The graph's node for each program node. */
  readonly tensors: readonly Tensor[];
  /** What each input slot stands for. */
  readonly slots: readonly Slot[];
  /** The place of each root's value. */
  readonly roots: readonly number[];
  /** Nodes that an earlier plan computed and did not hand out, and that are wanted now by something else than it computed. */
  readonly computedBefore: readonly Tensor[];
}

/** What is bound to an input: an evaluated tensor, a version of a variable, or a placeholder of a trace. */
export interface Slot {
  readonly tensor: Tensor;
  readonly version: Version | null;
}

/** The leaves of a trace that calls fill: for a variable's, the variable. Null for plain flushes. */
export type Placeholders = ReadonlyMap<Tensor, Variable | null> | null;

const SLOT = { data: -1, variable: -2 } as const;
const OUTPUTS = -3;
const UPDATES = -4;

/**
 * Numbers everything that the roots and the assignments need and that has no value yet. Nothing here recurses. Aliases
 * (identity, stopGradient ...) and reads of a version that is computed in the same plan get the number of their source.
 */
export function numberGraph(
  roots: readonly Tensor[],
  assignments: readonly Assignment[],
  placeholders: Placeholders,
): Numbering {
  const state = new Numberer(placeholders);
  const wanted = roots.map((root) => state.number(root));
  const assigned = assignments.map(({ value }) => state.number(value));
  const updates: Update[] = assignments.map(({ cell }, i) => ({
    node: assigned[i],
    slot: state.slotOf(cell),
  }));
  const outputs = [...new Set(wanted)].filter((node) => state.nodes[node].prim !== null);
  const computed = updates.filter(({ node }) => state.nodes[node].prim !== null);
  state.key.push(OUTPUTS, ...outputs, UPDATES);
  for (const { node, slot } of computed) state.key.push(node, slot);
  return {
    key: new Int32Array(state.key),
    program: { nodes: state.nodes, inputs: state.inputs, outputs, updates: computed },
    tensors: state.tensors,
    slots: state.slots,
    roots: [...wanted, ...assigned],
    computedBefore: [...state.computedBefore],
  };
}

class Numberer {
  readonly key: number[] = [];
  readonly nodes: ProgramNode[] = [];
  readonly tensors: Tensor[] = [];
  readonly inputs: InputSlot[] = [];
  readonly slots: Slot[] = [];
  readonly computedBefore = new Set<Tensor>();
  private readonly numbers = new Map<Tensor, number>();
  private readonly cells = new Map<Variable, number>();

  constructor(private readonly placeholders: Placeholders) {}

  /** The slot that is bound to the committed version of `cell`, or -1. */
  slotOf(cell: Variable): number {
    return this.cells.get(cell) ?? -1;
  }

  /** The number of `root`, after numbering what it is made of: depth first, with a stack of our own. */
  number(root: Tensor): number {
    this.noteComputedBefore(root);
    const stack = [root];
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      if (this.numbers.has(node)) {
        stack.pop();
        continue;
      }
      const sources = this.sources(node);
      let ready = true;
      for (let i = sources.length - 1; i >= 0; i--) {
        if (this.numbers.has(sources[i])) continue;
        stack.push(sources[i]);
        ready = false;
      }
      if (!ready) continue;
      stack.pop();
      this.numbers.set(node, this.place(node, sources));
    }
    return this.numbers.get(root) as number;
  }

  /** What must be numbered before `node`. */
  private sources(node: Tensor): readonly Tensor[] {
    if (node.storage !== null || this.placeholders?.has(node)) return [];
    if (applies(node, read)) {
      const { producer } = (node.params as ReadParams).version as Version;
      return producer === null ? [] : [producer];
    }
    if (applies(node, input)) throw unknownPlaceholder(node);
    return node.prim.alias ? [node.inputs[0]] : node.inputs;
  }

  private noteComputedBefore(wanted: Tensor): void {
    let node = wanted;
    while (node.storage === null && node.prim.alias) node = node.inputs[0];
    if (node.storage === null && node.passedBy !== null) this.computedBefore.add(node);
  }

  private place(node: Tensor, sources: readonly Tensor[]): number {
    if (node.storage !== null) return this.addSlot(node, null);
    const cell = this.placeholders?.get(node);
    if (cell !== undefined) return this.addSlot(node, null, cell);
    if (applies(node, read)) {
      if (sources.length === 1) return this.numbers.get(sources[0]) as number;
      return this.addSlot(node, (node.params as ReadParams).version as Version);
    }
    if (node.prim.alias) return this.numbers.get(sources[0]) as number;
    if (node.passedBy === null) for (const source of sources) this.noteComputedBefore(source);
    const inputs = sources.map((source) => this.numbers.get(source) as number);
    if (node.paramsId === 0) node.paramsId = paramsIdOf(node.params);
    this.key.push(
      node.prim.id,
      inputs.length,
      ...inputs,
      shapeId(node.shape),
      dtypeRank(node.dtype),
      node.paramsId,
    );
    return this.add(node, {
      prim: node.prim,
      inputs,
      params: node.params,
      shape: node.shape,
      dtype: node.dtype,
    });
  }

  private addSlot(tensor: Tensor, version: Version | null, cell: Variable | null = null): number {
    const kind = version === null && cell === null ? "data" : "variable";
    const place = this.add(tensor, {
      prim: null,
      inputs: [],
      params: NO_PARAMS,
      shape: tensor.shape,
      dtype: tensor.dtype,
    });
    const current = version?.cell.committedVersion === version ? version?.cell : cell;
    if (current != null) this.cells.set(current, this.slots.length);
    this.inputs.push({ node: place, kind });
    this.slots.push({ tensor, version });
    this.key.push(SLOT[kind], shapeId(tensor.shape), dtypeRank(tensor.dtype));
    return place;
  }

  private add(tensor: Tensor, node: ProgramNode): number {
    this.nodes.push(node);
    this.tensors.push(tensor);
    return this.nodes.length - 1;
  }
}

const EMPTY_ID = internId(stableText({}));

/** The number of equal params. Scalar operations share one empty object. */
const paramsIdOf = (params: object): number =>
  params === NO_PARAMS ? EMPTY_ID : internId(stableText(params));

const unknownPlaceholder = (node: Tensor): TraceError =>
  new TraceError(
    `a value was asked for that depends on the placeholder ${(node.params as { name: string }).name}`,
    {
      operation: "evaluate",
      remedy:
        "Inside vmap, compile and control flow there are no values yet: choose with where, cond or scan, or return the tensor and read it outside",
    },
  );

/** The storage that a slot is bound to in a plain flush. @throws StaleValueError */
export const boundStorage = ({ tensor, version }: Slot): Storage =>
  version === null ? (tensor.storage as Storage) : version.value();
