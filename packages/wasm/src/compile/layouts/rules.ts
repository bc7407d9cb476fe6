import type { Params, Shape } from "@cotangent/core";
import { sizeOf } from "../affine.ts";
import type { Node } from "../graph.ts";
import type { Layouts } from "./index.ts";
import { type Apart, identity, isApart, type Laid, permuted, withOnes } from "./laid.ts";

export type LayoutRule = (layouts: Layouts, node: Node) => Laid;

/** Parameters that hold a number for each of the last axes, for all axes in another order. */
function reordered(params: Params, names: readonly string[], order: readonly number[], fill: number): Params {
  const moved: Record<string, unknown> = { ...params };
  for (const name of names) {
    const values = (params as Record<string, readonly number[]>)[name];
    moved[name] = order.map((axis) => values[axis - (order.length - values.length)] ?? fill);
  }
  return moved as Params;
}

export const RULES: Readonly<Record<string, LayoutRule>> = {
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
   * Outputs come last, whole vectors of them, behind examples and space: in the order of pictures or, for gradients of kernels,
   * in that of kernels.
   */
  conv: (layouts, node) => {
    const isOfKernels = isKernelGradient(layouts, node);
    const [x, w] = node.inputs.map((input) => layouts.plain(input));
    const space = identity(node.shape.length).slice(3);
    const next = isOfKernels ? [...space, 1, 0, 2] : [1, ...space, 0, 2];
    const shape = next.map((axis) => node.shape[axis]);
    const id = layouts.add(node, { ...node.params, order: next }, [x, w], shape);
    return { id, order: next, isWindowed: false };
  },
};

/**
 * Whether a convolution makes the gradient of kernels: then what are examples for it are channels, which lie innermost. Where
 * neither examples nor channels do, it has more taps than places.
 */
function isKernelGradient(layouts: Layouts, node: Node): boolean {
  const [x, w] = node.inputs.map((input) => layouts.logical(input));
  const order = layouts.get(node.inputs[0]).order ?? identity(x.length);
  const innermost = order.filter((axis) => x[axis] !== 1).at(-1);
  if (innermost === 1 || innermost === 2) return innermost === 1;
  return sizeOf(w.slice(3)) > sizeOf(node.shape.slice(3));
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
