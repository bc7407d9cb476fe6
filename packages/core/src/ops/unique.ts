import type { IndexingParams } from "../ir/builder.ts";
import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { isFloating } from "../types/dtype.ts";
import { checkOptions } from "../types/options.ts";
import { type SizeOptions, sizeFrom, truePlaces } from "./nonzero.ts";

export interface UniqueOptions extends SizeOptions {
  /** What stands behind the last value where there are fewer than `size`; the smallest value unless given. */
  readonly fillValue?: number;
}

/** What `unique` finds; what is not read is not computed. */
export interface Unique {
  /** The different values, in ascending order: a vector. */
  readonly values: Tensor;
  /** Where each value stands first among all elements in row-major order, int32. */
  readonly indices: Tensor;
  /** The place of each element among the values: int32, of x's shape. */
  readonly inverse: Tensor;
  /** How often each value occurs, int32; 0 for what fills up. */
  readonly counts: Tensor;
}

const LINE: IndexingParams = { inner: 0, picked: 1, operation: "unique", axis: 0, places: [-1] };

/**
 * The different elements of x in ascending order, with where they are and how often: NumPy's `unique`, of which the Array
 * API's `unique_all` gives these names. NaN is last, and one value; -0 and 0 are equal. Their number is read unless `size`
 * is given; with it, the smallest so many, and the places of greater ones in `inverse` are beyond. The gradient of a value goes
 * to its first occurrence.
 * @throws TraceError inside of vmap and compile without `size`, StateError for an unknown option
 */
export function unique(x: TensorLike, options: UniqueOptions = {}): Unique {
  checkOptions("unique", options, ["size", "fillValue"]);
  const tensor = asTensor(x, "unique");
  const count = tensor.size;
  const flat = builder.reshape(tensor, [count]);
  const order = builder.argSort(flat, 0);
  const sorted = builder.gather(flat, order, LINE);
  const isFirst = startsRun(sorted);
  const rank = builder.sub(builder.cumulative("sum", builder.cast(isFirst, "int32"), 0), 1);
  const size = sizeFrom("unique", options, () => builder.reduce("sum", builder.cast(isFirst, "int32"), [0]));
  const zeros = (length: number): Tensor => builder.constant(0, [length], "int32");
  const inverse = builder.scatter("set", zeros(count), order, rank, LINE);
  // Greater ranks are counted in one place more, which is cut off.
  const kept = builder.min(rank, size);
  const counts = builder.slice(
    builder.scatter("add", zeros(size + 1), kept, builder.constant(1, [count], "int32"), LINE),
    [0],
    [size],
  );
  const starts = truePlaces("unique", isFirst, size, 0);
  const { fillValue } = options;
  const values =
    count === 0 ? builder.constant(fillValue ?? 0, [size], flat.dtype) : builder.gather(sorted, starts, LINE);
  return {
    values:
      fillValue === undefined
        ? values
        : builder.where(builder.compare("greater", counts, 0), values, fillValue),
    indices: count === 0 ? zeros(size) : builder.gather(order, starts, LINE),
    inverse: builder.reshape(inverse, tensor.shape),
    counts,
  };
}

/** Whether each element of a sorted vector differs from the one before. */
function startsRun(sorted: Tensor): Tensor {
  const { size } = sorted;
  if (size === 0) return builder.constant(0, [0], "bool");
  const [before, after] = [builder.slice(sorted, [0], [size - 1]), builder.slice(sorted, [1], [size])];
  const differs = builder.compare("notEqual", before, after);
  const isNew = isFloating(sorted.dtype)
    ? builder.bitwise("and", differs, builder.not(builder.isNaN(before)))
    : differs;
  return builder.concat([builder.constant(1, [1], "bool"), isNew], 0);
}
