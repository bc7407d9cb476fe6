import type { IndexingParams } from "../ir/builder.ts";
import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, stridesOf, toShape } from "../types/shape.ts";
import { ShapeError, TraceError } from "../util/errors.ts";
import { truth } from "./operands.ts";

/** How many elements a result has whose number depends on values. */
export interface SizeOptions {
  /** So many: the first ones where there are more. Read from the values unless given, which tracing does not allow. */
  readonly size?: number;
}

export interface NonzeroOptions extends SizeOptions {
  /** What stands behind the last one where there are fewer than `size`; 0 unless given. */
  readonly fillValue?: number;
}

/** The size that is given, or the one that the graph computes. @throws TraceError for what has no value yet */
export function sizeFrom(operation: string, { size }: SizeOptions, count: () => Tensor): number {
  if (size !== undefined) return toShape([size], operation)[0];
  const computed = count();
  if (!computed.symbolic) return computed.item();
  throw new TraceError(
    "the number of elements depends on values, which are not known while a function is traced",
    {
      operation,
      remedy: "Give it: { size }",
    },
  );
}

const LINE: Omit<IndexingParams, "operation"> = { inner: 0, picked: 1, axis: 0, places: [-1] };

/** The number of true elements. */
export const countTrue = (mask: Tensor): Tensor =>
  builder.reduce("sum", builder.cast(mask, "int32"), [...mask.shape.keys()]);

/**
 * The places of the first `size` true elements of a vector; `filler` behind the last one. Each goes to the place that the number
 * of those before it names, and all others to one place more, which is cut off.
 */
export function truePlaces(operation: string, mask: Tensor, size: number, filler: number): Tensor {
  const places = builder.iota(mask.size, "int32");
  const rank = builder.sub(builder.cumulative("sum", builder.cast(mask, "int32"), 0), 1);
  const isKept = builder.bitwise("and", mask, builder.compare("less", rank, size));
  const target = builder.where(isKept, rank, size);
  const none = builder.constant(filler, [size + 1], "int32");
  return builder.slice(builder.scatter("set", none, target, places, { ...LINE, operation }), [0], [size]);
}

/** The indices of the true elements, by axis. */
function indicesOf(operation: string, x: TensorLike, options: NonzeroOptions): Tensor[] {
  checkOptions(operation, options, ["size", "fillValue"]);
  const tensor = asTensor(x, operation);
  const { fillValue = 0 } = options;
  const mask = builder.reshape(truth(operation, tensor), [tensor.size]);
  const size = sizeFrom(operation, options, () => countTrue(mask));
  const flat = truePlaces(operation, mask, size, -1);
  const isThere = builder.compare("greaterEqual", flat, 0);
  return stridesOf(tensor.shape).map((stride, axis) => {
    const coordinate = builder.mod(
      builder.quotient(flat, Math.max(stride, 1)),
      Math.max(tensor.shape[axis], 1),
    );
    return builder.where(isThere, coordinate, fillValue);
  });
}

/**
 * The indices of all elements that are true, or not 0, in row-major order: a vector (int32) for each axis, so that
 * `x.at(...nonzero(x)).get()` reads them. Their number is read unless `size` is given. No derivative.
 * @throws ShapeError for a scalar, TraceError inside of vmap and compile without `size`, StateError for an unknown option
 */
export function nonzero(x: TensorLike, options: NonzeroOptions = {}): Tensor[] {
  const { rank, shape } = asTensor(x, "nonzero");
  if (rank > 0) return indicesOf("nonzero", x, options);
  throw new ShapeError(`a scalar has no indices`, {
    operation: "nonzero",
    shapes: [shape],
    remedy: `Reshape it from ${formatShape(shape)} to [1] first`,
  });
}

/**
 * The indices of all elements that are true, or not 0, one in a row: [count, rank], int32, in row-major order. Their number is
 * read unless `size` is given. No derivative.
 * @throws TraceError inside of vmap and compile without `size`, StateError for an unknown option
 */
export function argwhere(x: TensorLike, options: NonzeroOptions = {}): Tensor {
  const operation = "argwhere";
  const tensor = asTensor(x, operation);
  if (tensor.rank === 0) {
    checkOptions(operation, options, ["size", "fillValue"]);
    const size = sizeFrom(operation, options, () => countTrue(truth(operation, tensor)));
    return builder.constant(0, [size, 0], "int32");
  }
  const columns = indicesOf(operation, tensor, options);
  return builder.concat(
    columns.map((column) => builder.reshape(column, [column.size, 1])),
    1,
  );
}
