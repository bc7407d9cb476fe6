import { callForm, latexCall } from "../ir/form.ts";
import { definePrimitive } from "../ir/primitive.ts";
import type { TypedArray } from "../types/dtype.ts";
import { sizeOf } from "../types/shape.ts";

export interface ArgSortParams {
  /** Negative. */
  readonly axis: number;
  readonly descending: boolean;
}

/**
 * The order of the elements along an axis, int32: element i of the result is the index of what comes i-th. Stable in
 * both directions, NaN last in both; -0 and 0 are equal. A sorted tensor is gathered by it, which is where the
 * derivative of sorting is: that of the order itself is zero wherever there is one.
 */
export const argSort = definePrimitive<ArgSortParams>({
  name: "argSort",
  shape: ([x]) => x.shape,
  dtype: () => "int32",
  derivative: { kind: "none" },
  batch: "same",
  reference: ([x], { axis, descending }, out) => {
    const place = x.shape.length + axis;
    const size = x.shape[place];
    const inner = sizeOf(x.shape.slice(place + 1));
    const rows = size === 0 ? 0 : out.data.length / size;
    const row = x.data.slice(0, size);
    for (let i = 0; i < rows; i++) {
      const first = Math.floor(i / inner) * size * inner + (i % inner);
      for (let k = 0; k < size; k++) row[k] = x.data[first + k * inner];
      const order = orderOf(row, descending);
      for (let k = 0; k < size; k++) out.data[first + k * inner] = order[k];
    }
  },
  text: callForm(({ descending }) => (descending ? "argsortDescending" : "argsort")),
  latex: latexCall(({ descending }) => `\\operatorname{argsort}${descending ? "^{\\downarrow}" : ""}`),
});

/** Typed arrays are sorted stably: equal elements stay as they were. */
function orderOf(row: TypedArray, descending: boolean): Int32Array {
  const before = descending ? -1 : 1;
  return Int32Array.from(row, (_, i) => i).sort((i, k) => {
    const [x, y] = [row[i], row[k]];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return x < y ? -before : x > y ? before : 0;
  });
}
