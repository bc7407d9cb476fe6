import { type Body, type LoopParams, loopInputs, type PartParams, type Primitive } from "@cotangent/core";
import { type Graph, type Node, opName } from "../graph.ts";
import { paramsKey } from "../paramsKey.ts";

/**
 * Joins loops of which one does all that the other does: forward mode carries tangents beside the values, in a loop of its own, and
 * what asked for the values alone gets them from there. A loop is joined with one that takes the same steps, whose first
 * carries, sequences and other inputs are its own, and whose body makes the same of them.
 */
export function absorbLoops(graph: Graph): Graph {
  let result = graph;
  for (let next = joinedOnce(result); next !== null; next = joinedOnce(result)) result = next;
  return result;
}

const paramsOf = (node: Node): LoopParams => node.params as LoopParams;

function joinedOnce(graph: Graph): Graph | null {
  const loops = graph.nodes.flatMap((node, id) => (opName(node) === "loop" ? [id] : []));
  for (const small of loops) {
    for (const large of loops) {
      if (small === large || !mayJoin(graph.nodes[small], graph.nodes[large])) continue;
      const places = placesIn(paramsOf(graph.nodes[small]), paramsOf(graph.nodes[large]));
      if (places === null || dependsOn(graph, large, small)) continue;
      const joined = replaced(graph, small, large, places);
      if (joined !== null) return joined;
    }
  }
  return null;
}

const isPrefix = (a: readonly number[], b: readonly number[]): boolean => a.every((id, i) => id === b[i]);

function mayJoin(a: Node, b: Node): boolean {
  const [small, large] = [paramsOf(a), paramsOf(b)];
  if (small.length !== large.length || small.reverse !== large.reverse || small.counted !== large.counted)
    return false;
  if ((small.condition === null) !== (large.condition === null)) return false;
  if (small.carries > large.carries || small.sequences > large.sequences) return false;
  const own = loopInputs(a.inputs, small);
  const other = loopInputs(b.inputs, large);
  return (
    isPrefix(own.initial, other.initial) &&
    isPrefix(own.sequences, other.sequences) &&
    isPrefix(own.count, other.count) &&
    isPrefix(own.ofBody, other.ofBody) &&
    isPrefix(own.ofCondition, other.ofCondition)
  );
}

/** For each place of the small loop's body the place of the same value in the large one's, where there is one. */
function placesIn(small: LoopParams, large: LoopParams): readonly number[] | null {
  const { carries, sequences } = small;
  const steps = carries + sequences;
  const largeSteps = large.carries + large.sequences;
  const parameter = (i: number): number => {
    if (i < carries) return i;
    return i < steps ? i - carries + large.carries : i - steps + largeSteps;
  };
  const places = matched(small.body, large.body, parameter);
  const isCarried = small.body.results
    .slice(0, carries)
    .every(
      (result, i) =>
        places[small.body.placeOf(result)] ===
        canonical(large.body)[large.body.placeOf(large.body.results[i])],
    );
  if (!isCarried) return null;
  if (small.condition === null || large.condition === null) return places;
  const [own, other] = [small.condition, large.condition];
  const decided = matched(own, other, (i) => (i < carries ? i : i - carries + large.carries));
  const isSame = decided[own.placeOf(own.results[0])] === canonical(other)[other.placeOf(other.results[0])];
  return isSame ? places : null;
}

const keyOf = ({ prim, params, shape, dtype }: Body["nodes"][number], inputs: readonly number[]): string =>
  `${(prim as Primitive).id}|${inputs}|${shape}|${dtype}|${paramsKey(params)}`;

/** For each place of a body the first place of an equal value. */
function canonical({ nodes }: Body, byKey = new Map<string, number>()): readonly number[] {
  const first: number[] = [];
  nodes.forEach((node, place) => {
    if (node.prim === null) {
      first.push(place);
      return;
    }
    const key = keyOf(
      node,
      node.inputs.map((input) => first[input]),
    );
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, place);
    first.push(known ?? place);
  });
  return first;
}

/** The places of one body's values in another; -1 where there is none. */
function matched(own: Body, other: Body, parameter: (i: number) => number): number[] {
  const byKey = new Map<string, number>();
  canonical(other, byKey);
  const places: number[] = [];
  own.nodes.forEach((node, place) => {
    const inputs = node.inputs.map((input) => places[input]);
    if (node.prim === null) places.push(parameter(place));
    else places.push(inputs.includes(-1) ? -1 : (byKey.get(keyOf(node, inputs)) ?? -1));
  });
  return places;
}

/** Whether node `id` is made of node `source`. */
function dependsOn({ nodes }: Graph, id: number, source: number): boolean {
  const seen = new Set<number>();
  const stack = [...nodes[id].inputs];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next === source) return true;
    if (next < source || seen.has(next)) continue;
    seen.add(next);
    stack.push(...nodes[next].inputs);
  }
  return false;
}

/** The parts of one loop as parts of another; null where that does not have one of them. */
function replaced(graph: Graph, small: number, large: number, places: readonly number[]): Graph | null {
  const nodes = [...graph.nodes];
  const { body } = paramsOf(nodes[large]);
  const instead = new Map<number, number>();
  // Two results never share memory: a part that is one has a node of its own beside an equal one that is a result, too.
  const results = new Set([...graph.outputs, ...graph.updates.map(({ node }) => node)]);
  for (let id = 0; id < graph.nodes.length; id++) {
    const node = nodes[id];
    if (opName(node) !== "part" || node.inputs[0] !== small) continue;
    const params = node.params as PartParams;
    const index = params.kind === "stack" ? places[params.index] : params.index;
    if (index < 0) return null;
    const own: PartParams = params.kind === "stack" ? { ...params, index, id: body.idAt(index) } : params;
    const key = paramsKey(own);
    const known = nodes.findIndex(
      (one) => opName(one) === "part" && one.inputs[0] === large && paramsKey(one.params) === key,
    );
    const isFree = known >= 0 && !(results.has(id) && results.has(known));
    if (isFree && results.has(id)) results.add(known);
    instead.set(id, isFree ? known : nodes.push({ ...node, inputs: [large], params: own }) - 1);
  }
  return inOrder({ ...graph, nodes }, instead);
}

/** The graph with some nodes in the places of others, inputs first. */
function inOrder({ nodes, outputs, updates }: Graph, instead: ReadonlyMap<number, number>): Graph {
  const made: Node[] = [];
  const renamed = new Map<number, number>();
  const visit = (root: number): number => {
    const stack = [instead.get(root) ?? root];
    while (stack.length > 0) {
      const id = stack[stack.length - 1];
      const inputs = nodes[id].inputs.map((input) => instead.get(input) ?? input);
      const waiting = renamed.has(id) ? [] : inputs.filter((input) => !renamed.has(input));
      if (waiting.length > 0) {
        stack.push(...waiting);
        continue;
      }
      stack.pop();
      if (renamed.has(id)) continue;
      const own = inputs.map((input) => renamed.get(input) as number);
      renamed.set(id, made.push({ ...nodes[id], inputs: own }) - 1);
    }
    return renamed.get(instead.get(root) ?? root) as number;
  };
  // What nothing depends on any more is left out.
  return {
    outputs: outputs.map(visit),
    updates: updates.map(({ node, slot }) => ({ node: visit(node), slot })),
    nodes: made,
  };
}
