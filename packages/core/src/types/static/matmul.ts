import type { Shape } from "../shape.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Differ, ShapeMismatch } from "./known.ts";

/** R, if what is summed over has one size. */
export type Inner<Op extends string, M extends number, N extends number, R> =
  Differ<M, N> extends true ? ShapeMismatch<`${Op}: inner dimensions differ: ${M} and ${N}`> : R;

type Behind<R, Last extends Shape> = R extends Shape ? readonly [...R, ...Last] : R;

type ByVector<A extends Shape, N extends number> = A extends readonly [
  ...infer Rows extends Shape,
  infer K extends number,
]
  ? Inner<"matmul", K, N, readonly [...Rows]>
  : Shape;

type Scalar = ShapeMismatch<"matmul: a scalar has no inner dimension; use mul to scale">;

/**
 * The shape of a matrix product: `MatmulShape<readonly [32, 784], readonly [784, 64]>` is `readonly [32, 64]`; axes before the
 * last two are batches and broadcast.
 */
export type MatmulShape<A, B> = A extends readonly unknown[]
  ? B extends readonly unknown[]
    ? number extends A["length"] | B["length"]
      ? Shape
      : A extends Shape
        ? B extends Shape
          ? Product<A, B>
          : Shape
        : Shape
    : B
  : A;

type Product<A extends Shape, B extends Shape> = A extends readonly []
  ? Scalar
  : B extends readonly []
    ? Scalar
    : B extends readonly [infer N extends number]
      ? ByVector<A, N>
      : B extends readonly [...infer BB extends Shape, infer K2 extends number, infer N extends number]
        ? A extends readonly [infer K extends number]
          ? Inner<"matmul", K, K2, readonly [...BB, N]>
          : A extends readonly [...infer AA extends Shape, infer M extends number, infer K extends number]
            ? Inner<"matmul", K, K2, Behind<Broadcast<"matmul", AA, BB>, readonly [M, N]>>
            : Shape
        : Shape;
