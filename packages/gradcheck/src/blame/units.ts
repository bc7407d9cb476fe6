import { type Graph, isFloating, type Program, type ProgramNode, replay, type Tensor } from "@cotangent/core";
import { noteOriginal } from "../graph/original.ts";
import { dependentPlaces } from "../kinks/switches.ts";

/** A part of a graph whose derivative follows from one rule: a primitive, or a function with a rule of its own. */
export interface Unit {
  /** The place of the node that made it. */
  readonly place: number;
  readonly operation: string;
  /** Places of the operands that derivatives flow to, each once. */
  readonly operands: readonly number[];
  /** For each of them, its position among the operands of the call. */
  readonly positions: readonly number[];
  /** The unit's results as made of its operands. */
  readonly program: Program;
  /** The nodes of the whole graph in the places of `program`. */
  readonly originals: readonly Tensor[];
  /** Places of what else is bound to the program's slots, after the operands. */
  readonly others: readonly number[];
}

interface CallParams {
  readonly rule: { readonly name: string };
  readonly args: number;
}

/** The units between the first `count` inputs of a graph and its results, in topological order. */
export function unitsIn(graph: Graph, count: number): Unit[] {
  const { nodes } = graph.program;
  const depends = dependentPlaces(graph, count);
  const reached = reachedByDerivatives(graph.program);
  return nodes.flatMap((node, place): Unit[] => {
    if (node.prim === null || depends[place] === 0 || !reached.has(place)) return [];
    const { name } = node.prim;
    if (name === "customResult" || name === "identity") return [];
    if (name === "customCall") return [callUnit(graph, place, depends)];
    if (!isFloating(node.dtype)) return [];
    const positions = node.inputs.map((_, k) => k).filter((k) => isOperand(nodes, node, k, depends));
    return positions.length === 0
      ? []
      : [cut(graph, { place, operation: name, positions, outputs: [place] })];
  });
}

const isOperand = (
  nodes: readonly ProgramNode[],
  node: ProgramNode,
  k: number,
  depends: Uint8Array,
): boolean => {
  const [from, to] = node.prim?.reach?.(node.params) ?? [0, node.inputs.length];
  const source = node.inputs[k];
  return (
    k >= from &&
    k < to &&
    depends[source] === 1 &&
    isFloating(nodes[source].dtype) &&
    node.inputs.indexOf(source) === k
  );
};

/** A call and its results: the values between them and the arguments belong to it. */
function callUnit(graph: Graph, place: number, depends: Uint8Array): Unit {
  const { program } = graph;
  const node = program.nodes[place];
  const { rule } = node.params as CallParams;
  const positions = node.inputs.map((_, k) => k).filter((k) => isOperand(program.nodes, node, k, depends));
  const outputs = program.nodes.flatMap(({ prim, inputs }, i) => (prim?.name === "customResult" && inputs[1] === place ? [i] : [])); // biome-ignore format: one call
  return cut(graph, { place, operation: rule.name, positions, outputs });
}

/** Nodes that a cotangent can come to. */
function reachedByDerivatives({ nodes, outputs }: Program): ReadonlySet<number> {
  const reached = new Set(outputs);
  for (let place = nodes.length - 1; place >= 0; place--) {
    const { prim, inputs, params } = nodes[place];
    if (prim === null || !reached.has(place)) continue;
    const [from, to] = prim.reach?.(params) ?? [0, inputs.length];
    for (const source of inputs.slice(from, to)) reached.add(source);
  }
  return reached;
}

/** The part of a program between the operands of a node and some results: what depends on the operands is computed again. */
function cut(
  { program, tensors }: Graph,
  {
    place,
    operation,
    positions,
    outputs,
  }: Pick<Unit, "place" | "operation" | "positions"> & {
    readonly outputs: readonly number[];
  },
): Unit {
  const { nodes } = program;
  const operands = positions.map((k) => nodes[place].inputs[k]);
  const depends = new Uint8Array(nodes.length);
  for (const operand of operands) depends[operand] = 1;
  const last = Math.max(...outputs);
  for (let i = Math.min(...operands) + 1; i <= last; i++) {
    if (nodes[i].inputs.some((source) => depends[source] === 1)) depends[i] = 1;
  }
  const computed = new Set(outputs);
  const others = new Set<number>();
  for (let i = last; i >= 0; i--) {
    if (!computed.has(i)) continue;
    for (const source of nodes[i].inputs) {
      if (operands.includes(source)) continue;
      (depends[source] === 1 ? computed : others).add(source);
    }
  }
  const slots = [...operands, ...others];
  const inside = [...computed].sort((a, b) => a - b);
  return {
    place,
    operation,
    operands,
    positions,
    others: [...others],
    program: extracted(program, slots, inside, outputs),
    originals: [...slots, ...inside].map((i) => tensors[i]),
  };
}

function extracted(
  { nodes }: Program,
  slots: readonly number[],
  computed: readonly number[],
  outputs: readonly number[],
): Program {
  const places = new Map([...slots, ...computed].map((place, i) => [place, i]));
  const now = (place: number): number => places.get(place) as number;
  return {
    nodes: [
      ...slots.map((place): ProgramNode => ({ ...nodes[place], prim: null, inputs: [], params: {} })),
      ...computed.map((place): ProgramNode => ({ ...nodes[place], inputs: nodes[place].inputs.map(now) })),
    ],
    inputs: slots.map((_, node) => ({ node, kind: "data" })),
    outputs: outputs.map(now),
    updates: [],
  };
}

/** A unit as a function of its operands; `others` stand in the other slots. */
export const unitCall =
  ({ program, originals }: Unit, others: readonly Tensor[]) =>
  (xs: readonly Tensor[]): Tensor[] => {
    const nodes = replay(program, [...xs, ...others]);
    nodes.forEach((node, i) => {
      noteOriginal(node, originals[i]);
    });
    return program.outputs.map((place) => nodes[place]);
  };
