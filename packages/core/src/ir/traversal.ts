import type { Tensor } from "./tensor.ts";

/** A part of the graph in topological order, with the positions of each node's inputs. */
export interface Topology {
  /** Inputs come before what is made of them. */
  readonly nodes: readonly Tensor[];
  /** Positions in `nodes` of all inputs, node after node; -1 for an input outside of the part. */
  readonly operands: Int32Array;
  /** Node i's inputs are operands[starts[i]] to operands[starts[i + 1] - 1]. */
  readonly starts: Int32Array;
  readonly position: ReadonlyMap<Tensor, number>;
}

/**
 * Everything that `roots` are made of and that `enter` lets in, in topological order. Ids grow with creation and
 * inputs are made first, so sorting by id is a topological sort; nothing here recurses.
 */
export function topology(roots: readonly Tensor[], enter: (node: Tensor) => boolean = () => true): Topology {
  const seen = new Set<Tensor>();
  const stack: Tensor[] = [];
  for (const root of roots) if (enter(root)) stack.push(root);
  while (stack.length > 0) {
    const node = stack.pop() as Tensor;
    if (seen.has(node)) continue;
    seen.add(node);
    for (const input of node.inputs) if (!seen.has(input) && enter(input)) stack.push(input);
  }
  const nodes = [...seen].sort((a, b) => a.id - b.id);
  const position = new Map<Tensor, number>();
  let count = 0;
  nodes.forEach((node, index) => {
    position.set(node, index);
    count += node.inputs.length;
  });
  const operands = new Int32Array(count);
  const starts = new Int32Array(nodes.length + 1);
  let next = 0;
  nodes.forEach((node, index) => {
    for (const input of node.inputs) operands[next++] = position.get(input) ?? -1;
    starts[index + 1] = next;
  });
  return { nodes, operands, starts, position };
}
