import type { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import type { Binary, Unary } from "./typed.ts";

/* Shapes in the types are said by `Unary` and `Binary`; the functions behind them compute shapes when they run. */

export const unary = (f: (x: TensorLike) => Tensor): Unary => f as Unary;

export const typed = <Op extends string>(f: (x: TensorLike, y: TensorLike) => Tensor): Binary<Op> =>
  f as Binary<Op>;
