import type { IndexingParams } from "../ir/builder.ts";
import type { NDArray } from "../ir/primitive.ts";
import type { Tensor } from "../ir/tensor.ts";
import { formatShape, type Shape, sameShape, sizeOf, toShape } from "../types/shape.ts";
import { DTypeError, IndexError, ShapeError } from "../util/errors.ts";

// One convention for all of them: x is [batch..., size, row...], indices are [batch..., picked...], and what is
// picked is [batch..., picked..., row...]. Only the numbers of axes behind the batch are params, so that a new
// leading axis is one batch axis more.

/** What is wrong with an index, as every engine says it. `place` is its place among the primitive's indices. */
export function outOfRange(
  index: number,
  place: number,
  shape: Shape,
  size: number,
  { operation, axis, places }: IndexingParams,
): IndexError {
  const all = new Array<number>(shape.length);
  let rest = place;
  for (let d = shape.length - 1; d >= 0; d--) {
    all[d] = rest % shape[d];
    rest = Math.floor(rest / shape[d]);
  }
  const at = places.map((d) => all[shape.length + d] ?? 0);
  return new IndexError(
    `index ${index}${at.length === 0 ? "" : ` at [${at.join(", ")}]`} is out of range for axis ${axis} of size ${size}`,
    {
      operation,
      remedy: `Indices lie between ${-size} and ${size - 1}, negative ones count from the end; limit them with clip or mod`,
    },
  );
}

export interface Layout {
  readonly batch: Shape;
  readonly size: number;
  readonly row: Shape;
  readonly picked: Shape;
}

export const layoutOf = (x: { shape: Shape }, indices: { shape: Shape }, params: IndexingParams): Layout => {
  const place = x.shape.length - 1 - params.inner;
  return {
    batch: x.shape.slice(0, place),
    size: x.shape[place],
    row: x.shape.slice(place + 1),
    picked: indices.shape.slice(indices.shape.length - params.picked),
  };
};

/** The shape of what is picked. @throws ShapeError, IndexError where there is nothing to pick */
export function pickedShape(x: Tensor, indices: Tensor, params: IndexingParams): Shape {
  const { batch, size, row, picked } = layoutOf(x, indices, params);
  const { operation } = params;
  if (!sameShape(batch, indices.shape.slice(0, indices.rank - params.picked))) {
    throw new ShapeError(
      `batch axes differ: ${formatShape(x.shape)} looked up by ${formatShape(indices.shape)}`,
      {
        operation,
        shapes: [x.shape, indices.shape],
        remedy: "Batch axes of x and of the indices have equal sizes",
      },
    );
  }
  if (size === 0 && indices.size > 0) {
    throw new IndexError(`axis ${params.axis} of ${formatShape(x.shape)} has size 0: no index is in range`, {
      operation,
      shapes: [x.shape, indices.shape],
      remedy: "Give no indices, or an axis with elements",
    });
  }
  return toShape([...batch, ...picked, ...row]);
}

export function checkIndices(indices: Tensor, { operation }: IndexingParams): void {
  if (indices.dtype === "int32" || indices.dtype === "uint32") return;
  throw new DTypeError(`indices have dtype ${indices.dtype}`, {
    operation,
    dtypes: [indices.dtype],
    remedy: "Cast them to int32",
  });
}

/** The number of the row in x (its batch included) for each index. @throws IndexError */
export function rowsOf(x: NDArray, indices: NDArray, params: IndexingParams): Float64Array {
  const { batch, size } = layoutOf(x, indices, params);
  const each = indices.data.length / Math.max(1, sizeOf(batch));
  const rows = new Float64Array(indices.data.length);
  for (let i = 0; i < rows.length; i++) {
    const index = indices.data[i];
    if (index < -size || index >= size) throw outOfRange(index, i, indices.shape, size, params);
    rows[i] = Math.floor(i / each) * size + (index < 0 ? index + size : index);
  }
  return rows;
}

export const rowSize = (x: NDArray, { inner }: IndexingParams): number =>
  sizeOf(x.shape.slice(x.shape.length - inner));
