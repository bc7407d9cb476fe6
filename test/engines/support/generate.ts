import {
  type InputSlot,
  isTensor,
  type Program,
  type ProgramNode,
  type Tensor,
  type Update,
} from "@cotangent/core";
import { type EngineCase, pruned, type SlotPlan } from "./case.ts";
import type { Choices } from "./choices.ts";
import { CONVOLUTIONS } from "./convolutions.ts";
import { Grower, type Style } from "./grower.ts";
import { INDEXING } from "./indexing.ts";
import { LEAVES } from "./leaves.ts";
import { addMotif } from "./motifs.ts";
import { MOVEMENTS } from "./movements.ts";
import type { Operation, Operations } from "./operation.ts";
import { REDUCTIONS } from "./reductions.ts";
import { SCALARS } from "./scalars.ts";

/** How each primitive that engines compute is added to a program. */
export const OPERATIONS: Operations = {
  ...SCALARS,
  ...MOVEMENTS,
  ...REDUCTIONS,
  ...CONVOLUTIONS,
  ...INDEXING,
  ...LEAVES,
};

/** More nodes than this and the rest of a program is left out: derivatives of derivatives grow fast. */
const MOST_NODES = 150;

/** A random program, and how it is run. */
export function grown(choices: Choices): EngineCase {
  const style = styleOf(choices);
  const g = new Grower(choices, style);
  const operations = Object.entries(OPERATIONS).filter(
    ([, { accumulates }]) => !(style.extreme && accumulates),
  );
  const weights = operations.map(([, operation]) => [operation.weight, operation] as const);
  const steps = choices.weighted([
    [4, choices.whole(1, 4)],
    [4, choices.whole(3, 12)],
    [style.limit > 10_000 ? 0 : 2, choices.whole(12, 60)],
  ]);
  for (let made = 0; made < steps && g.pool.length < MOST_NODES; made++) {
    if (!style.extreme && choices.chance(10)) addMotif(g);
    else addOperation(g, choices.weighted(weights));
  }
  while (!g.pool.some(isComputed)) addOperation(g, SCALARS.neg);
  return caseOf(g);
}

function addOperation(g: Grower, operation: Operation): void {
  operation.grow(g, g.choices.of(operation.dtypes));
}

const SMALL = [1, 2, 3, 4, 5];
const INNER = [3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33];
const LARGE = [64, 100, 257, 1000, 2049];
/** Enough work for several threads. */
const HUGE = [128, 200, 333, 1024, 4099, 20_000];

function styleOf(choices: Choices): Style {
  const extreme = choices.chance(15);
  const [limit, more] = choices.weighted<readonly [number, readonly number[]]>([
    [90, [800, []]],
    [6, [5000, LARGE]],
    [4, [60_000, HUGE]],
  ]);
  const sizes = [choices.of(SMALL), choices.of(SMALL), choices.of(INNER)];
  if (choices.chance(5)) sizes.push(0);
  if (choices.chance(30)) sizes.push(choices.of(INNER));
  if (more.length > 0) sizes.push(choices.of(more), choices.of(more));
  return { sizes, limit, extreme };
}

const isComputed = ({ prim, storage }: Tensor): boolean => !prim.leaf && storage === null;

/** What is asked of the graph that has grown: outputs, updates, which bytes may be written over. */
function caseOf(g: Grower): EngineCase {
  const { choices } = g;
  const values = g.pool.map(sourceOf).filter(isComputed);
  const used = new Set(values.flatMap((x) => x.inputs.map(sourceOf)));
  const ends = values.filter((x) => !used.has(x));
  const outputs = new Set<Tensor>([
    ...choices.some(ends, 75),
    ...choices.some(values, choices.of([0, 0, 5, 20])),
  ]);
  const updates = updatesOf(g, values);
  if (outputs.size + updates.length === 0) outputs.add(values[values.length - 1]);
  const { program, places, fixed } = programOf(g, [...outputs], updates);
  const slots = [...g.slots.map((slot): SlotPlan => planOf(slot)), ...fixed];
  const donated = program.updates.map(({ slot }) => slot).filter((slot) => slot >= 0 && choices.chance(80));
  return pruned({
    program: { ...program, outputs: [...new Set([...outputs].map((x) => places.get(x) as number))] },
    slots,
    donated,
    runs: choices.whole(1, 3),
  });
}

const planOf = ({ values, renewed, resident, twin }: SlotPlan): SlotPlan => ({
  values,
  renewed,
  resident,
  ...(twin === undefined ? {} : { twin }),
});

/** What a node that computes nothing stands for. */
function sourceOf(x: Tensor): Tensor {
  let node = x.node;
  while (node.prim.alias) node = node.inputs[0];
  return node;
}

interface Assigned {
  readonly slot: number;
  readonly value: Tensor;
}

/** New values for some of the variables: what was made for them, or what fits. */
function updatesOf(g: Grower, values: readonly Tensor[]): Assigned[] {
  const { choices } = g;
  const result: Assigned[] = [];
  const assigns = choices.chance(50);
  g.slots.forEach(({ tensor, kind, twin }, slot) => {
    if (kind !== "variable" || twin !== undefined) return;
    const made = g.assigned.get(tensor);
    if (made !== undefined && choices.chance(90)) result.push({ slot, value: sourceOf(made) });
    else if (assigns && choices.chance(80)) {
      const fits = (x: Tensor) => x.dtype === tensor.dtype && x.shape.join() === tensor.shape.join();
      const fitting = values.filter(fits);
      const value = fitting.length > 0 && choices.chance(80) ? choices.recent(fitting) : inPlace(g, tensor);
      result.push({ slot, value });
    }
  });
  // A variable that the program does not read.
  if (choices.chance(5)) result.push({ slot: -1, value: choices.recent(values) });
  return result;
}

/** A new value made of the old one, or of another variable of the same kind: two of them may swap. */
function inPlace(g: Grower, old: Tensor): Tensor {
  if (old.dtype === "bool") return g.apply("compare", [old, old], { op: "notEqual" });
  const source = g.likeInPool(old);
  return g.apply(g.choices.of(["neg", "abs", "sign"]), [source]);
}

/** The graph as a program: as core numbers it, in the order in which the nodes were made. */
function programOf(g: Grower, outputs: readonly Tensor[], updates: readonly Assigned[]) {
  const nodes = reachable([...outputs, ...updates.map(({ value }) => value)], g);
  const places = new Map(nodes.map((node, place) => [node, place]));
  const fixed: SlotPlan[] = [];
  const inputs: InputSlot[] = g.slots.map(({ tensor, kind }) => ({
    node: places.get(tensor) as number,
    kind,
  }));
  for (const node of nodes) {
    if (node.storage === null) continue;
    // A number in the code of a motif.
    inputs.push({ node: places.get(node) as number, kind: "data" });
    fixed.push({ values: { kind: "given", elements: elementsOf(node) }, renewed: false, resident: false });
  }
  const slotNodes = new Set(inputs.map(({ node }) => node));
  const program: Program = {
    nodes: nodes.map((node, place): ProgramNode => {
      const { prim, params, shape, dtype } = node;
      if (slotNodes.has(place)) return { prim: null, inputs: [], params: {}, shape, dtype };
      return {
        prim,
        inputs: node.inputs.map((x) => places.get(sourceOf(x)) as number),
        params,
        shape,
        dtype,
      };
    }),
    inputs,
    outputs: outputs.map((x) => places.get(x) as number),
    updates: updates.map(({ slot, value }): Update => ({ slot, node: places.get(value) as number })),
  };
  return { program, places, fixed };
}

const elementsOf = ({ storage }: Tensor): number[] => [...(storage?.host ?? [])];

/** All nodes that the roots are made of, and all slots, ordered by the time of their making. */
function reachable(roots: readonly Tensor[], g: Grower): Tensor[] {
  const found = new Set<Tensor>();
  const open = [...roots, ...g.slots.map(({ tensor }) => tensor)];
  while (open.length > 0) {
    const node = open.pop() as Tensor;
    if (found.has(node) || !isTensor(node)) continue;
    found.add(node);
    if (node.storage === null) open.push(...node.inputs.map(sourceOf));
  }
  return [...found].sort((a, b) => a.id - b.id);
}
