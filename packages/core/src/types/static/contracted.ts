import type { Shape } from "../shape.ts";
import type { Inner } from "./matmul.ts";

/**
 * The shape of NumPy's `dot`: `DotShape<readonly [2, 3], readonly [7, 3, 5]>` is `readonly [2, 7, 5]`. Scalars scale.
 */
export type DotShape<A extends Shape, B extends Shape> = number extends A["length"] | B["length"]
  ? Shape
  : A extends readonly [...infer Rows extends Shape, infer K extends number]
    ? B extends readonly [infer N extends number]
      ? Inner<"dot", K, N, readonly [...Rows]>
      : B extends readonly [...infer BB extends Shape, infer L extends number, infer N extends number]
        ? Inner<"dot", K, L, readonly [...Rows, ...BB, N]>
        : A
    : B;

/** The shape of `inner`: `InnerShape<readonly [2, 3], readonly [5, 3]>` is `readonly [2, 5]`. Scalars scale. */
export type InnerShape<A extends Shape, B extends Shape> = number extends A["length"] | B["length"]
  ? Shape
  : A extends readonly [...infer Rows extends Shape, infer K extends number]
    ? B extends readonly [...infer Columns extends Shape, infer N extends number]
      ? Inner<"inner", K, N, readonly [...Rows, ...Columns]>
      : A
    : B;
