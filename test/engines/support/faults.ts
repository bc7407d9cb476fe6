import type { Engine, ProgramNode, Storage, TypedArray } from "@cotangent/core";
import { type Hooks, type Running, standIn } from "./standIn.ts";

/** An engine that is wrong in one way, and the most nodes that the smallest program which shows it may have. */
export interface Fault {
  readonly what: string;
  readonly engine: Engine;
  readonly nodes: number;
}

const fault = (what: string, nodes: number, hooks: Hooks): Fault => ({
  what,
  nodes,
  engine: standIn(what, hooks),
});

type Wrong = (
  value: TypedArray,
  operands: readonly TypedArray[],
  node: ProgramNode,
  running: Running,
) => void;

/** The values of one primitive are changed. */
const wrong = (what: string, name: string, change: Wrong, nodes = 1): Fault =>
  fault(what, nodes, {
    computed(node, value, running) {
      if (node.prim?.name !== name) return;
      change(value, node.inputs.map((source) => running.values[source]), node, running); // biome-ignore format: one call
    },
  });

/** Each element is made anew from those of the operands. */
const elementwise =
  (dtype: string | null, f: (x: number, y: number) => number): Wrong =>
  (value, [x, y], node) => {
    if (dtype !== null && node.dtype !== dtype) return;
    for (let i = 0; i < value.length; i++) value[i] = f(x[i], y?.[i]);
  };

const shapeOf = ({ program }: Running, source: number) => program.nodes[source].shape;

/** One more axis of a flip is left alone. */
const flipsLess: Wrong = (value, [x], node, running) => {
  const { axes } = node.params as { axes: readonly number[] };
  const shape = shapeOf(running, node.inputs[0]);
  const rest = { ...node, params: { axes: axes.slice(1) } };
  node.prim?.reference([{ data: x, shape, dtype: node.dtype }], rest.params, {
    data: value,
    shape: node.shape,
    dtype: node.dtype,
  });
};

/** The last element of a row that vectors of four do not fill repeats the one before it. */
const shortTail: Wrong = (value, _, { shape }) => {
  const inner = shape[shape.length - 1] ?? 1;
  if (inner <= 4 || inner % 4 === 0) return;
  for (let end = inner; end <= value.length; end += inner) value[end - 1] = value[end - 2];
};

/** What products and sums make together when they are rounded once. */
const fused: Wrong = (value, operands, node, { program, values }) => {
  node.inputs.forEach((source, side) => {
    const product = program.nodes[source];
    if (product.prim?.name !== "mul" || program.outputs.includes(source) || node.dtype !== "float32") return;
    const [x, y] = product.inputs.map((factor) => values[factor]);
    const other = operands[1 - side];
    for (let i = 0; i < value.length; i++) value[i] = x[i] * y[i] + other[i];
  });
};

/** An update is written into its donated slot as soon as it is computed, though later nodes still read the old value. */
const writesEarly: Hooks = {
  computed(_, value, { program, values, donated }, place) {
    for (const { node, slot } of program.updates) {
      if (node === place && donated.includes(slot)) values[program.inputs[slot].node] = value;
    }
  },
};

/** The first two outputs of the same kind change places. */
function swapped(results: Storage[], { program }: Running): Storage[] {
  const [a, b] = program.outputs;
  if (b === undefined) return results;
  const [x, y] = [program.nodes[a], program.nodes[b]];
  if (x.dtype !== y.dtype || x.shape.join() !== y.shape.join()) return results;
  return [results[1], results[0], ...results.slice(2)];
}

/** Every first output of a program lies in the same place, whatever was there before. */
function overwritten(results: Storage[], { program, values }: Running): Storage[] {
  const [place] = program.outputs;
  if (place === undefined) return results;
  const before = lastOutputs.get(program);
  const elements = before ?? values[place].slice();
  elements.set(values[place]);
  lastOutputs.set(program, elements);
  results[0].resident = { read: () => elements };
  return results;
}
const lastOutputs = new WeakMap<object, TypedArray>();

/** A slot that is not donated is used as working memory. */
function scribbled(results: Storage[], { program, bound, donated }: Running): Storage[] {
  program.updates.forEach(({ slot }) => {
    const host = slot < 0 || donated.includes(slot) ? null : bound[slot].host;
    if (host !== null && host.length > 1) host[host.length - 1] += 1;
  });
  return results;
}

/** The faults that the harness must find. */
export const FAULTS: readonly Fault[] = [
  wrong(
    "min of uint32 compares as int32 does",
    "min",
    elementwise("uint32", (x, y) => Math.min(x | 0, y | 0)),
  ),
  wrong(
    "acosh in float64 is computed in float32",
    "acosh",
    elementwise("float64", (x) => Math.fround(Math.acosh(x))),
  ),
  wrong(
    "sin in float32 is off by a few ULP",
    "sin",
    elementwise("float32", (x) => Math.sin(x) * (1 + 2 ** -21)),
  ),
  wrong(
    "an integer quotient rounds toward zero",
    "quotient",
    elementwise("int32", (x, y) => (y === 0 ? 0 : x / y)),
  ),
  wrong(
    "neg of 0 is 0, not -0",
    "neg",
    elementwise("float32", (x) => 0 - x),
  ),
  wrong("round loses the sign of small negative numbers", "round", (value) => {
    for (let i = 0; i < value.length; i++) if (value[i] === 0) value[i] = 0;
  }),
  wrong(
    "max loses NaN",
    "max",
    elementwise(null, (x, y) => (Number.isNaN(x) ? y : Math.max(x, y))),
  ),
  wrong("a flip along several axes forgets the first", "flip", (value, operands, node, running) => {
    if ((node.params as { axes: readonly number[] }).axes.length > 1)
      flipsLess(value, operands, node, running);
  }),
  wrong("the tail of a row is off by one", "mul", shortTail),
  wrong("the tail of a concatenation is off by one", "concat", shortTail, 2),
  wrong("the sum of int32 is taken in float32", "reduceSum", (value, _, { dtype }) => {
    if (dtype === "int32") for (let i = 0; i < value.length; i++) value[i] = Math.fround(value[i]);
  }),
  wrong(
    "a row's sum misses its last element when there are more than 16",
    "reduceSum",
    (value, [x], node, running) => {
      const inner = shapeOf(running, node.inputs[0]).at(-1) ?? 1;
      const { axes } = node.params as { axes: readonly number[] };
      if (inner <= 16 || axes.join() !== "-1" || !node.dtype.startsWith("float")) return;
      for (let i = 0; i < value.length; i++) value[i] -= x[i * inner + inner - 1];
    },
  ),
  wrong("running sums of float32 are kept in float32", "cumulativeSum", (value, [x], node) => {
    const { axis, reverse } = node.params as { axis: number; reverse: boolean };
    const size = node.shape.at(-1) as number;
    if (axis !== -1 || reverse || node.dtype !== "float32") return;
    for (let i = 0; i < value.length; i++) {
      value[i] = i % size === 0 ? x[i] : Math.fround(value[i - 1] + x[i]);
    }
  }),
  wrong("a reversed running maximum forgets its first element", "cumulativeMax", (value, [x], node) => {
    const { axis, reverse } = node.params as { axis: number; reverse: boolean };
    const size = node.shape.at(-1) as number;
    if (axis !== -1 || !reverse || size < 2) return;
    for (let i = size - 2; i < value.length; i += size) value[i] = x[i];
  }),
  wrong("a product with two batch axes is off", "dot", (value, _, { params }) => {
    if ((params as { batch: readonly (readonly number[])[] }).batch[0].length > 1 && value.length > 1)
      value.reverse();
  }),
  fault("a product and a sum are rounded once where the product is not read", 2, {
    computed(node, value, running) {
      const operands = node.inputs.map((source) => running.values[source]);
      if (node.prim?.name === "add") fused(value, operands, node, running);
    },
  }),
  fault("an update is written over its slot too early", 3, writesEarly),
  fault("two outputs change places", 2, { finished: swapped }),
  fault("a result is overwritten by the next run", 1, { finished: overwritten }),
  fault("what is bound and not donated is written over", 2, { finished: scribbled }),
  fault("data that is bound again is not looked at", 1, {
    accepts: ({ inputs }, slot) => inputs[slot].kind === "variable",
  }),
];
