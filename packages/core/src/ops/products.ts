import type { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { broadcastShapes, formatShape, listOf, normalizeAxis } from "../types/shape.ts";
import type { Count, DotShape, Fits, InnerShape, Settled, ShapeOf } from "../types/static/index.ts";
import { describeValue } from "../types/trees.ts";
import { ShapeError } from "../util/errors.ts";
import { moveAxis, roll } from "./arrange.ts";
import { mul } from "./math.ts";
import { numbers, promoteOperands } from "./operands.ts";

/** Operands of a product in their common dtype. @throws DTypeError for bool */
export const factors = (operation: string, operands: readonly TensorLike[]): readonly Tensor[] =>
  numbers(operation, promoteOperands(operation, operands));

/** The sum of products over pairs of axes, counted from the front. @throws ShapeError where their sizes differ */
function contracted(
  operation: string,
  x: Tensor,
  y: Tensor,
  left: readonly number[],
  right: readonly number[],
): Tensor {
  left.forEach((axis, i) => {
    const [m, n] = [x.shape[axis], y.shape[right[i]]];
    if (m === n) return;
    throw new ShapeError(
      `axis ${axis} of ${formatShape(x.shape)} and axis ${right[i]} of ${formatShape(y.shape)} differ (${m} vs ${n})`,
      {
        operation,
        shapes: [x.shape, y.shape],
        remedy: "Axes that are summed over together must have one size",
      },
    );
  });
  return builder.dot(x, y, { contract: [left, right], batch: [[], []] });
}

/**
 * The product as NumPy's `dot`: of vectors the inner product, of matrices the matrix product, of more axes the sum over the
 * last axis of x and the second to last (or only) axis of y; the result has x's other axes, then y's. With a scalar, all
 * elements are scaled. `matmul` treats leading axes as a batch instead. @throws ShapeError when the summed sizes differ
 */
export function dot<X extends TensorLike, Y extends TensorLike>(
  x: X,
  y: Y & Fits<DotShape<ShapeOf<X>, ShapeOf<Y>>>,
): Tensor<Settled<DotShape<ShapeOf<X>, ShapeOf<Y>>>>;
export function dot(x: TensorLike, y: TensorLike): Tensor {
  const [left, right] = factors("dot", [x, y]);
  if (left.rank === 0 || right.rank === 0) return mul(left, right);
  return contracted("dot", left, right, [left.rank - 1], [Math.max(right.rank - 2, 0)]);
}

/**
 * The sum of products over the last axes of x and y: [.., k] and [.., k] give x's other axes, then y's. With a scalar, all
 * elements are scaled. @throws ShapeError when the last sizes differ
 */
export function inner<X extends TensorLike, Y extends TensorLike>(
  x: X,
  y: Y & Fits<InnerShape<ShapeOf<X>, ShapeOf<Y>>>,
): Tensor<Settled<InnerShape<ShapeOf<X>, ShapeOf<Y>>>>;
export function inner(x: TensorLike, y: TensorLike): Tensor {
  const [left, right] = factors("inner", [x, y]);
  if (left.rank === 0 || right.rank === 0) return mul(left, right);
  return contracted("inner", left, right, [left.rank - 1], [right.rank - 1]);
}

/** All products of an element of x with one of y: [m] and [n] give [m, n]. Other shapes are flattened first. */
export function outer<X extends TensorLike, Y extends TensorLike>(
  x: X,
  y: Y,
): Tensor<readonly [Count<ShapeOf<X>>, Count<ShapeOf<Y>>]>;
export function outer(x: TensorLike, y: TensorLike): Tensor {
  const [left, right] = factors("outer", [x, y]);
  const shape = [left.size, right.size];
  const column = builder.broadcast(builder.reshape(left, [left.size, 1]), shape);
  return builder.mul(column, builder.broadcast(builder.reshape(right, [1, right.size]), shape));
}

/** The axes that `tensordot` sums over: so many at the end of x and the start of y, or pairs of axes. */
export type TensordotAxes = number | readonly [number | readonly number[], number | readonly number[]];

/**
 * The sum of products over pairs of axes. `axes` is a count (the last ones of x with the first ones of y, 2 by default, 0
 * for all products), or the axes of x and those that go with them of y, such as [[0, 2], [1, 0]]. The result has x's other
 * axes, then y's. @throws ShapeError when sizes differ, or the lists are not equally long
 */
export function tensordot(x: TensorLike, y: TensorLike, axes: TensordotAxes = 2): Tensor {
  const [left, right] = factors("tensordot", [x, y]);
  const [own, other] = pairsOf(axes, left, right);
  return contracted("tensordot", left, right, own, other);
}

function pairsOf(axes: TensordotAxes, x: Tensor, y: Tensor): [number[], number[]] {
  const refuse = (message: string, remedy: string): never => {
    throw new ShapeError(message, { operation: "tensordot", shapes: [x.shape, y.shape], remedy });
  };
  if (typeof axes === "number") {
    if (!Number.isInteger(axes) || axes < 0 || axes > Math.min(x.rank, y.rank)) {
      refuse(
        `${axes} axes cannot be summed over: ${formatShape(x.shape)} x ${formatShape(y.shape)}`,
        "Give a count that both have, or [axes of x, axes of y]",
      );
    }
    const count = Array.from({ length: axes }, (_, i) => i);
    return [count.map((i) => x.rank - axes + i), count];
  }
  const listed = (list: number | readonly number[], z: Tensor): number[] =>
    listOf("tensordot", "axes", list).map((axis) => normalizeAxis("tensordot", axis, z.rank));
  if (!Array.isArray(axes)) {
    refuse(
      `axes are ${describeValue(axes)}: ${formatShape(x.shape)} x ${formatShape(y.shape)}`,
      "Give a count, or [axes of x, axes of y]",
    );
  }
  const [left, right] = [listed(axes[0], x), listed(axes[1], y)];
  if (left.length !== right.length || [left, right].some((list) => new Set(list).size !== list.length)) {
    refuse(
      `axes ${formatShape(left)} and ${formatShape(right)} do not form pairs`,
      "Name as many axes of x as of y, none of them twice",
    );
  }
  return [left, right];
}

/**
 * The Kronecker product: every element of x times y as a block, so that axis i has size `x.shape[i] * y.shape[i]`; the shape
 * with fewer axes gets some of size 1 in front. @throws DTypeError for bool
 */
export function kron(x: TensorLike, y: TensorLike): Tensor {
  const [left, right] = factors("kron", [x, y]);
  const rank = Math.max(left.rank, right.rank);
  const full = (z: Tensor): number[] => [...new Array<number>(rank - z.rank).fill(1), ...z.shape];
  const [m, n] = [full(left), full(right)];
  const pairs = m.flatMap((size, axis) => [size, n[axis]]);
  const outside = builder.reshape(left, m.flatMap((size) => [size, 1])); // biome-ignore format: one call
  const inside = builder.reshape(right, n.flatMap((size) => [1, size])); // biome-ignore format: one call
  const blocks = builder.mul(builder.broadcast(outside, pairs), builder.broadcast(inside, pairs));
  return builder.reshape(blocks, m.map((size, axis) => size * n[axis])); // biome-ignore format: one call
}

export interface CrossOptions {
  /** The axis of the vectors, which has size 3; the last unless given. */
  readonly axis?: number;
}

/**
 * The vector product of vectors in space along an axis of size 3; the other axes broadcast.
 * @throws ShapeError for another size, DTypeError for bool, StateError for an unknown option
 */
export function cross(x: TensorLike, y: TensorLike, options: CrossOptions = {}): Tensor {
  checkOptions("cross", options, ["axis"]);
  const { axis = -1 } = options;
  const [left, right] = factors("cross", [x, y]).map((z) => {
    const place = normalizeAxis("cross", axis, z.rank);
    if (z.shape[place] === 3) return moveAxis(z, place, -1);
    throw new ShapeError(`axis ${axis} of ${formatShape(z.shape)} has size ${z.shape[place]}, not 3`, {
      operation: "cross",
      shapes: [z.shape],
      remedy: "Vectors in space have three components; in a plane the product is x[0] * y[1] - x[1] * y[0]",
    });
  });
  const shape = broadcastShapes("cross", left.shape, right.shape);
  const [a, b] = [builder.broadcast(left, shape), builder.broadcast(right, shape)];
  const product = builder.sub(
    builder.mul(roll(a, -1, -1), roll(b, -2, -1)),
    builder.mul(roll(a, -2, -1), roll(b, -1, -1)),
  );
  return axis === -1 ? product : moveAxis(product, -1, axis);
}
