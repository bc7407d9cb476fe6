import type { IndexingParams } from "../ir/builder.ts";
import { callForm, latexCall } from "../ir/form.ts";
import { definePrimitive } from "../ir/primitive.ts";
import type { Tensor } from "../ir/tensor.ts";
import { checkIndices, pickedShape, rowSize, rowsOf } from "./picking.ts";

/** The order of axes in which axis `from` stands in place `to`. */
function moved(rank: number, from: number, to: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== from);
  axes.splice(to, 0, from);
  return axes;
}

/**
 * The rows of x that the indices mean. Negative indices count from the end; one out of range is an IndexError of the
 * run.
 */
export const gather = definePrimitive<IndexingParams>({
  name: "gather",
  shape: ([x, indices], params) => pickedShape(x, indices, params),
  dtype: ([x, indices], params) => {
    checkIndices(indices, params);
    return x.dtype;
  },
  derivative: {
    kind: "explicit",
    vjp: (b, ct, [x, indices], _, params) => [b.scatter("add", b.literal(0, x), indices, ct, params), null],
    jvp: (b, [t], [, indices], _, params) => b.gather(t as Tensor, indices, params),
    // What no unmasked place picks is masked.
    mask: (b, mask, [x, indices], params) => [
      b.scatter("max", b.constant(0, x.shape, "bool"), indices, mask, params),
      null,
    ],
  },
  batch: (b, [x, indices], [xMapped, indicesMapped], params, size) => {
    if (xMapped) {
      return b.gather(x, indicesMapped ? indices : b.broadcast(indices, [size, ...indices.shape]), params);
    }
    // All lanes look up the same x: the mapped axis is one more that is picked, behind the batch.
    const batch = indices.rank - 1 - params.picked;
    const inside = b.permute(indices, moved(indices.rank, 0, batch));
    const picked = b.gather(x, inside, { ...params, picked: params.picked + 1 });
    return b.permute(picked, moved(picked.rank, batch, 0));
  },
  reference: ([x, indices], params, out) => {
    if (out.data.length === 0) return;
    const row = rowSize(x, params);
    rowsOf(x, indices, params).forEach((from, to) => {
      for (let i = 0; i < row; i++) out.data[to * row + i] = x.data[from * row + i];
    });
  },
  text: callForm("gather"),
  latex: latexCall("\\operatorname{gather}"),
});
