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

/**
 * A value whose axes are taken apart: where windows lie side by side, an axis is a place of a window and a place within it.
 * `parts` has the sizes for each axis; the order is that of all of them. What belongs together lies together.
 */
interface Apart extends Laid {
  readonly order: readonly number[];
  readonly parts: readonly (readonly number[])[];
}

const isApart = (laid: Laid): laid is Apart => "parts" in laid;

/** For each part the axis that it belongs to. */
const ownersOf = ({ parts }: Pick<Apart, "parts">): number[] =>
  parts.flatMap((sizes, axis) => sizes.map(() => axis));

class Layouts {
  private readonly nodes: Node[] = [];
  private readonly laid: Laid[] = [];
  private readonly wholes = new Map<string, Laid>();
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

  /** The value, its axes whole. */
  get(id: number): Laid {
    const laid = this.laid[id];
    return isApart(laid) ? this.whole(laid) : laid;
  }

  /** The value as it was computed, its axes perhaps apart. */
  raw(id: number): Laid {
    return this.laid[id];
  }

  /** The shape in which primitives speak of the value. */
  logical(id: number): Shape {
    return this.graph.nodes[id].shape;
  }

  /** Axes that are apart as one: what is stored in that order lies as it should. */
  whole(laid: Apart): Laid {
    const key = `${laid.id} ${laid.order.join()}`;
    const known = this.wholes.get(key);
    if (known !== undefined) return known;
    const owners = ownersOf(laid);
    const order = laid.order.map((part) => owners[part]).filter((axis, i, all) => axis !== all[i - 1]);
    const shape = order.map((axis) => sizeOf(laid.parts[axis]));
    const id = this.make("reshape", laid.id, { shape, isOfStored: true }, shape);
    const whole = { id, order, isWindowed: false };
    this.wholes.set(key, whole);
    return whole;
  }

  /** A node with axes of size 1 that have come or gone. */
  reshapedApart(id: number, apart: Apart): Apart {
    const sizes = apart.parts.flat();
    const shape = apart.order.map((part) => sizes[part]);
    return { ...apart, id: this.make("reshape", id, { shape }, shape) };
  }

  /** The value with its axes apart, in that order. */
  private apart(id: number, { parts, order }: Pick<Apart, "parts" | "order">): number {
    const raw = this.laid[id];
    if (isApart(raw) && raw.parts.join(";") === parts.join(";")) {
      return this.permute(
        raw.id,
        order.map((part) => raw.order.indexOf(part)),
      );
    }
    const owners = ownersOf({ parts });
    const sizes = parts.flat();
    const axes = order.map((part) => owners[part]).filter((axis, i, all) => axis !== all[i - 1]);
    const node = this.inOrder(id, axes);
    const shape = order.map((part) => sizes[part]);
    return this.reshape(node, shape);
  }

  private reshape(id: number, shape: Shape): number {
    const node = this.nodes[id];
    if (opName(node) === "constant") return this.add(node, { ...node.params, shape }, [], shape);
    return node.shape.join() === shape.join() ? id : this.make("reshape", id, { shape }, shape);
  }

  shapeOf(id: number): Shape {
    return this.nodes[id].shape;
  }

  /** The value in the order in which primitives speak of it. */
  plain(id: number): number {
    const { order } = this.get(id);
    return this.inOrder(id, order === null ? null : order.map((_, axis) => axis));
  }

  /** The value with its axes in that order. */
  inOrder(id: number, order: readonly number[] | null): number {
    const laid = this.get(id);
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
    const apart = node.inputs.map((input) => this.laid[input]).find(isApart);
    if (apart !== undefined) {
      // Without axes of size 1: the same value may have been reshaped in several ways.
      const sizes = apart.parts.flat();
      const full = apart.order.map((part) => sizes[part]);
      const shape = full.filter((size) => size !== 1);
      const inputs = node.inputs.map((input) => this.reshape(this.apart(input, apart), shape));
      const id = this.reshape(this.add(node, node.params, inputs, shape), full);
      return { ...apart, id, isWindowed };
    }
    const order = node.inputs.map((input) => this.laid[input].order).find((one) => one !== null) ?? null;
    if (order === null) return this.asItIs(node, isWindowed);
    const inputs = node.inputs.map((input) => this.inOrder(input, order));
    const shape = order.map((axis) => node.shape[axis]);
    return { id: this.add(node, node.params, inputs, shape), order, isWindowed };
  }

  private reduction(node: Node): Laid {
    const [input] = node.inputs;
    const { order, isWindowed, id } = this.get(input);
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
    const laid = layouts.raw(input);
    const { id, order, isWindowed } = laid;
    const { axes } = node.params as { axes: readonly number[] };
    const rank = node.shape.length;
    const leading = rank - axes.length;
    const from = identity(rank).map((axis) => (axis < leading ? axis : axes[axis - leading] + rank));
    if (isApart(laid)) return permuted(laid, from);
    const next = (order ?? identity(rank)).map((axis) => from.indexOf(axis));
    return { id, order: next.every((axis, i) => axis === i) ? null : next, isWindowed };
  },

  reshape: (layouts, node) => {
    const [input] = node.inputs;
    const raw = layouts.raw(input);
    if (isApart(raw)) {
      const reshaped = withOnes(raw, layouts.logical(input), node.shape);
      if (reshaped !== null) return layouts.reshapedApart(raw.id, reshaped);
    }
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
    const others = order.filter((axis) => logical[axis] !== 1).map((axis) => newAxes[oldAxes.indexOf(axis)]);
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

  /** What is summed lies in the order of the windows; windows side by side are not summed at all. */
  fold: (layouts, node) => {
    const [input] = node.inputs;
    const { order } = layouts.get(input);
    const rank = node.shape.length;
    const next = order === null ? identity(rank) : order.filter((axis) => axis < rank);
    if (order !== null && liesSideBySide(node, layouts.logical(input), order)) {
      return sideBySide(layouts, node, next);
    }
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

/** A value whose axes are apart, with axes of size 1 that come and go; null for any other shape. */
function withOnes(laid: Apart, from: Shape, to: Shape): Apart | null {
  const real = (shape: Shape): number[] => identity(shape.length).filter((axis) => shape[axis] !== 1);
  const [before, after] = [real(from), real(to)];
  if (before.length !== after.length || before.some((axis, i) => from[axis] !== to[after[i]])) return null;
  const parts = to.map((_, axis) => (after.includes(axis) ? laid.parts[before[after.indexOf(axis)]] : [1]));
  const [owners, next] = [ownersOf(laid), ownersOf({ parts })];
  const ones = identity(next.length).filter((part) => !after.includes(next[part]));
  const others = laid.order
    .filter((part) => before.includes(owners[part]))
    .map((part) => {
      const axis = after[before.indexOf(owners[part])];
      return next.indexOf(axis) + part - owners.indexOf(owners[part]);
    });
  return { ...laid, parts, order: [...ones, ...others] };
}

/** A permutation of a value whose axes are apart: axis i of the result is axis from[i]. */
function permuted({ parts, order, ...rest }: Apart, from: readonly number[]): Apart {
  const moved = from.map((axis) => parts[axis]);
  const starts = (list: readonly (readonly number[])[]): number[] => {
    let start = 0;
    return list.map((sizes) => {
      start += sizes.length;
      return start - sizes.length;
    });
  };
  const [before, after] = [starts(parts), starts(moved)];
  const owners = ownersOf({ parts });
  const next = order.map((part) => {
    const axis = owners[part];
    return after[from.indexOf(axis)] + part - before[axis];
  });
  return { ...rest, parts: moved, order: next };
}

/** Whether windows lie side by side, and vectors run along something else. */
function liesSideBySide(node: Node, windowed: Shape, order: readonly number[]): boolean {
  const { sizes, strides, dilation } = node.params as Record<
    "sizes" | "strides" | "dilation",
    readonly number[]
  >;
  const leading = node.shape.length - sizes.length;
  const innermost = order.filter((axis) => axis < node.shape.length).at(-1) ?? leading;
  const kernel = windowed.slice(leading + sizes.length);
  return (
    innermost < leading && kernel.every((size, i) => size === strides[i] && (size === 1 || dilation[i] === 1))
  );
}

/** Windows side by side: what was an axis is a place of a window and a place within it, and perhaps a rest of zeros. */
function sideBySide(layouts: Layouts, node: Node, order: readonly number[]): Laid {
  const [input] = node.inputs;
  const windowed = layouts.logical(input);
  const { sizes } = node.params as { sizes: readonly number[] };
  const rank = node.shape.length;
  const leading = rank - sizes.length;
  // A place of a window, and the place within it.
  const pair = (axis: number): number[] => [axis, axis + sizes.length];
  const parts = identity(rank).map((axis) =>
    axis < leading ? [windowed[axis]] : pair(axis).map((one) => windowed[one]),
  );
  const id = layouts.inOrder(
    input,
    order.flatMap((axis) => (axis < leading ? [axis] : pair(axis))),
  );
  const first = (axis: number): number => (axis < leading ? axis : leading + 2 * (axis - leading));
  const apart: Apart = {
    id,
    parts,
    order: order.flatMap((axis) => (axis < leading ? [first(axis)] : [first(axis), first(axis) + 1])),
    isWindowed: false,
  };
  const missing = order.map((axis) => node.shape[axis] - sizeOf(parts[axis]));
  if (missing.every((n) => n === 0)) return apart;
  const whole = layouts.whole(apart);
  const none = missing.map(() => 0);
  const shape = order.map((axis) => node.shape[axis]);
  return { ...whole, id: layouts.make("pad", whole.id, { low: none, high: missing, interior: none }, shape) };
}

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
