import type { Storage } from "../ir/storage.ts";
import type { Tensor } from "../ir/tensor.ts";
import { nextStamp } from "../ir/traversal.ts";
import { applies } from "../prims/builder.ts";
import { input, type ReadParams, read } from "../prims/leaves.ts";
import { dtypeRank } from "../types/dtype.ts";
import { shapeId } from "../types/shape.ts";
import { TraceError } from "../util/errors.ts";
import type { Program, ProgramNode, Update } from "./engine.ts";
import { KeyWriter, Mark } from "./planKey.ts";
import type { Variable } from "./variable.ts";
import type { Version } from "./version.ts";

/** A new value for a variable. */
export interface Assignment {
  readonly cell: Variable;
  readonly value: Tensor;
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

const writer = new KeyWriter();

/**
 * The reachable graph, numbered: what a plan is found by, what it is made from, and what is bound to it. Aliases
 * (identity, stopGradient ...) and reads of a version that is computed in the same plan get the number of their source.
 */
export class Numbering {
  /** Each numbered node, in an order in which inputs come first. */
  readonly tensors: Tensor[] = [];
  readonly slots: Slot[] = [];
  /** The place of each root's value, then of each assignment's. */
  readonly roots: number[];
  /** Places of values to hand back, each once, inputs left out. */
  readonly outputs: number[];
  readonly updates: Update[];
  /**
   * Nodes that an earlier plan computed and did not hand out, and that are wanted now by something else than it
   * computed.
   */
  readonly computedBefore = new Set<Tensor>();
  private readonly cells = new Map<Variable, number>();
  private readonly stamp = nextStamp();
  private readonly isSlot: boolean[] = [];

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
    const wanted = roots.map((root) => this.number(root));
    const assigned = assignments.map(({ value }) => this.number(value));
    this.roots = [...wanted, ...assigned];
    this.outputs = [...new Set(wanted)].filter((place) => !this.isSlot[place]);
    this.updates = assignments
      .map(({ cell }, i) => ({ node: assigned[i], slot: this.cells.get(cell) ?? -1 }))
      .filter(({ node }) => !this.isSlot[node]);
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
    if (this.isSlot[place]) return { prim: null, inputs: [], params: NO_PARAMS, shape, dtype };
    return { prim, inputs: inputs.map((source) => source.place), params, shape, dtype };
  }

  /** Depth first, with a stack of our own: a node is placed once its sources are. */
  private number(root: Tensor): number {
    this.noteComputedBefore(root);
    const stack = [root];
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      if (node.stamp === this.stamp) {
        stack.pop();
        continue;
      }
      const before = stack.length;
      const producer = this.producerOf(node);
      if (producer !== null) {
        if (producer.stamp !== this.stamp) stack.push(producer);
      } else if (!this.isLeaf(node)) {
        const { inputs } = node;
        const first = node.prim.alias ? 1 : inputs.length;
        for (let i = first - 1; i >= 0; i--) if (inputs[i].stamp !== this.stamp) stack.push(inputs[i]);
      }
      if (stack.length > before) continue;
      stack.pop();
      node.place = this.place(node, producer);
      node.stamp = this.stamp;
    }
    return root.place;
  }

  /** What computes the version that a node reads, if this plan does. */
  private producerOf(node: Tensor): Tensor | null {
    if (!applies(node, read) || node.storage !== null || this.placeholders?.has(node)) return null;
    return ((node.params as ReadParams).version as Version).producer;
  }

  private isLeaf(node: Tensor): boolean {
    return node.storage !== null || (this.placeholders?.has(node) ?? false);
  }

  private place(node: Tensor, producer: Tensor | null): number {
    if (producer !== null) return producer.place;
    if (node.storage !== null) return this.addSlot(node, null, null);
    const cell = this.placeholders?.get(node);
    if (cell !== undefined) return this.addSlot(node, null, cell);
    const { prim, inputs } = node;
    if (applies(node, read)) {
      const version = (node.params as ReadParams).version as Version;
      return this.addSlot(node, version, version.cell.committedVersion === version ? version.cell : null);
    }
    if (applies(node, input)) throw unknownPlaceholder(node);
    if (prim.alias) return inputs[0].place;
    writer.push(prim.id);
    writer.push(inputs.length);
    for (const source of inputs) {
      writer.push(source.place);
      if (source.passedBy !== null && node.passedBy === null) this.noteComputedBefore(source);
    }
    writer.push(shapeId(node.shape));
    writer.push(dtypeRank(node.dtype));
    writer.pushParams(node.params);
    this.isSlot.push(false);
    return this.tensors.push(node) - 1;
  }

  private addSlot(tensor: Tensor, version: Version | null, cell: Variable | null): number {
    const place = this.tensors.push(tensor) - 1;
    if (cell !== null) this.cells.set(cell, this.slots.length);
    this.slots.push({ tensor, version, cell, place });
    this.isSlot.push(true);
    writer.push(version === null && cell === null ? Mark.data : Mark.variable);
    writer.push(shapeId(tensor.shape));
    writer.push(dtypeRank(tensor.dtype));
    return place;
  }

  private noteComputedBefore(wanted: Tensor): void {
    let node = wanted;
    while (node.storage === null && node.prim.alias) node = node.inputs[0];
    if (node.storage === null && node.passedBy !== null) this.computedBefore.add(node);
  }
}

const NO_PARAMS = Object.freeze({});

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
