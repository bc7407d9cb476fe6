import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import {
  checkShapeArray,
  formatShape,
  listOf,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sizeOf,
  toShape,
} from "../types/shape.ts";
import type {
  Concatenated,
  Expanded,
  Fits,
  Known,
  Reshaped,
  Settled,
  ShapeOf,
  Squeezed,
  Stacked,
  StaticAxes,
  Stretch,
  Transposed,
} from "../types/static/index.ts";
import { describeValue } from "../types/trees.ts";
import { IndexError, ShapeError, StateError } from "../util/errors.ts";
import { promoteOperands } from "./operands.ts";
import { sectioned, sectionOf } from "./sections.ts";

/** The same elements in another shape; one size may be -1 and follows from the others. @throws ShapeError */
export function reshape<X extends TensorLike, const B extends Shape>(
  x: X,
  shape: B & Fits<Reshaped<ShapeOf<X>, B>>,
): Tensor<Settled<Reshaped<ShapeOf<X>, B>>>;
export function reshape(x: TensorLike, shape: Shape): Tensor {
  const tensor = asTensor(x, "reshape");
  checkShapeArray(shape, "reshape");
  return builder.reshape(tensor, inferSize(shape, tensor));
}

function inferSize(shape: Shape, x: Tensor): Shape {
  const unknown = shape.filter((size) => size === -1).length;
  if (unknown === 0) return shape;
  const known = sizeOf(shape.filter((size) => size !== -1));
  const missing = known === 0 ? 0 : x.size / known;
  if (unknown > 1 || !Number.isInteger(missing)) {
    throw new ShapeError(`${formatShape(x.shape)} does not fit ${formatShape(shape)}`, {
      operation: "reshape",
      shapes: [x.shape, shape],
      remedy: "At most one size may be -1, and the others must divide the number of elements",
    });
  }
  return shape.map((size) => (size === -1 ? missing : size));
}

/** The axes in another order: reversed, or result axis i is x's axis `axes[i]`. */
export function transpose<X extends TensorLike, const Order extends Shape | undefined = undefined>(
  x: X,
  axes?: Order & Fits<Transposed<ShapeOf<X>, Order>>,
): Tensor<Settled<Transposed<ShapeOf<X>, Order>>>;
export function transpose(x: TensorLike, axes?: readonly number[]): Tensor {
  const tensor = asTensor(x, "transpose");
  const reversed = Array.from({ length: tensor.rank }, (_, axis) => tensor.rank - 1 - axis);
  const given = axes === undefined ? reversed : listOf("transpose", "axes", axes);
  const order = given.map((axis) => normalizeAxis("transpose", axis, tensor.rank));
  if (order.length !== tensor.rank || new Set(order).size !== order.length) {
    throw new IndexError(
      `${formatShape(given)} is no order of the axes of shape ${formatShape(tensor.shape)}`,
      {
        operation: "transpose",
        shapes: [tensor.shape],
        remedy: "Name each axis once",
      },
    );
  }
  return builder.permute(tensor, order);
}

/** x repeated along missing axes and those of size 1. @throws ShapeError */
export function broadcastTo<X extends TensorLike, const B extends Shape>(
  x: X,
  shape: B & Fits<Stretch<ShapeOf<X>, B>>,
): Tensor<Known<B>>;
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  return builder.broadcast(asTensor(x, "broadcastTo"), toShape(shape, "broadcastTo"));
}

/** x without axes of size 1: the given ones, or all. @throws ShapeError when a given one has another size */
export function squeeze<X extends TensorLike, const A extends StaticAxes = undefined>(
  x: X,
  axes?: A & Fits<Squeezed<ShapeOf<X>, A>>,
): Tensor<Settled<Squeezed<ShapeOf<X>, A>>>;
export function squeeze(x: TensorLike, axes?: number | readonly number[]): Tensor {
  const tensor = asTensor(x, "squeeze");
  const list =
    axes === undefined
      ? [...tensor.shape.keys()].filter((i) => tensor.shape[i] === 1)
      : normalizeAxes("squeeze", axes, tensor.rank);
  const wrong = list.find((axis) => tensor.shape[axis] !== 1);
  if (wrong !== undefined) {
    throw new ShapeError(
      `axis ${wrong} of ${formatShape(tensor.shape)} has size ${tensor.shape[wrong]}, not 1`,
      {
        operation: "squeeze",
        shapes: [tensor.shape],
        remedy: "Only axes of size 1 can be squeezed; reshape merges others, and sum or slice remove them",
      },
    );
  }
  return builder.reshape(
    tensor,
    tensor.shape.filter((_, axis) => !list.includes(axis)),
  );
}

/** x with a new axis of size 1 in the given place of the result. */
export function expandDims<X extends TensorLike, const A extends number>(
  x: X,
  axis: A & Fits<Expanded<"expandDims", ShapeOf<X>, A>>,
): Tensor<Settled<Expanded<"expandDims", ShapeOf<X>, A>>>;
export function expandDims(x: TensorLike, axis: number): Tensor {
  const tensor = asTensor(x, "expandDims");
  const shape = [...tensor.shape];
  shape.splice(normalizeAxis("expandDims", axis, tensor.rank + 1), 0, 1);
  return builder.reshape(tensor, shape);
}

type Positions = number | null | readonly (number | null)[];

/** @throws IndexError unless `positions` is an array, since strings such as "0:2" mean nothing here */
function checkedList(positions: readonly (number | null)[]): readonly (number | null)[] {
  if (Array.isArray(positions)) return positions;
  throw new IndexError(`positions are ${describeValue(positions)}`, {
    operation: "slice",
    remedy: "Give numbers or arrays of numbers, such as slice(0, 2) or slice([0, 1], [2, 3])",
  });
}

/**
 * The elements from `start` (inclusive) to `end` (exclusive) of the first axes, as JavaScript slices: negative
 * positions count from the end, positions beyond it stop there. `null` leaves an axis as it is, or goes to its end.
 * A negative `step` goes backwards from `start`, as in NumPy: `slice(null, null, { step: -1 })` reverses the first axis.
 * @throws IndexError for positions that are not whole, a step of 0, or more of them than axes
 */
export function slice(
  x: TensorLike,
  start: Positions,
  end?: Positions,
  options: { readonly step?: number | readonly number[] } = {},
): Tensor {
  checkOptions("slice", options, ["step"]);
  const { step = 1 } = options;
  const tensor = asTensor(x, "slice");
  const positionsOf = (positions: Positions): readonly (number | null)[] =>
    positions === null || typeof positions === "number" ? [positions] : checkedList(positions);
  const starts = positionsOf(start);
  const ends = end === undefined ? [] : positionsOf(end);
  const steps = typeof step === "number" ? starts.map(() => step) : listOf("slice", "steps", step);
  checkPositions(tensor, starts, ends, steps);
  const sections = tensor.shape.map((size, axis) =>
    sectionOf(starts[axis] ?? null, ends[axis] ?? null, steps[axis] ?? 1, size),
  );
  return sectioned(tensor, sections);
}

function checkPositions(
  x: Tensor,
  starts: readonly (number | null)[],
  ends: readonly (number | null)[],
  steps: readonly number[],
): void {
  if (Math.max(starts.length, ends.length, steps.length) > x.rank) {
    const count = Math.max(starts.length, ends.length, steps.length);
    throw new IndexError(`${count} positions for shape ${formatShape(x.shape)}`, {
      operation: "slice",
      shapes: [x.shape],
      remedy: "Give at most one start and end for each axis",
    });
  }
  for (const value of [...starts, ...ends, ...steps]) {
    if (value === null || Number.isInteger(value)) continue;
    throw new IndexError(`${describeValue(value)} is not a position`, {
      operation: "slice",
      shapes: [x.shape],
      remedy: "Positions are whole numbers; null leaves an end open",
    });
  }
  if (steps.some((by) => !by)) {
    throw new IndexError(`step ${steps} does not move on`, {
      operation: "slice",
      remedy: "Use 1, 2, ..., or -1, -2, ... to go backwards",
    });
  }
}

/** Zeros (or `value`) around x: [before, after] for each axis. Negative numbers cut away. */
export function pad(
  x: TensorLike,
  widths: readonly (readonly [number, number])[],
  options: { readonly value?: number } = {},
): Tensor {
  checkOptions("pad", options, ["value"]);
  const { value = 0 } = options;
  const tensor = asTensor(x, "pad");
  if (
    !Array.isArray(widths) ||
    widths.length !== tensor.rank ||
    widths.some((pair) => !Array.isArray(pair) || pair.length !== 2 || !pair.every(Number.isInteger))
  ) {
    throw new ShapeError(`expected a pair of whole numbers for each axis of ${formatShape(tensor.shape)}`, {
      operation: "pad",
      shapes: [tensor.shape],
      remedy: "Such as pad(x, [[1, 1], [0, 2]])",
    });
  }
  const low = widths.map(([before]) => before);
  const high = widths.map(([, after]) => after);
  const padded = builder.pad(tensor, low, high);
  if (value === 0) return padded;
  const inside = builder.pad(builder.constant(1, tensor.shape, "bool"), low, high);
  return builder.where(inside, padded, builder.literal(value, padded));
}

/** The elements in reverse order along axes, all by default. */
export function flip<X extends TensorLike>(x: X, axes?: number | readonly number[]): Tensor<ShapeOf<X>>;
export function flip(x: TensorLike, axes?: number | readonly number[]): Tensor {
  const tensor = asTensor(x, "flip");
  return builder.flip(tensor, normalizeAxes("flip", axes, tensor.rank));
}

function nonEmpty(operation: string, xs: readonly TensorLike[]): Tensor[] {
  if (Array.isArray(xs) && xs.length > 0) return promoteOperands(operation, xs);
  throw new StateError(
    `expected an array of tensors, got ${Array.isArray(xs) ? "an empty one" : describeValue(xs)}`,
    { operation, remedy: "Pass at least one, in an array: [a, b]" },
  );
}

/** Tensors behind one another along an axis (the first by default); all other sizes are equal. */
export function concat<const Xs extends readonly TensorLike[], const A extends number = 0>(
  xs: Xs & Fits<Concatenated<Xs, A>>,
  axis?: A,
): Tensor<Settled<Concatenated<Xs, A>>>;
export function concat(xs: readonly TensorLike[], axis = 0): Tensor {
  const tensors = nonEmpty("concat", xs);
  return builder.concat(tensors, normalizeAxis("concat", axis, tensors[0].rank));
}

/** Tensors of one shape along a new axis (the first by default). */
export function stack<const Xs extends readonly TensorLike[], const A extends number = 0>(
  xs: Xs & Fits<Stacked<Xs, A>>,
  axis?: A,
): Tensor<Settled<Stacked<Xs, A>>>;
export function stack(xs: readonly TensorLike[], axis = 0): Tensor {
  const tensors = nonEmpty("stack", xs);
  const place = normalizeAxis("stack", axis, tensors[0].rank + 1);
  const odd = tensors.find((x) => formatShape(x.shape) !== formatShape(tensors[0].shape));
  if (odd !== undefined) {
    throw new ShapeError(`shapes ${formatShape(tensors[0].shape)} and ${formatShape(odd.shape)} differ`, {
      operation: "stack",
      shapes: tensors.map((x) => x.shape),
      remedy: "All must have one shape; concat joins along an axis that there is",
    });
  }
  return builder.concat(
    tensors.map((x) => expandDims(x, place)),
    place,
  );
}
