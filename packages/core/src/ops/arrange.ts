import { isTensor, type Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, listOf, normalizeAxis, type Shape } from "../types/shape.ts";
import type { Count, Fits, Moved, Settled, ShapeOf, Swapped } from "../types/static/index.ts";
import { IndexError, ShapeError } from "../util/errors.ts";
import { take } from "./gather.ts";
import { indexOperand } from "./lookup.ts";
import { sizeFrom } from "./nonzero.ts";
import { placesIn } from "./search.ts";

const isCount = (n: unknown): n is number => typeof n === "number" && Number.isInteger(n) && n >= 0;

function checkCounts(operation: string, counts: readonly number[]): void {
  const wrong = counts.find((n) => !isCount(n));
  if (wrong === undefined) return;
  throw new ShapeError(`${wrong} is no number of times`, {
    operation,
    remedy: "Give whole numbers, 0 or more",
  });
}

/** The elements `from` (inclusive) to `to` (exclusive) of one axis, counted from the front. */
export function section(x: Tensor, axis: number, from: number, to: number): Tensor {
  const start = x.shape.map((_, i) => (i === axis ? from : 0));
  return builder.slice(
    x,
    start,
    x.shape.map((size, i) => (i === axis ? to : size)),
  );
}

/** All elements in row-major order, as a vector; the method `flatten` is the same. */
export function ravel<X extends TensorLike>(x: X): Tensor<readonly [Count<ShapeOf<X>>]>;
export function ravel(x: TensorLike): Tensor {
  const tensor = asTensor(x, "ravel");
  return builder.reshape(tensor, [tensor.size]);
}

/** Copies of x behind one another: `reps` of them for each axis, aligned at the end; a number is for the last axis. */
export function tile(x: TensorLike, reps: number | readonly number[]): Tensor {
  const tensor = asTensor(x, "tile");
  const given = listOf("tile", "numbers of times", reps);
  checkCounts("tile", given);
  const rank = Math.max(given.length, tensor.rank);
  const times = [...new Array<number>(rank - given.length).fill(1), ...given];
  const shape = [...new Array<number>(rank - tensor.rank).fill(1), ...tensor.shape];
  const apart = builder.reshape(
    tensor,
    shape.flatMap((size) => [1, size]),
  );
  const repeated = builder.broadcast(
    apart,
    shape.flatMap((size, axis) => [times[axis], size]),
  );
  return builder.reshape(
    repeated,
    shape.map((size, axis) => size * times[axis]),
  );
}

export interface RepeatOptions {
  /** The size of the axis in the result, where counts are a tensor; read from them unless given, which tracing does not allow. */
  readonly totalRepeatLength?: number;
}

/**
 * Each element `repeats` times, along an axis or (axis undefined) of all elements in row-major order, as a vector. A list
 * or a tensor of counts says how often for each place of the axis. With a tensor the size of the result is the sum of the
 * counts, or `totalRepeatLength`: what is beyond is cut off, and the last element fills what is missing.
 * @throws ShapeError for a list of another length, TraceError for a tensor inside of vmap and compile without that size
 */
export function repeat(
  x: TensorLike,
  repeats: number | readonly number[] | Tensor,
  axis?: number,
  options: RepeatOptions = {},
): Tensor {
  checkOptions("repeat", options, ["totalRepeatLength"]);
  const given = asTensor(x, "repeat");
  const tensor = axis === undefined ? builder.reshape(given, [given.size]) : given.node;
  const place = normalizeAxis("repeat", axis ?? 0, tensor.rank);
  const size = tensor.shape[place];
  if (isTensor(repeats)) return repeatedBy(tensor, place, repeats, options.totalRepeatLength);
  const counts = listOf("repeat", "numbers of times", repeats);
  checkCounts("repeat", counts);
  if (typeof repeats === "number" || (counts.length === 1 && size !== 1)) {
    return repeatedAlong(tensor, place, counts[0]);
  }
  checkLength(tensor, place, [counts.length]);
  // One lookup, however many counts there are.
  const places = counts.flatMap((count, i) => new Array<number>(count).fill(i));
  return take(tensor, places, { axis: place });
}

/** Of counts by their shape. @throws ShapeError */
function checkLength(x: Tensor, axis: number, shape: Shape): void {
  if (shape.length === 1 && shape[0] === x.shape[axis]) return;
  throw new ShapeError(`counts of shape ${formatShape(shape)} for axis ${axis} of ${formatShape(x.shape)}`, {
    operation: "repeat",
    shapes: [x.shape],
    remedy: "Give one count for all, or one for each place of the axis",
  });
}

/** Place i of the result is the place whose counts, added up, are beyond i. */
function repeatedBy(x: Tensor, axis: number, repeats: Tensor, total: number | undefined): Tensor {
  const given = indexOperand("repeat", repeats);
  const size = x.shape[axis];
  // One count is for all places.
  const isOne = given.rank === 0 || (given.rank === 1 && given.size === 1);
  if (!isOne) checkLength(x, axis, given.shape);
  const counts = isOne ? builder.broadcast(builder.reshape(given, []), [size]) : given;
  const length = sizeFrom("repeat", total === undefined ? {} : { size: total }, () =>
    builder.reduce("sum", counts, [0]),
  );
  const ends = builder.cumulative("sum", counts, 0);
  const place = placesIn("repeat", ends, builder.iota(length, counts.dtype), true);
  return take(x, builder.min(place, Math.max(size - 1, 0)), { axis });
}

/** Every place of an axis so many times. */
function repeatedAlong(x: Tensor, axis: number, times: number): Tensor {
  const [before, after] = [x.shape.slice(0, axis + 1), x.shape.slice(axis + 1)];
  const apart = builder.reshape(x, [...before, 1, ...after]);
  const repeated = builder.broadcast(apart, [...before, times, ...after]);
  return builder.reshape(repeated, [...x.shape.slice(0, axis), x.shape[axis] * times, ...after]);
}

/**
 * x in pieces along an axis (the first by default): a number of equal ones, or those that end before each of the given
 * positions, and the rest. Positions count from the end when negative, and stop at the ends of the axis.
 * @throws ShapeError when the axis does not divide into so many
 */
export function split(x: TensorLike, sections: number | readonly number[], axis = 0): Tensor[] {
  const tensor = asTensor(x, "split");
  const place = normalizeAxis("split", axis, tensor.rank);
  const size = tensor.shape[place];
  const ends =
    typeof sections === "number"
      ? equalEnds(tensor, place, sections)
      : positions(tensor, place, listOf("split", "sections", sections));
  let from = 0;
  return ends.map((end) => {
    const piece = section(tensor, place, Math.min(from, size), Math.max(end, Math.min(from, size)));
    from = end;
    return piece;
  });
}

function equalEnds(x: Tensor, axis: number, count: number): number[] {
  const size = x.shape[axis];
  if (!isCount(count) || count === 0 || size % count !== 0) {
    throw new ShapeError(
      `axis ${axis} of ${formatShape(x.shape)} does not divide into ${count} equal pieces`,
      {
        operation: "split",
        shapes: [x.shape],
        remedy: "Give the positions to cut at instead, such as [2, 5]",
      },
    );
  }
  return Array.from({ length: count }, (_, i) => ((i + 1) * size) / count);
}

function positions(x: Tensor, axis: number, cuts: readonly number[]): number[] {
  const size = x.shape[axis];
  const wrong = cuts.find((cut) => !Number.isInteger(cut));
  if (wrong !== undefined) {
    throw new IndexError(`${wrong} is not a position`, {
      operation: "split",
      shapes: [x.shape],
      remedy: "Positions to cut at are whole numbers",
    });
  }
  return [...cuts.map((cut) => Math.min(Math.max(cut < 0 ? cut + size : cut, 0), size)), size];
}

/**
 * The elements moved on by `shift` places along an axis, those pushed out at one end back in at the other; several axes
 * each by its own shift; without an axis, all elements in row-major order. @throws IndexError unless shifts and axes pair up
 */
export function roll<X extends TensorLike>(
  x: X,
  shift: number | readonly number[],
  axes?: number | readonly number[],
): Tensor<ShapeOf<X>>;
export function roll(
  x: TensorLike,
  shift: number | readonly number[],
  axes?: number | readonly number[],
): Tensor {
  const tensor = asTensor(x, "roll");
  const list = axes === undefined ? [0] : listOf("roll", "axes", axes);
  const shifts = typeof shift === "number" ? list.map(() => shift) : listOf("roll", "shifts", shift);
  if (shifts.length !== list.length || !shifts.every(Number.isInteger)) {
    throw new IndexError(`shifts ${formatShape(shifts)} do not go with axes ${formatShape(list)}`, {
      operation: "roll",
      shapes: [tensor.shape],
      remedy: "Give a whole number for each axis",
    });
  }
  if (axes === undefined) {
    return builder.reshape(rolled(builder.reshape(tensor, [tensor.size]), 0, shifts[0]), tensor.shape);
  }
  return list.reduce<Tensor>(
    (result, axis, i) => rolled(result, normalizeAxis("roll", axis, tensor.rank), shifts[i]),
    tensor.node,
  );
}

function rolled(x: Tensor, axis: number, shift: number): Tensor {
  const size = x.shape[axis];
  if (size === 0) return x;
  const by = ((shift % size) + size) % size;
  if (by === 0) return x;
  return builder.concat([section(x, axis, size - by, size), section(x, axis, 0, size - by)], axis);
}

/** x with two axes in each other's places. */
export function swapAxes<X extends TensorLike, const A extends number, const B extends number>(
  x: X,
  axis1: A,
  axis2: B & Fits<Swapped<ShapeOf<X>, A, B>>,
): Tensor<Settled<Swapped<ShapeOf<X>, A, B>>>;
export function swapAxes(x: TensorLike, axis1: number, axis2: number): Tensor {
  const tensor = asTensor(x, "swapAxes");
  const [one, other] = [axis1, axis2].map((axis) => normalizeAxis("swapAxes", axis, tensor.rank));
  const order = tensor.shape.map((_, axis) => (axis === one ? other : axis === other ? one : axis));
  return builder.permute(tensor, order);
}

/**
 * x with axes moved to the given places of the result, the others in their order around them.
 * @throws IndexError unless each axis has a place of its own
 */
export function moveAxis<
  X extends TensorLike,
  const A extends number | readonly number[],
  const B extends number | readonly number[],
>(x: X, source: A, destination: B & Fits<Moved<ShapeOf<X>, A, B>>): Tensor<Settled<Moved<ShapeOf<X>, A, B>>>;
export function moveAxis(
  x: TensorLike,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  const tensor = asTensor(x, "moveAxis");
  const [from, to] = [source, destination].map((list) =>
    listOf("moveAxis", "axes", list).map((axis) => normalizeAxis("moveAxis", axis, tensor.rank)),
  );
  const isOnce = (list: Shape): boolean => new Set(list).size === list.length;
  if (from.length !== to.length || !isOnce(from) || !isOnce(to)) {
    throw new IndexError(`axes ${formatShape(from)} do not go to places ${formatShape(to)}`, {
      operation: "moveAxis",
      shapes: [tensor.shape],
      remedy: "Name as many places as axes, none of them twice",
    });
  }
  const others = tensor.shape.map((_, axis) => axis).filter((axis) => !from.includes(axis));
  let next = 0;
  const order = tensor.shape.map((_, place) => {
    const moved = to.indexOf(place);
    return moved >= 0 ? from[moved] : others[next++];
  });
  return builder.permute(tensor, order);
}

export interface Rot90Options {
  /** So many quarter turns; 1 unless given, negative ones the other way. */
  readonly k?: number;
  /** The plane: from the first towards the second of these axes, [0, 1] unless given. */
  readonly axes?: readonly [number, number];
}

/**
 * x turned by quarters of a circle in the plane of two axes, from the first towards the second: `rot90` of NumPy.
 * @throws IndexError for axes that are not two of x's, or a k that is not whole
 */
export function rot90(x: TensorLike, options: Rot90Options = {}): Tensor {
  checkOptions("rot90", options, ["k", "axes"]);
  const { k = 1, axes = [0, 1] } = options;
  const tensor = asTensor(x, "rot90");
  const [from, to] = axes.map((axis) => normalizeAxis("rot90", axis, tensor.rank));
  if (axes.length !== 2 || from === to || !Number.isInteger(k)) {
    throw new IndexError(`${k} turns in the plane of axes ${formatShape(axes)}`, {
      operation: "rot90",
      shapes: [tensor.shape],
      remedy: "Give a whole number, and two different axes",
    });
  }
  const turns = ((k % 4) + 4) % 4;
  if (turns === 0) return tensor.node;
  if (turns === 2) return builder.flip(tensor, [from, to]);
  const order = tensor.shape.map((_, axis) => (axis === from ? to : axis === to ? from : axis));
  return turns === 1
    ? builder.permute(builder.flip(tensor, [to]), order)
    : builder.flip(builder.permute(tensor, order), [to]);
}
