import { type Params, type Primitive, primitives, type Shape } from "@cotangent/core";
import { sizeOf } from "./affine.ts";
import { type Graph, type Node, opName } from "./graph.ts";
import { kindOf } from "./kinds.ts";

/**
 * Decides in which order the axes of values lie in memory. Convolutions and windows speak of groups, channels and space in one
 * fixed order, users of channels that come last; between the two stand permutations, forward and backward. Here they sink: a
 * value that is made of permuted ones is computed in the order of theirs and permuted afterwards, until the permutations meet
 * their inverses. What is left of them is index arithmetic.
 *
 * No bit depends on it: reductions whose order counts are taken as they stand.
 */
export function chooseLayouts(graph: Graph): Graph {
  const moves = graph.nodes.some((node) => MOVERS.has(opName(node)));
  return moves ? new Layouts(graph).run() : graph;
}

const MOVERS = new Set(["permute", "conv", "windows", "fold"]);

/** Reductions whose order does not matter. */
const ORDERLESS = new Set(["reduceMax", "reduceMin", "reduceAnd", "reduceOr"]);
/** Reductions of windows of at most so many elements are written out. */
const MOST_UNROLLED = 32;

/** A value by a node whose axis i is the value's axis order[i]; null where they are the same. */
interface Laid {
  readonly id: number;
  readonly order: readonly number[] | null;
  /** Whether it is computed from sliding windows, element by element. */
  readonly isWindowed: boolean;
}

class Layouts {
  private readonly nodes: Node[] = [];
  private readonly laid: Laid[] = [];
  private readonly prims = new Map(primitives().map((prim) => [prim.name, prim]));

  constructor(private readonly graph: Graph) {}

  run(): Graph {
    this.graph.nodes.forEach((node, id) => {
      this.laid[id] = this.lay(node);
    });
    return {
      nodes: this.nodes,
      outputs: this.graph.outputs.map((id) => this.plain(id)),
      updates: this.graph.updates.map(({ node, slot }) => ({ node: this.plain(node), slot })),
    };
  }

  private lay(node: Node): Laid {
    const name = opName(node);
    const rule = RULES[name];
    if (rule !== undefined) return rule(this, node);
    if (kindOf(name) === "scalar" && name !== "randomBits" && name !== "barrier") return this.scalar(node);
    if (ORDERLESS.has(name) || name === "reduceSum" || name === "reduceProd") return this.reduction(node);
    return this.asItIs(node);
  }

  /** A node on operands as the primitive speaks of them. */
  asItIs(node: Node, isWindowed = false): Laid {
    const inputs = node.inputs.map((input) => this.plain(input));
    return { id: this.nodes.push({ ...node, inputs }) - 1, order: null, isWindowed };
  }

  add(node: Node, params: Params, inputs: readonly number[], shape: Shape): number {
    return this.nodes.push({ ...node, params, inputs, shape }) - 1;
  }

  get(id: number): Laid {
    return this.laid[id];
  }

  shapeOf(id: number): Shape {
    return this.nodes[id].shape;
  }

  /** The value in the order in which primitives speak of it. */
  plain(id: number): number {
    const { order } = this.laid[id];
    return this.inOrder(id, order === null ? null : order.map((_, axis) => axis));
  }

  /** The value with its axes in that order. */
  inOrder(id: number, order: readonly number[] | null): number {
    const laid = this.laid[id];
    if (order === null && laid.order === null) return laid.id;
    const rank = this.nodes[laid.id].shape.length;
    const to = order ?? Array.from({ length: rank }, (_, axis) => axis);
    const from = laid.order ?? Array.from({ length: rank }, (_, axis) => axis);
    return this.permute(
      laid.id,
      to.map((axis) => from.indexOf(axis)),
    );
  }

  /** Axis i of the result is axis axes[i] of the node. */
  permute(id: number, axes: readonly number[]): number {
    if (axes.every((axis, i) => axis === i)) return id;
    const node = this.nodes[id];
    const shape = axes.map((axis) => node.shape[axis]);
    if (opName(node) === "constant") return this.add(node, { ...node.params, shape }, [], shape);
    return this.make("permute", id, { axes: axes.map((axis) => axis - axes.length) }, shape);
  }

  make(name: string, input: number, params: Params, shape: Shape): number {
    const { dtype } = this.nodes[input];
    const prim = this.prims.get(name) as Primitive;
    return this.nodes.push({ prim, inputs: [input], params, shape, dtype, slot: -1 }) - 1;
  }

  /** Elementwise: in the order of the first operand that has one of its own. */
  private scalar(node: Node): Laid {
    const isWindowed = node.inputs.some((input) => this.laid[input].isWindowed);
    const order = node.inputs.map((input) => this.laid[input].order).find((one) => one !== null) ?? null;
    if (order === null) return this.asItIs(node, isWindowed);
    const inputs = node.inputs.map((input) => this.inOrder(input, order));
    const shape = order.map((axis) => node.shape[axis]);
    return { id: this.add(node, node.params, inputs, shape), order, isWindowed };
  }

  private reduction(node: Node): Laid {
    const [input] = node.inputs;
    const { order, isWindowed, id } = this.laid[input];
    const { axes } = node.params as { axes: readonly number[] };
    const shape = this.graph.nodes[input].shape;
    const reduced = axes.map((axis) => axis + shape.length);
    const size = sizeOf(reduced.map((axis) => shape[axis]));
    const isUnrolled = isWindowed && size > 0 && size <= MOST_UNROLLED;
    const params: Params = isUnrolled ? { ...node.params, isUnrolled } : node.params;
    if (order === null || !(isUnrolled || ORDERLESS.has(opName(node)))) {
      return { ...this.asItIs({ ...node, params }), isWindowed: false };
    }
    const kept = order.filter((axis) => !reduced.includes(axis));
    const own = reduced.map((axis) => order.indexOf(axis) - order.length);
    const keptShape = kept.map((axis) => shape[axis]);
    // Axes of the result are numbered without those that are gone.
    const rank = (axis: number): number => axis - reduced.filter((gone) => gone < axis).length;
    return {
      id: this.add(node, { ...params, axes: own }, [id], keptShape),
      order: kept.map(rank),
      isWindowed: false,
    };
  }
}

type LayoutRule = (layouts: Layouts, node: Node) => Laid;

const identity = (rank: number): number[] => Array.from({ length: rank }, (_, axis) => axis);

/** Parameters that hold a number for each of the last axes, for all axes in another order. */
function reordered(params: Params, names: readonly string[], order: readonly number[], fill: number): Params {
  const moved: Record<string, unknown> = { ...params };
  for (const name of names) {
    const values = (params as Record<string, readonly number[]>)[name];
    moved[name] = order.map((axis) => values[axis - (order.length - values.length)] ?? fill);
  }
  return moved as Params;
}

const RULES: Readonly<Record<string, LayoutRule>> = {
  permute: (layouts, node) => {
    const [input] = node.inputs;
    const { id, order, isWindowed } = layouts.get(input);
    const { axes } = node.params as { axes: readonly number[] };
    const rank = node.shape.length;
    const leading = rank - axes.length;
    const from = identity(rank).map((axis) => (axis < leading ? axis : axes[axis - leading] + rank));
    const next = (order ?? identity(rank)).map((axis) => from.indexOf(axis));
    return { id, order: next.every((axis, i) => axis === i) ? null : next, isWindowed };
  },

  reshape: (layouts, node) => {
    const [input] = node.inputs;
    const { id, order, isWindowed } = layouts.get(input);
    if (order === null) return layouts.asItIs(node, isWindowed);
    // Axes of size 1 come and go; all others stay.
    const before = layouts.shapeOf(id);
    const logical = identity(order.length).map((axis) => before[order.indexOf(axis)]);
    const oldAxes = identity(logical.length).filter((axis) => logical[axis] !== 1);
    const newAxes = identity(node.shape.length).filter((axis) => node.shape[axis] !== 1);
    const isSame =
      oldAxes.length === newAxes.length &&
      oldAxes.every((axis, i) => logical[axis] === node.shape[newAxes[i]]);
    if (!isSame) return layouts.asItIs(node, isWindowed);
    const ones = identity(node.shape.length).filter((axis) => node.shape[axis] === 1);
    const others = order
      .filter((axis) => logical[axis] !== 1)
      .map((axis) => newAxes[oldAxes.indexOf(axis)]);
    const next = [...ones, ...others];
    const shape = next.map((axis) => node.shape[axis]);
    return { id: layouts.add(node, { ...node.params, shape }, [id], shape), order: next, isWindowed };
  },

  broadcast: (layouts, node) => {
    const [input] = node.inputs;
    const { id, order, isWindowed } = layouts.get(input);
    if (order === null) return layouts.asItIs(node, isWindowed);
    const added = node.shape.length - order.length;
    const next = [...identity(added), ...order.map((axis) => axis + added)];
    const shape = next.map((axis) => node.shape[axis]);
    return { id: layouts.add(node, { ...node.params, shape }, [id], shape), order: next, isWindowed };
  },

  slice: (layouts, node) => alongAxes(layouts, node, { start: 0, step: 1 }),
  pad: (layouts, node) => alongAxes(layouts, node, { low: 0, high: 0, interior: 0 }),
  flip: (layouts, node) => {
    const [input] = node.inputs;
    const { id, order, isWindowed } = layouts.get(input);
    if (order === null) return layouts.asItIs(node, isWindowed);
    const { axes } = node.params as { axes: readonly number[] };
    const rank = order.length;
    const moved = axes.map((axis) => order.indexOf(axis + rank) - rank);
    const shape = layouts.shapeOf(id);
    return { id: layouts.add(node, { ...node.params, axes: moved }, [id], shape), order, isWindowed };
  },

  /** Windows keep the order of their operand; their own places come before a last axis that they do not slide over. */
  windows: (layouts, node) => {
    const [input] = node.inputs;
    const { order } = layouts.get(input);
    const { id } = layouts.asItIs(node);
    if (order === null) return { id, order: null, isWindowed: true };
    const { kernel } = node.params as { kernel: readonly number[] };
    const places = identity(kernel.length).map((i) => order.length + i);
    const last = order[order.length - 1];
    const isLeading = last < order.length - kernel.length;
    const next = isLeading ? [...order.slice(0, -1), ...places, last] : [...order, ...places];
    return { id: layouts.permute(id, next), order: next, isWindowed: true };
  },

  /** What is summed lies in the order of the windows. */
  fold: (layouts, node) => {
    const [input] = node.inputs;
    const { order } = layouts.get(input);
    const rank = node.shape.length;
    const next = order === null ? identity(rank) : order.filter((axis) => axis < rank);
    const shape = next.map((axis) => node.shape[axis]);
    const id = layouts.add(node, { ...node.params, order: next }, [layouts.plain(input)], shape);
    return { id, order: next, isWindowed: false };
  },

  /**
   * Outputs come last, whole vectors of them, behind examples and space: for sums over few taps in the order of pictures, for
   * gradients of kernels, whose taps are many, in that of kernels.
   */
  conv: (layouts, node) => {
    const [x, w] = node.inputs.map((input) => layouts.plain(input));
    const space = identity(node.shape.length).slice(3);
    const taps = sizeOf(layouts.shapeOf(w).slice(3));
    const places = sizeOf(node.shape.slice(3));
    const next = taps > places ? [...space, 1, 0, 2] : [1, ...space, 0, 2];
    const shape = next.map((axis) => node.shape[axis]);
    const id = layouts.add(node, { ...node.params, order: next }, [x, w], shape);
    return { id, order: next, isWindowed: false };
  },
};

/** Movements with numbers for each axis. */
function alongAxes(layouts: Layouts, node: Node, numbers: Readonly<Record<string, number>>): Laid {
  const [input] = node.inputs;
  const { id, order, isWindowed } = layouts.get(input);
  if (order === null) return layouts.asItIs(node, isWindowed);
  const shape = order.map((axis) => node.shape[axis]);
  const params = Object.entries(numbers).reduce(
    (moved, [name, fill]) => reordered(moved, [name], order, fill),
    node.params,
  );
  return { id: layouts.add(node, params, [id], shape), order, isWindowed };
}

