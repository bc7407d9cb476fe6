import type { Shape } from "../shape.ts";
import type { InRange, Inserted, OfOne, Without } from "./axes.ts";

/** N, if it is one number; `number` for several, of which it is not known which: `Single<0 | 1>` is `number`. */
export type Single<N extends number, All = N> = N extends unknown ? ([All] extends [N] ? N : number) : never;

type Exchanged<
  S extends Shape,
  A extends number,
  B extends number,
  Rest = S,
  Before extends readonly unknown[] = [],
> = Rest extends readonly [infer H extends number, ...infer More extends Shape]
  ? readonly [
      `${A}` extends `${Before["length"]}` | `-${Rest["length"]}`
        ? OfOne<S, B>
        : `${B}` extends `${Before["length"]}` | `-${Rest["length"]}`
          ? OfOne<S, A>
          : H,
      ...Exchanged<S, A, B, More, [...Before, H]>,
    ]
  : readonly [];

/** S with two axes in each other's places: `Swapped<readonly [2, 3, 4], 0, -1>` is `readonly [4, 3, 2]`. */
export type Swapped<S extends Shape, A extends number, B extends number> = number extends
  | S["length"]
  | Single<A>
  | Single<B>
  ? Shape
  : InRange<"swapAxes", S, A | B, Exchanged<S, A, B>>;

/** S with an axis in another place: `Moved<readonly [2, 3, 4], 0, -1>` is `readonly [3, 4, 2]`. */
export type Moved<S extends Shape, From, To> = From extends number
  ? To extends number
    ? number extends S["length"] | Single<From> | Single<To>
      ? Shape
      : InRange<"moveAxis", S, From | To, MovedAt<S, From, To>>
    : Shape
  : Shape;

type MovedAt<S extends Shape, From extends number, To extends number> =
  Without<S, From, false> extends infer Others extends Shape ? Inserted<Others, To, OfOne<S, From>> : Shape;
