import type { Tensor } from "../ir/tensor.ts";
import { symbolLeaf } from "../prims/leaves.ts";
import { checkDType, type DType } from "../types/dtype.ts";
import { checkOptions } from "../types/options.ts";
import { type Shape, toShape } from "../types/shape.ts";
import { StateError } from "../util/errors.ts";

/** What a symbol stands for. */
export interface SymbolOptions {
  /** A scalar unless given. */
  readonly shape?: Shape;
  /** float32 unless given, as everywhere; float64 for formulas that are to be compared with ones on paper. */
  readonly dtype?: DType;
}

/** Letters, then letters, digits, `_` and `'`: x, x_1, theta, α, y'. */
const NAME = /^[\p{L}_][\p{L}\p{N}_']*$/u;

/**
 * A quantity without a value: what is made of it is a formula. It takes part in all operations and transforms; formulas
 * print as text (`toString`) and LaTeX (`toLatex`), get their values from `evaluate(f, { a: 2 })`, other formulas in
 * place of their symbols from `substitute`, and derivatives that one can read from `derivative`. It has a shape and a
 * dtype.
 * @throws StateError for a name that is none, ShapeError, DTypeError
 */
export function symbol(name: string, options: SymbolOptions = {}): Tensor {
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new StateError(
      `${typeof name === "string" ? JSON.stringify(name) : typeof name} is no name for a symbol`,
      {
        operation: "symbol",
        remedy: 'Use letters, digits and _, such as "a", "x_1" or "theta"',
      },
    );
  }
  checkOptions("symbol", options, ["shape", "dtype"]);
  const { shape = [], dtype = "float32" } = options;
  return symbolLeaf(name, toShape(shape, "symbol"), checkDType(dtype, "symbol"));
}
