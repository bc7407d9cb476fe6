import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, normalizeAxis } from "../types/shape.ts";
import type { ShapeOf } from "../types/static/index.ts";
import { IndexError } from "../util/errors.ts";
import { section } from "./arrange.ts";
import { takeAlongAxis } from "./gather.ts";
import { argsort } from "./sort.ts";

export interface TopKOptions {
  /** Along which to choose; the last unless given. */
  readonly axis?: number;
  /** The greatest (true unless given), or the smallest. */
  readonly largest?: boolean;
}

export interface PartitionOptions {
  /** Along which to order; the last unless given. */
  readonly axis?: number;
}

/**
 * The k greatest elements along an axis in descending order (or, with `largest: false`, the smallest in ascending order), and
 * their indices: `[values, indices]`, of x's dtype and int32. Of equal elements the first come first; NaN is chosen last, in
 * both directions (PyTorch: it is the greatest). The gradient goes to the elements that are chosen. A full sort.
 * @throws IndexError for a k that the axis does not have, StateError for an unknown option
 */
export function topK(x: TensorLike, k: number, options: TopKOptions = {}): [values: Tensor, indices: Tensor] {
  checkOptions("topK", options, ["axis", "largest"]);
  const { axis = -1, largest = true } = options;
  const tensor = asTensor(x, "topK");
  const place = normalizeAxis("topK", axis, tensor.rank);
  const size = tensor.shape[place];
  if (!Number.isInteger(k) || k < 0 || k > size) {
    throw new IndexError(
      `${k} elements cannot be chosen along axis ${place} of ${formatShape(tensor.shape)}`,
      {
        operation: "topK",
        shapes: [tensor.shape],
        remedy: `Choose 0 to ${size}`,
      },
    );
  }
  const indices = section(builder.argSort(tensor, place, largest), place, 0, k);
  return [takeAlongAxis(tensor, indices, { axis: place }), indices];
}

/** Places of an axis, negative ones counted from its end. @throws IndexError */
function checkPlaces(operation: string, x: Tensor, kth: number | readonly number[], axis: number): void {
  const size = x.shape[normalizeAxis(operation, axis, x.rank)];
  const wrong = [kth].flat().find((k) => !Number.isInteger(k) || k < -size || k >= size);
  if (wrong === undefined) return;
  throw new IndexError(`place ${wrong} is out of range for an axis of size ${size}`, {
    operation,
    shapes: [x.shape],
    remedy: `Places of axis ${axis} of ${formatShape(x.shape)} lie between ${-size} and ${size - 1}`,
  });
}

/**
 * The indices (int32, of x's shape) of `partition`. A full sort: all of NumPy's promises, for any k.
 * @throws IndexError for a place that the axis does not have, StateError for an unknown option
 */
export function argpartition<X extends TensorLike>(
  x: X,
  kth: number | readonly number[],
  options?: PartitionOptions,
): Tensor<ShapeOf<X>>;
export function argpartition(
  x: TensorLike,
  kth: number | readonly number[],
  options: PartitionOptions = {},
): Tensor {
  checkOptions("argpartition", options, ["axis"]);
  const tensor = asTensor(x, "argpartition");
  checkPlaces("argpartition", tensor, kth, options.axis ?? -1);
  return argsort(tensor, options);
}

/**
 * The elements of x along an axis in such an order that at the places `kth` is what sorting puts there, nothing before them is
 * greater, and nothing behind them smaller. It is a full sort, which is more than NumPy's function promises: the same elements
 * at `kth`, the others in ascending order, too. The gradient goes to where each element came from.
 * @throws IndexError for a place that the axis does not have, StateError for an unknown option
 */
export function partition<X extends TensorLike>(
  x: X,
  kth: number | readonly number[],
  options?: PartitionOptions,
): Tensor<ShapeOf<X>>;
export function partition(
  x: TensorLike,
  kth: number | readonly number[],
  options: PartitionOptions = {},
): Tensor {
  checkOptions("partition", options, ["axis"]);
  const { axis = -1 } = options;
  const tensor = asTensor(x, "partition");
  checkPlaces("partition", tensor, kth, axis);
  return takeAlongAxis(tensor, argsort(tensor, { axis }), { axis });
}
