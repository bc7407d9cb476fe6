import type { Shape } from "../shape.ts";
import type { InRange, OfOne, Without } from "./axes.ts";
import type { ShapeMismatch, Show } from "./known.ts";
import type { Single } from "./places.ts";

/** What an option says; `Otherwise` without it, `number` where that is not known. */
type Given<O, Name extends string, Otherwise extends number> = O extends {
  readonly [K in Name]: infer N extends number;
}
  ? Single<N>
  : Name extends keyof O
    ? number
    : Otherwise;

/** How long the main diagonal of as many rows as columns is; of others, and off the middle, it is not told. */
type Length<M extends number, N extends number, O> = "offset" extends keyof O
  ? number
  : number extends M | N
    ? number
    : [M, N] extends [N, M]
      ? M
      : number;

type Side<N extends number, O> = "offset" extends keyof O ? number : N;

/** The shape of `diag`: `Diag<readonly [3], {}>` is `readonly [3, 3]`, and the other way round. */
export type Diag<S extends Shape, O> = number extends S["length"]
  ? Shape
  : S extends readonly [infer N extends number]
    ? readonly [Side<N, O>, Side<N, O>]
    : S extends readonly [infer M extends number, infer N extends number]
      ? readonly [Length<M, N, O>]
      : ShapeMismatch<`diag: shape ${Show<S>} is neither a vector nor a matrix`>;

/** S without two axes, with Last at the end. */
type Spanned<
  Op extends string,
  S extends Shape,
  A extends number,
  B extends number,
  Last extends Shape,
> = S extends readonly [] | readonly [number]
  ? ShapeMismatch<`${Op}: shape ${Show<S>} has no diagonal`>
  : InRange<
      Op,
      S,
      A | B,
      Without<S, A | B, false> extends infer Others extends Shape ? readonly [...Others, ...Last] : Shape
    >;

/** The shape of `diagonal`: `Diagonals<readonly [3, 3, 5], {}>` is `readonly [5, 3]`. */
export type Diagonals<
  S extends Shape,
  O,
  A extends number = Given<O, "axis1", 0>,
  B extends number = Given<O, "axis2", 1>,
> = number extends S["length"] | A | B
  ? Shape
  : Spanned<"diagonal", S, A, B, readonly [Length<OfOne<S, A>, OfOne<S, B>, O>]>;

/** The shape of `trace`: `Traces<readonly [3, 3, 5], {}>` is `readonly [5]`. */
export type Traces<
  S extends Shape,
  O,
  A extends number = Given<O, "axis1", 0>,
  B extends number = Given<O, "axis2", 1>,
> = number extends S["length"] | A | B ? Shape : Spanned<"trace", S, A, B, readonly []>;
