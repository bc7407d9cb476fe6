import { KeyWriter, Mark } from "../ir/planKey.ts";
import type { Storage } from "../ir/storage.ts";
import type { Tensor } from "../ir/tensor.ts";
import { nextStamp } from "../ir/traversal.ts";
import { applies } from "../prims/builder.ts";
import { input, type ReadParams, read, symbolName } from "../prims/leaves.ts";
import { dtypeRank } from "../types/dtype.ts";
import { shapeId } from "../types/shape.ts";
import { TraceError } from "../util/errors.ts";
import type { Program, ProgramNode, Update } from "./engine.ts";
import type { Variable } from "./variable.ts";
import type { Version } from "./version.ts";

/** A new value for a variable. */
export interface Assignment {
  readonly cell: Variable;
  readonly producer: Tensor | null;
}

/** What is bound to an input: an evaluated tensor, a version of a variable, or a placeholder of a trace. */
export interface Slot {
  readonly tensor: Tensor;
  readonly version: Version | null;
  /** The variable whose committed version this is. */
  readonly cell: Variable | null;
  /** Its place among the numbered nodes. */
  readonly place: number;
}

/** The leaves of a trace that calls fill: for a variable's, the variable. Null for plain flushes. */
export type Placeholders = ReadonlyMap<Tensor, Variable | null> | null;

/** In `slotAt`, for nodes that are no slots. */
const COMPUTED = -1;
const HANDED_OUT = -2;

const writer = new KeyWriter();
/** Nodes on the way from a root to what it is made of; empty between two graphs. */
const stack: Tensor[] = [];

/**
 * The reachable graph, numbered: what a plan is found by, what it is made from, and what is bound to it. Aliases
 * (identity, stopGradient ...) and reads of a version that is computed in the same plan get the number of their source.
 * A plain training loop does this in every step, so it is written for speed.
 */
export class Numbering {
  /** Each numbered node, in an order in which inputs come first. */
  readonly tensors: Tensor[] = [];
  readonly slots: Slot[] = [];
  /** The slot in each place; negative for what is computed. */
  readonly slotAt: number[] = [];
  /** The place of each root's value. */
  readonly roots: number[] = [];
  /** The place of each assignment's value. */
  readonly assigned: number[] = [];
  /** Places of values to hand back, each once, inputs left out. */
  readonly outputs: number[] = [];
  readonly updates: Update[] = [];
  /**
   * Nodes that an earlier plan computed and did not hand out, and that are wanted now by something else than it
   * computed.
   */
  readonly computedBefore: Tensor[] = [];
  private readonly cells = new Map<Variable, number>();
  private readonly stamp = nextStamp();

  /**
   * Numbers everything that the roots and the assignments need and that has no value yet, without recursion.
   * @throws TraceError for a placeholder that is not among `placeholders`
   */
  constructor(
    roots: readonly Tensor[],
    assignments: readonly Assignment[],
    private readonly placeholders: Placeholders,
  ) {
    writer.start();
    stack.length = 0;
    for (const root of roots) this.roots.push(this.number(root));
    for (const place of this.roots) {
      if (this.slotAt[place] !== COMPUTED) continue;
      this.slotAt[place] = HANDED_OUT;
      this.outputs.push(place);
    }
    for (const { producer } of assignments) this.assigned.push(this.number(producer as Tensor));
    for (let i = 0; i < assignments.length; i++) {
      const node = this.assigned[i];
      if (this.slotAt[node] >= 0) continue;
      this.updates.push({ node, slot: this.cells.get(assignments[i].cell) ?? -1 });
    }
    writer.push(Mark.outputs);
    for (const place of this.outputs) writer.push(place);
    writer.push(Mark.updates);
    for (const { node, slot } of this.updates) {
      writer.push(node);
      writer.push(slot);
    }
  }

  /** Equal for graphs that one plan serves; valid until the next graph is numbered. */
  get key(): Int32Array {
    return writer.key;
  }

  /** The graph as engines take it; before anything else is numbered. */
  program(): Program {
    return {
      nodes: this.tensors.map((tensor, place) => this.programNode(tensor, place)),
      inputs: this.slots.map(({ place, version, cell }) => ({
        node: place,
        kind: version === null && cell === null ? "data" : "variable",
      })),
      outputs: this.outputs,
      updates: this.updates,
    };
  }

  private programNode({ prim, inputs, params, shape, dtype }: Tensor, place: number): ProgramNode {
    if (this.slotAt[place] >= 0) return { prim: null, inputs: [], params: NO_PARAMS, shape, dtype };
    return { prim, inputs: inputs.map((source) => source.place), params, shape, dtype };
  }

  /** Depth first, with a stack of our own: a node is placed once its sources are. */
  private number(root: Tensor): number {
    const { stamp } = this;
    this.noteComputedBefore(root);
    stack.push(root);
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      if (node.stamp !== stamp && !this.pushSources(node)) {
        node.place = this.place(node);
        node.stamp = stamp;
      }
      if (node.stamp === stamp) stack.pop();
    }
    return root.place;
  }

  /** Puts what the node is made of onto the stack, as far as it has no place yet. @returns whether there is anything */
  private pushSources(node: Tensor): boolean {
    if (node.storage !== null) return false;
    const { inputs } = node;
    if (inputs.length === 0) {
      const producer = this.producerOf(node);
      if (producer === null || producer.stamp === this.stamp) return false;
      stack.push(producer);
      return true;
    }
    const before = stack.length;
    const first = node.prim.alias ? 1 : inputs.length;
    for (let i = first - 1; i >= 0; i--) if (inputs[i].stamp !== this.stamp) stack.push(inputs[i]);
    return stack.length > before;
  }

  /** What computes the version that a leaf reads, if this plan does. */
  private producerOf(leaf: Tensor): Tensor | null {
    if (!applies(leaf, read) || this.placeholders?.has(leaf)) return null;
    return ((leaf.params as ReadParams).version as Version).producer;
  }

  private place(node: Tensor): number {
    if (node.storage !== null) return this.addSlot(node, null, null);
    const { prim, inputs } = node;
    if (inputs.length === 0) {
      const known = this.placeLeaf(node);
      if (known >= 0) return known;
    } else if (prim.alias) {
      return inputs[0].place;
    }
    writer.push(prim.id);
    writer.push(inputs.length);
    for (let i = 0; i < inputs.length; i++) {
      const source = inputs[i];
      writer.push(source.place);
      if (source.passedBy !== null && node.passedBy === null) this.noteComputedBefore(source);
    }
    writer.push(shapeId(node.shape));
    writer.push(dtypeRank(node.dtype));
    writer.pushParams(node.params);
    this.slotAt.push(COMPUTED);
    return this.tensors.push(node) - 1;
  }

  /** The place of a leaf whose value is bound, or computed by another node; -1 for one that is computed from nothing. */
  private placeLeaf(leaf: Tensor): number {
    const cell = this.placeholders?.get(leaf);
    if (cell !== undefined) return this.addSlot(leaf, null, cell);
    if (applies(leaf, read)) {
      const version = (leaf.params as ReadParams).version as Version;
      if (version.producer !== null) return version.producer.place;
      return this.addSlot(leaf, version, version.cell.committedVersion === version ? version.cell : null);
    }
    if (applies(leaf, input)) throw unknownPlaceholder(leaf);
    return -1;
  }

  private addSlot(tensor: Tensor, version: Version | null, cell: Variable | null): number {
    const place = this.tensors.push(tensor) - 1;
    if (cell !== null) this.cells.set(cell, this.slots.length);
    this.slotAt.push(this.slots.length);
    this.slots.push({ tensor, version, cell, place });
    writer.push(version === null && cell === null ? Mark.data : Mark.variable);
    writer.push(shapeId(tensor.shape));
    writer.push(dtypeRank(tensor.dtype));
    return place;
  }

  private noteComputedBefore(wanted: Tensor): void {
    let node = wanted;
    while (node.storage === null && node.prim.alias) node = node.inputs[0];
    if (node.storage === null && node.passedBy !== null) this.computedBefore.push(node);
  }
}

const NO_PARAMS = Object.freeze({});

function unknownPlaceholder(node: Tensor): TraceError {
  const { name } = node.params as { name: string };
  if (symbolName(node) !== null) {
    return new TraceError(`a value was asked for that depends on the symbol ${name}, which has none`, {
      operation: "evaluate",
      variable: name,
      remedy: `Give it one: evaluate(f, { ${name}: ... })`,
    });
  }
  return new TraceError(`a value was asked for that depends on the placeholder ${name}`, {
    operation: "evaluate",
    remedy:
      "Inside vmap, compile and control flow there are no values yet: choose with where, cond or whileLoop, or return the tensor and read it outside",
  });
}

/** The storage that a slot is bound to in a plain flush. @throws StaleValueError */
export const boundStorage = ({ tensor, version }: Slot): Storage =>
  version === null ? (tensor.storage as Storage) : version.value();
