import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { normalizeAxis } from "../types/shape.ts";
import type { ShapeOf } from "../types/static/index.ts";
import { takeAlongAxis } from "./gather.ts";

export interface SortOptions {
  /** Along which to sort; the last unless given. */
  readonly axis?: number;
  /** Greatest first. Equal elements keep their order, and NaN stays last. */
  readonly descending?: boolean;
}

const OPTIONS = ["axis", "descending"];

/**
 * The indices (int32, of x's shape) that sort x along an axis: element i is the index of what comes i-th. Elements that
 * are equal, -0 and 0 among them, stay in their order, in both directions; NaN is last in both. All dtypes; false is
 * before true.
 * @throws IndexError for an axis that x does not have, StateError for an unknown option
 */
export function argsort<X extends TensorLike>(x: X, options?: SortOptions): Tensor<ShapeOf<X>>;
export function argsort(x: TensorLike, options: SortOptions = {}): Tensor {
  checkOptions("argsort", options, OPTIONS);
  const { axis = -1, descending = false } = options;
  const tensor = asTensor(x, "argsort");
  return builder.argSort(tensor, normalizeAxis("argsort", axis, tensor.rank), descending);
}

/**
 * The elements of x in order along an axis, of x's shape and dtype: `takeAlongAxis(x, argsort(x))`. Stable, with NaN last in
 * both directions, as `argsort` is. The gradient goes to where each element came from.
 * @throws IndexError for an axis that x does not have, StateError for an unknown option
 */
export function sort<X extends TensorLike>(x: X, options?: SortOptions): Tensor<ShapeOf<X>>;
export function sort(x: TensorLike, options: SortOptions = {}): Tensor {
  checkOptions("sort", options, OPTIONS);
  const { axis = -1, descending = false } = options;
  const tensor = asTensor(x, "sort");
  const along = normalizeAxis("sort", axis, tensor.rank);
  return takeAlongAxis(tensor, builder.argSort(tensor, along, descending), { axis: along });
}
