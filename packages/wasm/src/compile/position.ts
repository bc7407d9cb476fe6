import type { Shape } from "@cotangent/core";
import { type Affine, affineConstant, type Domain, plus, rowMajor, scaled } from "./affine.ts";
import { type Node, opName } from "./graph.ts";
import { kindOf } from "./kinds.ts";

/**
 * Which element of a value is meant at each point of a kernel's domain: an index for each axis, or, where that cannot
 * be told, only the place in row-major order.
 */
export interface Position {
  readonly axes: readonly Affine[] | null;
  /** The place in row-major order. */
  readonly linear: Affine;
}

const positionAt = (axes: readonly Affine[], shape: Shape, rank: number): Position => ({
  axes,
  linear: linearOf(axes, shape, rank),
});

function linearOf(axes: readonly Affine[], shape: Shape, rank: number): Affine {
  const strides = rowMajor(shape);
  return axes.reduce((sum, axis, i) => plus(sum, scaled(axis, strides[i])), affineConstant(0, rank));
}

/** Each element of a value of this shape in its own place; `domain` is `domainOf(shape)`. */
export function ownPosition(shape: Shape, domain: Domain): Position {
  const rank = domain.length;
  let d = 0;
  const axes = shape.map((size): Affine => {
    const axis = affineConstant(0, rank);
    if (size === 1) return axis;
    const strides = [...axis.strides];
    strides[d++] = 1;
    return { offset: 0, strides };
  });
  return positionAt(axes, shape, rank);
}

/**
 * Where the input of a movement is read when its result is read at `position`. Null when that is not known as an
 * affine function; then the result has to be stored first.
 */
export function movedPosition(node: Node, input: Node, position: Position): Position | null {
  const rank = position.linear.strides.length;
  const move = MOVES[opName(node)];
  if (opName(node) === "reshape") return reshaped(node.shape, input.shape, position, rank);
  if (position.axes === null) {
    return sizeIsOne(input.shape)
      ? { axes: input.shape.map(() => affineConstant(0, rank)), linear: affineConstant(0, rank) }
      : null;
  }
  return positionAt(move(node, input, position.axes, rank), input.shape, rank);
}

/** The movements that are index arithmetic. */
export const isMovement = (node: Node): boolean => kindOf(opName(node)) === "movement";

const sizeIsOne = (shape: Shape): boolean => shape.every((n) => n === 1);

type Move = (node: Node, input: Node, axes: readonly Affine[], rank: number) => Affine[];

const MOVES: Readonly<Record<string, Move>> = {
  permute: (node, input, axes) => {
    const { axes: order } = node.params as { axes: readonly number[] };
    const leading = input.shape.length - order.length;
    const moved = [...axes];
    order.forEach((from, to) => {
      moved[input.shape.length + from] = axes[leading + to];
    });
    return moved;
  },
  broadcast: (node, input, axes, rank) => {
    const added = node.shape.length - input.shape.length;
    return input.shape.map((size, axis) => (size === 1 ? affineConstant(0, rank) : axes[axis + added]));
  },
  slice: (node, input, axes) => {
    const { start, step } = node.params as Record<"start" | "step", readonly number[]>;
    const leading = input.shape.length - start.length;
    return axes.map((axis, i) => {
      if (i < leading) return axis;
      const moved = scaled(axis, step[i - leading]);
      return { ...moved, offset: moved.offset + start[i - leading] };
    });
  },
  flip: (node, input, axes) => {
    const { axes: flipped } = node.params as { axes: readonly number[] };
    const rank = input.shape.length;
    return axes.map((axis, i) => {
      if (!flipped.includes(i - rank)) return axis;
      const turned = scaled(axis, -1);
      return { ...turned, offset: turned.offset + input.shape[i] - 1 };
    });
  },
  windows: (node, input, axes) => {
    const { kernel, strides, dilation } = node.params as Record<
      "kernel" | "strides" | "dilation",
      readonly number[]
    >;
    const leading = input.shape.length - kernel.length;
    return input.shape.map((_, axis) => {
      const i = axis - leading;
      if (i < 0) return axes[axis];
      return plus(scaled(axes[axis], strides[i]), scaled(axes[axis + kernel.length], dilation[i]));
    });
  },
};

/** Axes that belong together: the product of `from`'s sizes in the group is that of `to`'s. */
interface AxisGroup {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The smallest groups of neighbouring axes into which a reshape falls apart. */
function axisGroups(from: Shape, to: Shape): AxisGroup[] {
  const groups: AxisGroup[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length || j < to.length) {
    const group = { from: [] as number[], to: [] as number[] };
    let left = 1;
    let right = 1;
    do {
      if (j >= to.length || (i < from.length && left <= right)) {
        left *= from[i];
        group.from.push(i++);
      } else {
        right *= to[j];
        group.to.push(j++);
      }
    } while (
      left !== right || group.from.length === 0 || group.to.length === 0
        ? i < from.length || j < to.length
        : false
    );
    groups.push(group);
  }
  return groups;
}

/** The position in `to` (the input's shape) of what is at `position` in `from` (the result's). */
function reshaped(from: Shape, to: Shape, position: Position, rank: number): Position | null {
  const { axes, linear } = position;
  if (axes === null) return { axes: sizeIsOne(to) ? to.map(() => affineConstant(0, rank)) : null, linear };
  const moved = new Array<Affine>(to.length).fill(affineConstant(0, rank));
  for (const group of axisGroups(from, to)) {
    const targets = group.to.filter((axis) => to[axis] !== 1);
    if (targets.length === 0) continue;
    if (targets.length > 1) {
      const sources = group.from.filter((axis) => from[axis] !== 1);
      const matching =
        sources.length === targets.length && sources.every((axis, i) => from[axis] === to[targets[i]]);
      if (!matching) return { axes: null, linear };
      sources.forEach((axis, i) => {
        moved[targets[i]] = axes[axis];
      });
      continue;
    }
    const sizes = group.from.map((axis) => from[axis]);
    moved[targets[0]] = linearOf(
      group.from.map((axis) => axes[axis]),
      sizes,
      rank,
    );
  }
  return { axes: moved, linear };
}
