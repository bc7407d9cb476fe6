import type { Tensor } from "../../ir/tensor.ts";
import { fromValues } from "../../prims/convert.ts";
import { toShape } from "../../types/shape.ts";
import { builder } from "../vjp.ts";
import { colorCount } from "./coloring.ts";

/** How the flat index of a matrix is looked up. */
const FLAT = { inner: 0, picked: 1, operation: "SparseMatrix", axis: 0, places: [-1] } as const;

/** Elements of a vector by their places. */
export const pick = (x: Tensor, places: Int32Array): Tensor =>
  builder.gather(x, fromValues(places, { copy: false }), FLAT);

/**
 * A matrix of derivatives in coordinate form: entry i stands in row `rows[i]` and column `cols[i]` and is `values[i]`; all
 * others are zero. Rows count the elements of the results one after the other (of trees, leaf after leaf), columns those of
 * the argument. Entries are sorted by rows, then by columns.
 */
export class SparseMatrix {
  constructor(
    readonly rows: Int32Array,
    readonly cols: Int32Array,
    /** As many as there are entries: a tensor like any other, which may be differentiated. */
    readonly values: Tensor,
    /** The numbers of rows and of columns. */
    readonly shape: readonly [number, number],
    /** The color of each column, or of each row where rows were compressed: what costs one product stands together. */
    readonly coloring: Int32Array,
  ) {}

  /** How many products with the matrix its entries were taken from. */
  get colors(): number {
    return colorCount(this.coloring);
  }

  /** The matrix with its zeros. */
  toDense(): Tensor {
    const [height, width] = this.shape;
    const places = this.rows.map((row, i) => row * width + this.cols[i]);
    const zeros = builder.constant(0, toShape([height * width]), this.values.dtype);
    const flat = builder.scatter("set", zeros, fromValues(places, { copy: false }), this.values, FLAT);
    return builder.reshape(flat, toShape([height, width]));
  }

  /** What consoles show. */
  toString(): string {
    const [height, width] = this.shape;
    return `SparseMatrix ${this.values.dtype}[${height}, ${width}] of ${this.rows.length} entries by ${this.colors} products`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
