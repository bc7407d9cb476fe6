import type { Tensor } from "./tensor.ts";

let stamps = 0;

/**
 * A mark for one walk over the graph: nodes with `stamp` equal to it were seen, and their `place` belongs to that walk.
 * A walk is over before the next one begins.
 */
export const nextStamp = (): number => ++stamps;

/** A part of the graph in topological order, with the positions of each node's inputs. */
export interface Topology {
  /** By ascending id: inputs come before what is made of them. */
  readonly nodes: readonly Tensor[];
  /** Positions in `nodes` of all inputs, node after node; -1 for an input outside of the part. */
  readonly operands: Int32Array;
  /** Node i's inputs are operands[starts[i]] to operands[starts[i + 1] - 1]. */
  readonly starts: Int32Array;
}

/**
 * Everything that `roots` are made of and that `enter` lets in, in topological order. Ids grow with creation and
 * inputs are made first, so sorting by id is a topological sort; nothing here recurses.
 */
export function topology(roots: readonly Tensor[], enter: (node: Tensor) => boolean = () => true): Topology {
  const stamp = nextStamp();
  const nodes: Tensor[] = [];
  let count = 0;
  const take = (node: Tensor): void => {
    if (node.stamp === stamp || !enter(node)) return;
    node.stamp = stamp;
    count += node.inputs.length;
    nodes.push(node);
  };
  for (const root of roots) take(root);
  // `nodes` is the queue as well: what is taken is appended.
  for (let next = 0; next < nodes.length; next++) {
    const { inputs } = nodes[next];
    for (let i = 0; i < inputs.length; i++) take(inputs[i]);
  }
  const sorted = sortedById(nodes);
  for (let i = 0; i < sorted.length; i++) sorted[i].place = i;
  const operands = new Int32Array(count);
  const starts = new Int32Array(sorted.length + 1);
  let next = 0;
  for (let i = 0; i < sorted.length; i++) {
    const { inputs } = sorted[i];
    for (let k = 0; k < inputs.length; k++)
      operands[next++] = inputs[k].stamp === stamp ? inputs[k].place : -1;
    starts[i + 1] = next;
  }
  return { nodes: sorted, operands, starts };
}

/** Where each id was found, plus 1; used again by every sort, and all zeros between them. */
let places = new Int32Array(1024);

/** By ascending id. Nodes that were made together have ids close together: those need no comparisons. */
function sortedById(nodes: Tensor[]): Tensor[] {
  let least = Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (const { id } of nodes) {
    if (id < least) least = id;
    if (id > greatest) greatest = id;
  }
  const range = greatest - least + 1;
  if (range > 8 * nodes.length + 64) return nodes.sort((a, b) => a.id - b.id);
  if (range > places.length) places = new Int32Array(2 * range);
  for (let i = 0; i < nodes.length; i++) places[nodes[i].id - least] = i + 1;
  const sorted = new Array<Tensor>(nodes.length);
  let next = 0;
  for (let i = 0; i < range; i++) {
    if (places[i] === 0) continue;
    sorted[next++] = nodes[places[i] - 1];
    places[i] = 0;
  }
  return sorted;
}

/** The position of a node in a topology, or -1. */
export function positionOf({ nodes }: Topology, { id }: Tensor): number {
  let low = 0;
  let high = nodes.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (nodes[middle].id === id) return middle;
    if (nodes[middle].id < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
