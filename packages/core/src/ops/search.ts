import type { IndexingParams } from "../ir/builder.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { isFloating } from "../types/dtype.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, sameShape, toShape } from "../types/shape.ts";
import type { ShapeOf } from "../types/static/index.ts";
import { describeValue } from "../types/trees.ts";
import { ShapeError, StateError } from "../util/errors.ts";
import { last } from "./lookup.ts";
import { countable, promoteOperands } from "./operands.ts";

export interface SearchsortedOptions {
  /** "left" (the default): before all elements that are equal; "right": behind them. */
  readonly side?: "left" | "right";
}

export interface DigitizeOptions {
  /** Whether intervals hold their right end instead of their left one; false unless given. */
  readonly right?: boolean;
}

/**
 * Where each value belongs in numbers that ascend along the last axis: so many of them are smaller (with side "right": or
 * equal). int32, of the shape of the values. The leading axes of `sorted` are a batch, which the values begin with: [n] with
 * values of any shape, [b, n] with values [b, ...]. NaN comes last. Binary search: so many lookups for each value as n has
 * bits. No derivative.
 * @throws ShapeError for a scalar, or batches that differ, StateError for an unknown option
 */
export function searchsorted<V extends TensorLike>(
  sorted: TensorLike,
  values: V,
  options?: SearchsortedOptions,
): Tensor<ShapeOf<V>>;
export function searchsorted(
  sorted: TensorLike,
  values: TensorLike,
  options: SearchsortedOptions = {},
): Tensor {
  const operation = "searchsorted";
  checkOptions(operation, options, ["side"]);
  const { side = "left" } = options;
  if (side !== "left" && side !== "right") {
    throw new StateError(`side is ${describeValue(side)}`, { operation, remedy: 'It is "left" or "right"' });
  }
  return placesIn(operation, sorted, values, side === "right");
}

/** The number of elements of `sorted` before each value. */
export function placesIn(
  operation: string,
  sorted: TensorLike,
  values: TensorLike,
  isBehindEqual: boolean,
): Tensor {
  const [table, wanted] = promoteOperands(operation, [sorted, values]).map((x) => countable(operation, x));
  const batch = table.shape.slice(0, -1);
  if (table.rank === 0 || !sameShape(batch, wanted.shape.slice(0, batch.length))) {
    throw new ShapeError(
      `values ${formatShape(wanted.shape)} cannot be searched for in ${formatShape(table.shape)}`,
      {
        operation,
        shapes: [table.shape, wanted.shape],
        remedy: "Numbers ascend along the last axis, and values begin with the axes before that",
      },
    );
  }
  const picked = wanted.rank - batch.length;
  const params: IndexingParams = {
    inner: 0,
    picked,
    operation,
    axis: batch.length,
    places: last(picked),
  };
  let place = builder.constant(0, toShape(wanted.shape), "int32");
  let rest = table.shape[batch.length];
  if (rest === 0) return place;
  const isBefore = precedes(wanted, isBehindEqual);
  // `rest` elements from `place` on are undecided; the number does not depend on the values.
  while (rest > 1) {
    const half = rest >> 1;
    const next = builder.add(place, half);
    const probed = builder.gather(table, builder.sub(next, 1), params);
    place = builder.where(isBefore(probed), next, place);
    rest -= half;
  }
  return builder.add(place, builder.cast(isBefore(builder.gather(table, place, params)), "int32"));
}

/** Whether elements stand before values, in the order of sorting: NaN is the greatest of all. */
function precedes(values: Tensor, orEqual: boolean): (elements: Tensor) => Tensor {
  if (!isFloating(values.dtype)) {
    return (elements) => builder.compare(orEqual ? "lessEqual" : "less", elements, values);
  }
  if (orEqual) {
    const isLast = builder.isNaN(values);
    return (elements) => builder.bitwise("or", builder.compare("lessEqual", elements, values), isLast);
  }
  return (elements) =>
    builder.not(
      builder.bitwise("or", builder.compare("lessEqual", values, elements), builder.isNaN(elements)),
    );
}

/**
 * The interval that each element of x is in, by its number: `edges` ascend, interval i goes from edges[i - 1] (inclusive) to
 * edges[i] (with `right`, the other end is inclusive), 0 is before the first edge and n behind the last. int32, of x's shape.
 * (NumPy takes edges that descend, too.) No derivative.
 * @throws ShapeError unless the edges are a vector, StateError for an unknown option
 */
export function digitize<X extends TensorLike>(
  x: X,
  edges: TensorLike,
  options?: DigitizeOptions,
): Tensor<ShapeOf<X>>;
export function digitize(x: TensorLike, edges: TensorLike, options: DigitizeOptions = {}): Tensor {
  checkOptions("digitize", options, ["right"]);
  return placesIn("digitize", checkVector("digitize", edges), x, options.right !== true);
}

/** @throws ShapeError unless x is a vector */
export function checkVector(operation: string, x: TensorLike): TensorLike {
  const [tensor] = promoteOperands(operation, [x]);
  if (tensor.rank === 1) return x;
  throw new ShapeError(`shape ${formatShape(tensor.shape)} is no vector`, {
    operation,
    shapes: [tensor.shape],
    remedy: "Pass numbers along one axis",
  });
}
