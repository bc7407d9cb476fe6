import { broadcastTo, type Graph, isFloating, type ProgramNode, type Tensor } from "@cotangent/core";
import { sizeOf } from "../numeric/vectors.ts";

/** A place where a function bends or jumps: a node whose rule differs from one piece to the next. */
export interface Switch {
  /** Its place in the graph's program. */
  readonly place: number;
  /** Whole numbers that are the same as long as the operands stay in one piece. */
  readonly piece: Tensor;
  /** The least distance of the operands from another piece, from their values; 0 at a tie. */
  distance(operands: readonly ArrayLike<number>[], node: ProgramNode): number;
}

type Rule = Readonly<{
  piece(node: Tensor, operands: readonly Tensor[], params: AxisParams): Tensor;
  distance(operands: readonly ArrayLike<number>[], context: Context): number;
}>;

interface AxisParams {
  readonly axes?: readonly number[];
  readonly axis?: number;
  readonly op?: string;
}

interface Context {
  readonly shape: readonly number[];
  readonly params: AxisParams;
}

const INFINITY = Number.POSITIVE_INFINITY;

/** The least of a distance over elements; NaN counts for nothing. */
function least(count: number, distance: (i: number) => number): number {
  let result = INFINITY;
  for (let i = 0; i < count; i++) {
    const d = distance(i);
    if (d < result) result = d;
  }
  return result;
}

const apart = ([a, b]: readonly ArrayLike<number>[]): number =>
  least(a.length, (i) => (Object.is(a[i], b[i]) || a[i] === b[i] ? 0 : Math.abs(a[i] - b[i])));

/** How far the first operand is from a multiple of the second. */
const fromMultiple = ([a, b]: readonly ArrayLike<number>[]): number =>
  least(a.length, (i) => Math.abs(a[i] - Math.round(a[i] / b[i]) * b[i]));

const ofTwo: Rule = { piece: (_, [a, b]) => a.sub(b).sign(), distance: apart };
const atZero: Rule = {
  piece: (_, [x]) => x.sign(),
  distance: ([x]) => least(x.length, (i) => Math.abs(x[i])),
};

const jumpingAt = (jump: (x: number) => number): Rule => ({
  piece: (node) => node,
  distance: ([x]) => least(x.length, (i) => Math.abs(x[i] - jump(x[i]))),
});
const nearestHalf = (x: number): number => Math.floor(x) + 0.5;

/** The smallest gap between neighbours along an axis, in order. */
function smallestGap(x: ArrayLike<number>, shape: readonly number[], axis: number): number {
  const place = axis < 0 ? axis + shape.length : axis;
  const size = shape[place];
  const inner = sizeOf(shape.slice(place + 1));
  return leastOfRows(x.length, size, inner, (row) => {
    row.sort();
    return least(row.length - 1, (i) => row[i + 1] - row[i]);
  }, x); // biome-ignore format: one call
}

function leastOfRows(
  count: number,
  size: number,
  inner: number,
  of: (row: Float64Array) => number,
  x: ArrayLike<number>,
): number {
  let result = INFINITY;
  for (let start = 0; size > 1 && start < count / size; start++) {
    const first = Math.floor(start / inner) * size * inner + (start % inner);
    const row = Float64Array.from({ length: size }, (_, k) => x[first + k * inner]);
    result = Math.min(result, of(row));
  }
  return result;
}

/** How far the greatest element of each group (`sign` 1; the least: -1) is from the next. */
function secondBest(sign: 1 | -1): Rule["distance"] {
  return ([x], { shape, params }) => {
    const axes = (params.axes ?? shape.map((_, axis) => axis)).map((axis) =>
      axis < 0 ? axis + shape.length : axis,
    );
    const best = new Map<number, [first: number, second: number]>();
    const strides = keptStrides(shape, axes);
    for (let i = 0; i < x.length; i++) {
      const group = groupOf(i, shape, strides);
      const value = sign * x[i];
      const [first, second] = best.get(group) ?? [-INFINITY, -INFINITY];
      if (value > first) best.set(group, [value, first]);
      else if (value > second) best.set(group, [first, value]);
    }
    let result = INFINITY;
    for (const [first, second] of best.values()) result = Math.min(result, first - second);
    return result;
  };
}

/** Strides of the result of a reduction, with 0 for the axes that are reduced. */
function keptStrides(shape: readonly number[], axes: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (axes.includes(axis)) continue;
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

function groupOf(offset: number, shape: readonly number[], strides: readonly number[]): number {
  let rest = offset;
  let group = 0;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    group += (rest % shape[axis]) * strides[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return group;
}

const reduced = (sign: 1 | -1): Rule => ({
  piece: (node, [x], { axes = [] }) => {
    const kept = x.shape.map((size, axis) => (axes.includes(axis - x.rank) ? 1 : size));
    return x.equal(broadcastTo(node.reshape(kept), x.shape));
  },
  distance: secondBest(sign),
});

/** Where a running maximum holds on to what came before. */
const running: Rule = {
  piece: (node, [x]) => x.equal(node),
  distance: ([x], { shape, params }) => smallestGap(x, shape, params.axis ?? -1),
};

const asIs = (distance: Rule["distance"]): Rule => ({ piece: (node) => node, distance });

const RULES: Readonly<Record<string, Rule>> = {
  max: ofTwo,
  min: ofTwo,
  abs: atZero,
  sign: atZero,
  floor: jumpingAt(Math.round),
  ceil: jumpingAt(Math.round),
  trunc: jumpingAt(Math.round),
  round: jumpingAt(nearestHalf),
  mod: { piece: (_, [a, b]) => a.div(b).floor(), distance: fromMultiple },
  quotient: asIs(fromMultiple),
  compare: asIs(apart),
  // Only from floating to whole numbers: see `switchesIn`.
  cast: jumpingAt(Math.round),
  reduceMax: reduced(1),
  reduceMin: reduced(-1),
  argReduce: asIs(([x], { shape, params: { op, axis = -1 } }) =>
    secondBest(op === "min" ? -1 : 1)([x], { shape, params: { axes: [axis] } }),
  ),
  argSort: asIs(([x], { shape, params }) => smallestGap(x, shape, params.axis ?? -1)),
  cumulativeMax: running,
  cumulativeMin: running,
  scatterMax: { piece: (node, [x]) => node.equal(x), distance: () => INFINITY },
  scatterMin: { piece: (node, [x]) => node.equal(x), distance: () => INFINITY },
};

/** Whether functions made of this primitive bend or jump somewhere. */
export const isSwitch = (primitive: string): boolean => primitive in RULES;

/** Places of nodes that depend on one of the first `count` slots, with the slots themselves. */
export function dependentPlaces({ program }: Graph, count: number): Uint8Array {
  const depends = new Uint8Array(program.nodes.length);
  for (let slot = 0; slot < count; slot++) depends[program.inputs[slot].node] = 1;
  program.nodes.forEach(({ inputs }, place) => {
    if (inputs.some((source) => depends[source] === 1)) depends[place] = 1;
  });
  return depends;
}

/** All places where what depends on the first `count` inputs may bend or jump. */
export function switchesIn(graph: Graph, count: number): Switch[] {
  const { nodes } = graph.program;
  const depends = dependentPlaces(graph, count);
  return nodes.flatMap((node, place): Switch[] => {
    const rule = node.prim === null ? undefined : RULES[node.prim.name];
    const [first] = node.inputs;
    if (rule === undefined || depends[place] === 0 || !isFloating(nodes[first].dtype)) return [];
    if (node.prim?.name === "cast" && isFloating(node.dtype)) return [];
    // The same operand twice: always a tie, and never a bend.
    if (node.inputs.length === 2 && node.inputs[0] === node.inputs[1]) return [];
    const operands = node.inputs.map((source) => graph.tensors[source]);
    const params = node.params as AxisParams;
    return [
      {
        place,
        piece: rule.piece(graph.tensors[place], operands, params),
        distance: (values) => rule.distance(values, { shape: nodes[first].shape, params }),
      },
    ];
  });
}
