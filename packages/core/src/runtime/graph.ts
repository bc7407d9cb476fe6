import { apply } from "../ir/apply.ts";
import { builtInOneGo, type Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import { StateError } from "../util/errors.ts";
import type { Program, ProgramNode } from "./engine.ts";

/** The graph between some inputs and some outputs, as a program. */
export interface Graph {
  /** Its first slots are the inputs, in their order; the others are `leaves`. */
  readonly program: Program;
  /** The tensor in each place of the program. */
  readonly tensors: readonly Tensor[];
  /** What else is bound: data, versions of variables. */
  readonly leaves: readonly Tensor[];
}

const NO_PARAMS = {};

/**
 * The graph between `inputs` and `outputs`, for tools that look at graphs or run them with other values. Other than a plan
 * (`programOf`), it goes through what has been computed already, and keeps every node, aliases and rules of a user's own
 * among them. Any tensors may be inputs: what they are made of is left out. Shapes and dtypes are whatever they are.
 */
export function graphOf(outputs: readonly Tensor[], inputs: readonly Tensor[]): Graph {
  const given = inputs.map(({ node }) => node);
  const ends = outputs.map(({ node }) => node);
  const stops = new Set(given);
  const { nodes } = topology([...given, ...ends], () => true);
  const needed = neededFor(ends, stops, nodes);
  const tensors: Tensor[] = [];
  const places = new Map<Tensor, number>();
  const leaves: Tensor[] = [];
  const take = (tensor: Tensor): void => {
    places.set(tensor, tensors.length);
    tensors.push(tensor);
  };
  for (const input of stops) take(input);
  for (const node of nodes) {
    if (stops.has(node) || !needed.has(node)) continue;
    take(node);
    if (isLeaf(node)) leaves.push(node);
  }
  const placeOf = (tensor: Tensor): number => places.get(tensor) as number;
  const slots = [...given, ...leaves].map((tensor) => ({ node: placeOf(tensor), kind: "data" as const }));
  const program: Program = {
    nodes: tensors.map((tensor): ProgramNode => {
      const { prim, params, shape, dtype } = tensor;
      if (stops.has(tensor) || isLeaf(tensor)) {
        return { prim: null, inputs: [], params: NO_PARAMS, shape, dtype };
      }
      return { prim, inputs: tensor.inputs.map(placeOf), params, shape, dtype };
    }),
    inputs: slots,
    outputs: ends.map(placeOf),
    updates: [],
  };
  return { program, tensors, leaves };
}

/** Data, reads, placeholders, and nodes whose history was cut off. Literals are computed. */
const isLeaf = ({ prim, inputs, storage }: Tensor): boolean =>
  prim.leaf === true || (inputs.length === 0 && storage !== null);

/** The nodes behind `ends`, as far as `stops`. */
function neededFor(
  ends: readonly Tensor[],
  stops: ReadonlySet<Tensor>,
  nodes: readonly Tensor[],
): ReadonlySet<Tensor> {
  const needed = new Set(ends);
  for (let i = nodes.length - 1; i >= 0; i--) {
    if (!needed.has(nodes[i]) || stops.has(nodes[i])) continue;
    for (const input of nodes[i].inputs) needed.add(input);
  }
  return needed;
}

/**
 * The nodes of a program built again with other tensors in its slots, one for each place. Shapes and dtypes follow from
 * the slots by the primitives' own rules.
 * @throws StateError when there are not as many tensors as slots
 */
export function replay({ nodes, inputs }: Program, slots: readonly Tensor[]): readonly Tensor[] {
  if (slots.length !== inputs.length) {
    throw new StateError(`the program has ${inputs.length} inputs, not ${slots.length}`, {
      operation: "replay",
      remedy: "Give one tensor for each of its slots",
    });
  }
  const made = new Array<Tensor>(nodes.length);
  inputs.forEach(({ node }, slot) => {
    made[node] = slots[slot].node;
  });
  return builtInOneGo([], () =>
    nodes.map(({ prim, inputs: sources, params }, place) => {
      made[place] ??= apply(prim as Tensor["prim"], sources.map((source) => made[source]), params); // biome-ignore format: one call
      return made[place];
    }),
  );
}
