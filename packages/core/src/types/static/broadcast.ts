import type { Shape } from "../shape.ts";
import type { Differ, ShapeMismatch, Show } from "./known.ts";

/** What two sizes become, `never` if they do not go together: `BroadcastSize<1, 3>` is 3, `BroadcastSize<2, 3>` never. */
type BroadcastSize<M extends number, N extends number> = M extends 1
  ? N
  : N extends 1
    ? M
    : Differ<M, N> extends true
      ? never
      : number extends M
        ? N
        : M;

type Aligned<
  Op extends string,
  A extends Shape,
  B extends Shape,
  S extends Shape,
  T extends Shape,
  Out extends Shape,
> = S extends readonly [...infer S1 extends Shape, infer M extends number]
  ? T extends readonly [...infer T1 extends Shape, infer N extends number]
    ? [BroadcastSize<M, N>] extends [never]
      ? ShapeMismatch<`${Op}: shapes ${Show<A>} and ${Show<B>} do not broadcast: sizes ${M} and ${N}`>
      : Aligned<Op, A, B, S1, T1, readonly [BroadcastSize<M, N>, ...Out]>
    : readonly [...S, ...Out]
  : readonly [...T, ...Out];

/**
 * The shape of an operation on both, element by element: `Broadcast<"add", readonly [2, 3], readonly [3]>` is
 * `readonly [2, 3]`; with `readonly [4]` it is a mismatch.
 */
export type Broadcast<Op extends string, A, B> = A extends readonly unknown[]
  ? B extends readonly unknown[]
    ? number extends A["length"] | B["length"]
      ? Shape
      : A extends Shape
        ? B extends Shape
          ? Aligned<Op, A, B, A, B, readonly []>
          : Shape
        : Shape
    : B
  : A;

/** A shape that may be repeated to become another: `Stretch<readonly [3], readonly [2, 3]>` is `readonly [2, 3]`. */
export type Stretch<A extends Shape, B extends Shape> = number extends A["length"] | B["length"]
  ? B
  : Stretched<A, B> extends false
    ? ShapeMismatch<`broadcastTo: ${Show<A>} cannot be repeated to ${Show<B>}`>
    : B;

type Stretched<A extends Shape, B extends Shape> = A extends readonly [
  ...infer A1 extends Shape,
  infer M extends number,
]
  ? B extends readonly [...infer B1 extends Shape, infer N extends number]
    ? M extends 1
      ? Stretched<A1, B1>
      : Differ<M, N> extends true
        ? false
        : Stretched<A1, B1>
    : false
  : true;
