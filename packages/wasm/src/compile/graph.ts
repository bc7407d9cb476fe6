import type { DType, Params, Primitive, Program, Shape } from "@cotangent/core";

/** One value of a graph: an input (`prim` null), or a primitive applied to earlier values. */
export interface Node {
  readonly prim: Primitive | null;
  /** Numbers of the inputs, all smaller than the node's own. */
  readonly inputs: readonly number[];
  readonly params: Params;
  readonly shape: Shape;
  readonly dtype: DType;
  /** For inputs: the slot that is bound. */
  readonly slot: number;
}

/** What is written back into a variable. */
export interface GraphUpdate {
  readonly node: number;
  /** The slot of the version that is replaced, or -1. */
  readonly slot: number;
}

/** A program in the compiler's hands: the passes read one and make the next. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly outputs: readonly number[];
  readonly updates: readonly GraphUpdate[];
}

/** The primitive's name; `input` for inputs. */
export const opName = (node: Node): string => node.prim?.name ?? "input";

/** The graph of a program, with every node that it has. */
export function graphOf({ nodes, inputs, outputs, updates }: Program): Graph {
  const slots = new Map(inputs.map(({ node }, slot) => [node, slot]));
  return {
    nodes: nodes.map(({ prim, inputs: sources, params, shape, dtype }, place) => ({
      prim,
      inputs: sources,
      params,
      shape,
      dtype,
      slot: slots.get(place) ?? -1,
    })),
    outputs,
    updates,
  };
}

/** The node of each slot that there is one for. */
export const nodesOfSlots = ({ nodes }: Graph): ReadonlyMap<number, number> =>
  new Map(nodes.flatMap((node, id) => (node.prim === null ? [[node.slot, id] as const] : [])));

/** Which nodes the outputs and updates need. */
export function neededNodes({ nodes, outputs, updates }: Graph): Uint8Array {
  const needed = new Uint8Array(nodes.length);
  for (const id of outputs) needed[id] = 1;
  for (const { node } of updates) needed[node] = 1;
  for (let id = nodes.length - 1; id >= 0; id--) {
    if (needed[id]) for (const input of nodes[id].inputs) needed[input] = 1;
  }
  return needed;
}

/** As text, a line for each node: for looking at what a pass has done. */
export function printNodes({ nodes, outputs, updates }: Graph): string {
  const lines = nodes.map((node, id) => {
    const args = node.prim === null ? `slot ${node.slot}` : node.inputs.map((i) => `%${i}`).join(", ");
    const params = Object.entries(node.params)
      .filter(([key]) => key !== "shape" && key !== "dtype" && key !== "version")
      .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
      .join("");
    return `%${id} = ${opName(node)}(${args})${params} : ${node.dtype}[${node.shape.join(", ")}]`;
  });
  lines.push(`outputs: ${outputs.map((i) => `%${i}`).join(", ")}`);
  for (const { node, slot } of updates) lines.push(`update: slot ${slot} = %${node}`);
  return lines.join("\n");
}
