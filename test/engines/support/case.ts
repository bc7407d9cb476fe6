import { type Primitive, type Program, type ProgramNode, primitives, type Tensor } from "@cotangent/core";
import { sizeOf } from "../../gradients/support/shapes.ts";
import type { Values } from "./values.ts";

/** What an input slot is given. */
export interface SlotPlan {
  readonly values: Values;
  /** New data before every run; otherwise what was bound stays bound. */
  readonly renewed: boolean;
  /** The value comes out of the engine's own memory rather than out of JavaScript's. */
  readonly resident: boolean;
  /** Slots with the same number, dtype and size are given the same storage. */
  readonly twin?: number;
}

/** A program, and how it is run. */
export interface EngineCase {
  readonly program: Program;
  readonly slots: readonly SlotPlan[];
  /** Slots of updated variables whose old bytes nobody needs after a run. */
  readonly donated: readonly number[];
  readonly runs: number;
}

/** A primitive by its name. */
export const primitiveOf = (name: string): Primitive => byName().get(name) as Primitive;

let table: Map<string, Primitive> | null = null;
const byName = (): Map<string, Primitive> => {
  table ??= new Map(primitives().map((prim) => [prim.name, prim]));
  return table;
};

/** Places of all nodes that are computed. */
export const computedPlaces = ({ nodes }: Program): number[] =>
  nodes.map((_, place) => place).filter((place) => nodes[place].prim !== null);

/** A node with the shape and the dtype that its primitive gives it. @throws ShapeError, DTypeError, IndexError */
export function inferred(node: ProgramNode, nodes: readonly ProgramNode[]): ProgramNode {
  if (node.prim === null) return node;
  const inputs = node.inputs.map((source) => asOperand(nodes[source]));
  return {
    ...node,
    shape: node.prim.shape(inputs, node.params),
    dtype: node.prim.dtype(inputs, node.params),
  };
}

/** As much of a tensor as the rules of shapes and dtypes look at. */
const asOperand = ({ shape, dtype }: ProgramNode): Tensor =>
  ({ shape, dtype, rank: shape.length, size: sizeOf(shape) }) as unknown as Tensor;

/** The case without what neither an output nor an update needs; what is left keeps its order. */
export function pruned({ program, slots, donated, runs }: EngineCase): EngineCase {
  const { nodes, inputs, outputs, updates } = program;
  const needed = nodes.map(() => false);
  for (const place of [...outputs, ...updates.map(({ node }) => node)]) needed[place] = true;
  for (let place = nodes.length - 1; place >= 0; place--) {
    if (needed[place]) for (const source of nodes[place].inputs) needed[source] = true;
  }
  let count = 0;
  const places = needed.map((is) => (is ? count++ : -1));
  const keptSlots = inputs.map((_, slot) => slot).filter((slot) => needed[inputs[slot].node]);
  const slotNow = (slot: number) => keptSlots.indexOf(slot);
  return {
    program: {
      nodes: nodes
        .filter((_, place) => needed[place])
        .map((node) => ({ ...node, inputs: node.inputs.map((source) => places[source]) })),
      inputs: keptSlots.map((slot) => ({ ...inputs[slot], node: places[inputs[slot].node] })),
      outputs: outputs.map((place) => places[place]),
      updates: updates.map(({ node, slot }) => ({ node: places[node], slot: slotNow(slot) })),
    },
    slots: keptSlots.map((slot) => slots[slot]),
    donated: donated.map(slotNow).filter((slot) => slot >= 0),
    runs,
  };
}
