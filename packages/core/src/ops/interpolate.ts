import type { Tensor } from "../ir/tensor.ts";
import { scalarData, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, normalizeAxis, sameShape } from "../types/shape.ts";
import type { ShapeOf } from "../types/static/index.ts";
import { describeValue } from "../types/trees.ts";
import { ShapeError, StateError } from "../util/errors.ts";
import { section } from "./arrange.ts";
import { floatingOperand, promoteOperands } from "./operands.ts";
import { placesIn } from "./search.ts";

export interface TrapezoidOptions {
  /** Where the points are: a vector along the axis, or one place for each of y. */
  readonly x?: TensorLike;
  /** The distance of neighbours where x is not given; 1 by default. */
  readonly dx?: number;
  /** The last unless given. */
  readonly axis?: number;
}

export interface InterpOptions {
  /** The value before the first point; that of the first point unless given. */
  readonly left?: number;
  /** The value behind the last point; that of the last point unless given. */
  readonly right?: number;
  /** After which the points repeat. They need not ascend then, and left and right have no meaning. */
  readonly period?: number;
}

/** All in one floating dtype. */
const floats = (operation: string, xs: readonly TensorLike[]): Tensor[] =>
  promoteOperands(operation, xs.map((x) => floatingOperand(operation, x))); // biome-ignore format: one call

/** A number that is no part of the plan. */
const everywhere = (value: number, like: Tensor): Tensor =>
  builder.broadcast(scalarData(value, like.dtype), like.shape);

/**
 * The integral of y along an axis by the trapezoidal rule: neighbours' means, times their distances, added up; 0 for fewer
 * than two points. Integers and bool give float32.
 * @throws ShapeError where x is neither a vector along the axis nor of y's shape, StateError for an unknown option
 */
export function trapezoid(y: TensorLike, options: TrapezoidOptions = {}): Tensor {
  const operation = "trapezoid";
  checkOptions(operation, options, ["x", "dx", "axis"]);
  const { x, dx = 1, axis = -1 } = options;
  if (typeof dx !== "number") {
    throw new StateError(`dx is ${describeValue(dx)}`, {
      operation,
      remedy: "Give a number, or places as x",
    });
  }
  const [values, places] = floats(operation, x === undefined ? [y] : [y, x]);
  const place = normalizeAxis(operation, axis, values.rank);
  const neighbours = (z: Tensor, along: number): [Tensor, Tensor] => {
    const size = z.shape[along];
    return [section(z, along, 0, Math.max(size - 1, 0)), section(z, along, Math.min(size, 1), size)];
  };
  const [left, right] = neighbours(values, place);
  const means = builder.mul(builder.add(left, right), 0.5);
  if (places === undefined) {
    const total = builder.reduce("sum", means, [place]);
    return builder.mul(total, everywhere(dx, total));
  }
  const isVector = places.rank === 1 && places.size === values.shape[place];
  if (!isVector && !sameShape(places.shape, values.shape)) {
    throw new ShapeError(
      `x ${formatShape(places.shape)} does not say where the points of y ${formatShape(values.shape)} are`,
      {
        operation,
        shapes: [places.shape, values.shape],
        remedy: `Give a vector of ${values.shape[place]} places, or one place for each of y`,
      },
    );
  }
  const [from, to] = neighbours(places, isVector ? 0 : place);
  const widths = builder.sub(to, from);
  const aligned = isVector
    ? builder.reshape(widths, values.shape.map((_, i) => (i === place ? widths.size : 1)))
    : widths; // biome-ignore format: a choice
  return builder.reduce("sum", builder.mul(builder.broadcast(aligned, means.shape), means), [place]);
}

/**
 * The piecewise linear function through the points (xp, fp), at x: NumPy's `interp`. xp and fp are vectors of one size, xp
 * ascends (which is not checked); the result has x's shape, and is NaN where x is. Integers and bool give float32. At a point
 * the derivative by x is that of the piece behind it, at the last one that before it; beyond the ends it is 0.
 * @throws ShapeError for vectors of other sizes, or without points, StateError for an unknown option
 */
export function interp<X extends TensorLike>(
  x: X,
  xp: TensorLike,
  fp: TensorLike,
  options?: InterpOptions,
): Tensor<ShapeOf<X>>;
export function interp(x: TensorLike, xp: TensorLike, fp: TensorLike, options: InterpOptions = {}): Tensor {
  const operation = "interp";
  checkOptions(operation, options, ["left", "right", "period"]);
  const [at, points, values] = floats(operation, [x, xp, fp]);
  if (points.rank !== 1 || points.size === 0 || !sameShape(points.shape, values.shape)) {
    throw new ShapeError(`points at ${formatShape(points.shape)} have values ${formatShape(values.shape)}`, {
      operation,
      shapes: [points.shape, values.shape],
      remedy: "Give vectors of one size, at least 1",
    });
  }
  if (options.period !== undefined) return periodic(at, points, values, options.period);
  const inside = piecewise(at, points, values);
  const count = points.size;
  const pointAt = (z: Tensor, i: number): Tensor =>
    builder.broadcast(builder.reshape(section(z, 0, i, i + 1), []), at.shape);
  const edge = (given: number | undefined, i: number): Tensor =>
    given === undefined ? pointAt(values, i) : everywhere(given, at);
  const behind = builder.where(
    builder.compare("greater", at, pointAt(points, count - 1)),
    edge(options.right, count - 1),
    inside,
  );
  return builder.where(builder.compare("less", at, pointAt(points, 0)), edge(options.left, 0), behind);
}

/** The function at places between the ends; the pieces at the ends go on for ever. */
function piecewise(at: Tensor, points: Tensor, values: Tensor): Tensor {
  const count = points.size;
  const params = { inner: 0, picked: at.rank, operation: "interp", axis: 0, places: at.shape.map((_, i) => i - at.rank) }; // biome-ignore format: params
  const before = builder.sub(placesIn("interp", points, at, true), 1);
  const low = builder.max(builder.min(before, Math.max(count - 2, 0)), 0);
  const look = (z: Tensor, place: Tensor): Tensor => builder.gather(z, place, params);
  const [x0, f0] = [look(points, low), look(values, low)];
  const offset = builder.sub(at, x0);
  if (count === 1) return builder.where(builder.isNaN(at), at, f0);
  const high = builder.add(low, 1);
  const width = builder.sub(look(points, high), x0);
  const rise = builder.sub(look(values, high), f0);
  // Two points in one place: the function jumps, and the piece between them has no width.
  const isJump = builder.compare("equal", width, 0);
  const slope = builder.div(rise, builder.where(isJump, 1, width));
  return builder.add(f0, builder.mul(slope, offset));
}

/** The points once around, in order, with a neighbour from the next round at both ends. */
function periodic(at: Tensor, points: Tensor, values: Tensor, period: number): Tensor {
  if (typeof period !== "number" || !(Math.abs(period) > 0) || !Number.isFinite(period)) {
    throw new StateError(`period is ${describeValue(period)}`, {
      operation: "interp",
      remedy: "Give a number other than 0",
    });
  }
  const length = Math.abs(period);
  const count = points.size;
  const around = builder.mod(points, everywhere(length, points));
  const order = builder.argSort(around, 0);
  const params = { inner: 0, picked: 1, operation: "interp", axis: 0, places: [-1] };
  const [xs, fs] = [builder.gather(around, order, params), builder.gather(values, order, params)];
  const [first, end] = [(z: Tensor) => section(z, 0, 0, 1), (z: Tensor) => section(z, 0, count - 1, count)];
  return piecewise(
    builder.mod(at, everywhere(length, at)),
    builder.concat(
      [
        builder.sub(end(xs), everywhere(length, end(xs))),
        xs,
        builder.add(first(xs), everywhere(length, first(xs))),
      ],
      0,
    ),
    builder.concat([end(fs), fs, first(fs)], 0),
  );
}
