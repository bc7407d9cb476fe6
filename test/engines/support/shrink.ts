import { type Program, type ProgramNode, referenceEngine, type Shape, Storage } from "@cotangent/core";
import { sizeOf } from "../../gradients/support/shapes.ts";
import { type EngineCase, inferred, pruned, type SlotPlan } from "./case.ts";
import { drawn, VALUE_KINDS, type Values } from "./values.ts";

/**
 * Simpler cases that may fail in the same way, the simplest first: fewer results, fewer nodes, fewer runs, smaller
 * sizes, plainer numbers. Each is smaller in one of these and larger in none of those before it, so that taking the first
 * that still fails, again and again, ends.
 */
export function* simpler(item: EngineCase): Generator<EngineCase> {
  yield* fewerResults(item);
  yield* earlierResults(item);
  yield* fewerNodes(item);
  yield* plainerRuns(item);
  yield* smallerSizes(item);
  yield* plainerValues(item);
}

function* fewerResults(item: EngineCase): Generator<EngineCase> {
  const { program } = item;
  const { outputs, updates } = program;
  if (outputs.length + updates.length > 1) {
    for (const place of outputs) yield asking(item, { outputs: [place], updates: [] });
    for (const update of updates) yield asking(item, { outputs: [], updates: [update] });
    if (outputs.length > 0 && updates.length > 0) yield asking(item, { updates: [] });
    for (const half of halves(outputs)) yield asking(item, { outputs: half });
    for (const half of halves(updates)) yield asking(item, { updates: half });
    for (const place of outputs) yield asking(item, { outputs: outputs.filter((other) => other !== place) });
    for (const update of updates)
      yield asking(item, { updates: updates.filter((other) => other !== update) });
  }
}

/** The case with other results asked for. */
const asking = (item: EngineCase, change: Partial<Program>): EngineCase =>
  checkedDonations({ ...item, program: { ...item.program, ...change } });

/** The list without one half or the other. */
const halves = <T>(list: readonly T[]): T[][] =>
  list.length < 3 ? [] : [list.slice(list.length >> 1), list.slice(0, list.length >> 1)];

/** Without what nothing needs any more; only slots that are updated are donated. */
function checkedDonations(item: EngineCase): EngineCase {
  const updated = item.program.updates.map(({ slot }) => slot);
  const donated = item.donated.filter((slot) => updated.includes(slot));
  return pruned({ ...item, donated });
}

/** An earlier value is what is asked for: alone, or in the place of a result beside the others. */
function* earlierResults(item: EngineCase): Generator<EngineCase> {
  const { nodes, updates } = item.program;
  const computed = [...nodes.keys()].filter((place) => nodes[place].prim !== null);
  for (const place of computed) {
    const next = asking(item, { outputs: [place], updates: [] });
    if (next.program.nodes.length < nodes.length) yield next;
  }
  for (const [i, { node, slot }] of updates.entries()) {
    // What replaces a slot has that slot's shape.
    if (slot >= 0) continue;
    for (const place of computed.filter((other) => other < node)) {
      const next = asking(item, {
        updates: updates.map((other, k) => (k === i ? { node: place, slot } : other)),
      });
      if (next.program.nodes.length < nodes.length) yield next;
    }
  }
}

/** Nodes become inputs, and so what they were made of goes; or their first like operand stands for them. */
function* fewerNodes(item: EngineCase): Generator<EngineCase> {
  const { nodes } = item.program;
  const computed = nodes.map((_, place) => place).filter((place) => nodes[place].prim !== null);
  if (computed.length < 2) return;
  // What a fault depends on may only be there in a later run.
  const runs = [...new Set([0, item.runs - 1])].map((run) => referenceValues(item, run));
  // In halves first, cut at what comes late: large parts go at once.
  const order = [...computed].sort((a, b) => Math.abs(a - middle(computed)) - Math.abs(b - middle(computed)));
  for (const place of order) {
    for (const given of stands(runs.map((values) => values[place]))) yield asSlot(item, place, given);
  }
  for (const place of computed) {
    const node = nodes[place];
    const like = node.inputs.filter((source) => alike(nodes[source], node) && nodes[source].prim !== null);
    for (const source of like) yield replaced(item, place, source);
    const [source] = node.inputs;
    if (node.prim?.name === "cast" && nodes[source].prim?.name === "cast") yield castAtOnce(item, place);
  }
}

/** Of two casts in a row the first is left out. */
function castAtOnce(item: EngineCase, place: number): EngineCase {
  const { program } = item;
  const first = program.nodes[program.nodes[place].inputs[0]];
  const nodes = program.nodes.map((node, i) => (i === place ? { ...node, inputs: first.inputs } : node));
  return checkedDonations({ ...item, program: { ...program, nodes } });
}

const middle = (list: readonly number[]): number => list[list.length >> 1];

const alike = (a: ProgramNode, b: ProgramNode): boolean =>
  a.dtype === b.dtype && a.shape.join() === b.shape.join();

/** Elements beyond this many are not worth writing down. */
const MOST_GIVEN = 4096;

/** What a node's value may be replaced by: itself, or any numbers. */
const stands = (runs: readonly ArrayLike<number>[]): Values[] => {
  const random: Values = { kind: "normal", seed: 1 };
  if (runs[0].length === 0 || runs[0].length > MOST_GIVEN) return [random];
  return [...runs.map((elements): Values => ({ kind: "given", elements: Array.from(elements) })), random];
};

/** The values of all nodes in one run, by the reference engine. */
function referenceValues({ program, slots }: EngineCase, run: number): ArrayLike<number>[] {
  const { nodes, inputs } = program;
  const executable = referenceEngine.compile({
    ...program,
    outputs: nodes.map((_, place) => place),
    updates: [],
  });
  inputs.forEach(({ node }, slot) => {
    const { dtype, shape } = nodes[node];
    const host = drawn(slots[slot].values, dtype, sizeOf(shape), run);
    executable.bind(slot, new Storage(dtype, host.length, host));
  });
  return executable.run([]).map(({ host }) => host ?? []);
}

/** Node `place` as an input. */
function asSlot(item: EngineCase, place: number, values: Values): EngineCase {
  const { program, slots } = item;
  const { shape, dtype } = program.nodes[place];
  const slot: ProgramNode = { prim: null, inputs: [], params: {}, shape, dtype };
  const stillComputed = (other: number): boolean => other !== place;
  return checkedDonations({
    ...item,
    program: {
      nodes: program.nodes.map((node, i) => (i === place ? slot : node)),
      inputs: [...program.inputs, { node: place, kind: "data" }],
      outputs: program.outputs.filter(stillComputed),
      updates: program.updates.filter(({ node }) => stillComputed(node)),
    },
    slots: [...slots, { values, renewed: true, resident: false }],
  });
}

/** Whoever used `place` uses `source`. */
function replaced(item: EngineCase, place: number, source: number): EngineCase {
  const { program } = item;
  const now = (other: number): number => (other === place ? source : other);
  return checkedDonations({
    ...item,
    program: {
      ...program,
      nodes: program.nodes.map((node) => ({ ...node, inputs: node.inputs.map(now) })),
      outputs: [...new Set(program.outputs.map(now))],
      updates: program.updates.map(({ node, slot }) => ({ node: now(node), slot })),
    },
  });
}

function* plainerRuns(item: EngineCase): Generator<EngineCase> {
  for (let runs = 1; runs < item.runs; runs++) yield { ...item, runs };
  const later = fromSecondRun(item);
  if (later !== null) yield later;
  for (const slot of item.donated) yield { ...item, donated: item.donated.filter((other) => other !== slot) };
  for (const [slot, plan] of item.slots.entries()) {
    const { values, renewed, resident, twin } = plan;
    if (resident) yield withPlan(item, slot, { ...plan, resident: false });
    if (twin !== undefined) yield withPlan(item, slot, { values, renewed, resident });
    if (renewed && item.runs > 1) yield withPlan(item, slot, { ...plan, renewed: false });
  }
}

/** The same runs without the first: what it left in variables is there from the start. */
function fromSecondRun(item: EngineCase): EngineCase | null {
  const { program, slots } = item;
  if (item.runs < 2 || program.updates.length === 0) return null;
  const sizes = program.inputs.map(({ node }) => sizeOf(program.nodes[node].shape));
  if (sizes.some((size) => size > MOST_GIVEN)) return null;
  const values = referenceValues(item, 0);
  const next = slots.map((plan, slot): SlotPlan => {
    const { dtype } = program.nodes[program.inputs[slot].node];
    const update = program.updates.find((other) => other.slot === slot);
    const run = plan.renewed ? 1 : 0;
    const elements = update === undefined ? drawn(plan.values, dtype, sizes[slot], run) : values[update.node];
    return { ...plan, values: { kind: "given", elements: Array.from(elements) } };
  });
  return { ...item, runs: item.runs - 1, slots: next };
}

const withPlan = (item: EngineCase, slot: number, plan: SlotPlan): EngineCase => ({
  ...item,
  slots: item.slots.map((other, i) => (i === slot ? plan : other)),
});

/** One size, wherever it occurs, becomes smaller. */
function* smallerSizes(item: EngineCase): Generator<EngineCase> {
  const sizes = new Set(item.program.nodes.flatMap(({ shape }) => [...shape]));
  for (const size of [...sizes].sort((a, b) => b - a)) {
    for (const less of new Set([1, size >> 1, size - 1])) {
      if (less < 1 || less >= size) continue;
      const smaller = resized(item, size, less);
      if (smaller !== null) yield smaller;
    }
  }
  for (const place of item.program.nodes.keys()) {
    const smaller = withoutAxis(item, place);
    if (smaller !== null) yield smaller;
  }
}

/** Params with `size` replaced in shapes and slices cut off at what is there. */
function resizedParams(params: object, change: (n: number) => number, input: Shape | undefined): object {
  const { shape, start, end } = params as {
    shape?: Shape;
    start?: readonly number[];
    end?: readonly number[];
  };
  if (shape !== undefined) return { ...params, shape: shape.map(change) };
  if (start === undefined || end === undefined || input === undefined) return params;
  const own = input.slice(input.length - end.length);
  const newEnd = own.map((n, i) => Math.min(change(end[i]), n));
  return { ...params, start: newEnd.map((n, i) => Math.min(start[i], n)), end: newEnd };
}

interface AxisParams {
  readonly axis?: number;
  readonly axes?: readonly number[];
  readonly low?: readonly number[];
  readonly start?: readonly number[];
  readonly contract?: readonly (readonly number[])[];
  readonly batch?: readonly (readonly number[])[];
}

/** Whether the axes that params speak of are there: the primitives' own rules trust those who build them. */
function axesExist(params: AxisParams, ranks: readonly number[]): boolean {
  const { axes, axis, low, start, contract, batch } = params;
  const [rank = Number.POSITIVE_INFINITY] = ranks;
  const counted = [...(axes ?? []), axis ?? 0].every((place) => place >= -rank);
  const listed = [low, start].every((list) => (list?.length ?? 0) <= rank);
  const paired = [contract, batch].every(
    (pair) => pair?.every((list, i) => list.every((place) => place < ranks[i])) ?? true,
  );
  return counted && listed && paired;
}

/** The case with new shapes, where they still fit together; else null. */
function reshaped(
  item: EngineCase,
  change: (n: number) => number,
  slotShape: (node: ProgramNode, place: number) => Shape,
): EngineCase | null {
  const { program } = item;
  const nodes: ProgramNode[] = [];
  try {
    for (const [place, node] of program.nodes.entries()) {
      if (node.prim === null) nodes.push({ ...node, shape: slotShape(node, place) });
      else {
        const params = resizedParams(node.params, change, nodes[node.inputs[0]]?.shape);
        if (
          !axesExist(
            params,
            node.inputs.map((source) => nodes[source].shape.length),
          )
        )
          return null;
        nodes.push(inferred({ ...node, params }, nodes));
      }
    }
  } catch {
    return null;
  }
  const fits = program.updates.every(
    ({ node, slot }) => slot < 0 || alike(nodes[node], nodes[program.inputs[slot].node]),
  );
  return fits && extent(nodes) < extent(program.nodes) ? { ...item, program: { ...program, nodes } } : null;
}

/** All sizes and ranks together. */
const extent = (nodes: readonly ProgramNode[]): number =>
  nodes.reduce((sum, { shape }) => sum + shape.reduce((part, size) => part + size + 1, 0), 0);

const resized = (item: EngineCase, size: number, less: number): EngineCase | null => {
  const change = (n: number) => (n === size ? less : n);
  return reshaped(item, change, ({ shape }) => shape.map(change));
};

/** An input without its first axis, where nothing needs it. */
const withoutAxis = (item: EngineCase, changed: number): EngineCase | null => {
  const { prim, shape } = item.program.nodes[changed];
  if (prim !== null || shape.length === 0) return null;
  const same = (n: number) => n;
  return reshaped(item, same, (node, place) =>
    place === changed || node.shape.join() === shape.join() ? shape.slice(1) : node.shape,
  );
};

function* plainerValues(item: EngineCase): Generator<EngineCase> {
  for (const [slot, plan] of item.slots.entries()) {
    const { values } = plan;
    const { shape, dtype } = item.program.nodes[item.program.inputs[slot].node];
    const size = sizeOf(shape);
    const change = (next: Values) => withPlan(item, slot, { ...plan, values: next });
    if (values.kind !== "given") {
      for (const kind of VALUE_KINDS.slice(0, VALUE_KINDS.indexOf(values.kind)))
        yield change({ kind, seed: 1 });
      if (size > 0 && size <= 64) {
        yield change({ kind: "given", elements: Array.from(drawn(values, dtype, size, 0)) });
      }
    } else {
      const used = values.elements.slice(0, Math.max(size, 1));
      if (used.length < values.elements.length) yield change({ kind: "given", elements: used });
      else for (const elements of plainerElements(used)) yield change({ kind: "given", elements });
    }
  }
}

/** Fewer elements, or some that are 0 or 1 or whole. */
function* plainerElements(elements: readonly number[]): Generator<number[]> {
  const plain = (x: number) => Object.is(x, 0) || x === 1;
  for (let length = 1; length < elements.length; length *= 2) yield elements.slice(0, length);
  if (elements.length > 64) return;
  for (const [i, x] of elements.entries()) {
    if (elements.length > 1) yield elements.filter((_, other) => other !== i);
    if (plain(x)) continue;
    for (const less of Number.isInteger(x) ? [0, 1] : [0, 1, Math.trunc(x)]) {
      if (Object.is(less, x) || (less !== 0 && less !== 1 && plain(less))) continue;
      yield elements.map((other, k) => (k === i ? less : other));
    }
  }
}
