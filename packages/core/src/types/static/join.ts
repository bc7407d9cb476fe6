import type { Shape } from "../shape.ts";
import type { Expanded, InRange } from "./axes.ts";
import type { Differ, ShapeMismatch, ShapeOf, Show } from "./known.ts";

/** A size in both places, where one may be unknown. */
type Same<M extends number, N extends number> = number extends M ? N : M;

type Merged<A extends Shape, B extends Shape, Out extends Shape = readonly []> = A extends readonly [
  infer M extends number,
  ...infer A1 extends Shape,
]
  ? B extends readonly [infer N extends number, ...infer B1 extends Shape]
    ? Differ<M, N> extends true
      ? never
      : Merged<A1, B1, readonly [...Out, Same<M, N>]>
    : never
  : B extends readonly []
    ? Out
    : never;

/** The one shape of a list of tensors: of `readonly [2]` and `readonly [number]` it is `readonly [2]`. */
type Common<Xs extends readonly unknown[], S extends Shape> = Xs extends readonly [infer X, ...infer Rest]
  ? number extends ShapeOf<X>["length"]
    ? Shape
    : [Merged<S, ShapeOf<X>>] extends [never]
      ? ShapeMismatch<`stack: shapes ${Show<S>} and ${Show<ShapeOf<X>>} differ`>
      : Common<Rest, Merged<S, ShapeOf<X>>>
  : S;

type Along<R, Axis extends number, Size extends number> = R extends Shape
  ? Expanded<"stack", R, Axis, Size>
  : R;

/** Tensors of one shape along a new axis: `Stacked` of two `readonly [3]` is `readonly [2, 3]`. */
export type Stacked<Xs extends readonly unknown[], Axis extends number> = Xs extends readonly [
  infer X,
  ...infer Rest,
]
  ? number extends ShapeOf<X>["length"]
    ? Shape
    : Along<Common<Rest, ShapeOf<X>>, Axis, Xs["length"] & number>
  : Xs extends readonly (infer X)[]
    ? [X] extends [never]
      ? Shape
      : Along<ShapeOf<X>, Axis, number>
    : Shape;

/** Small sums by counting, larger ones are not known. */
type Count<N extends number, Out extends readonly 1[] = []> = Out["length"] extends N
  ? Out
  : Out["length"] extends 256
    ? never
    : Count<N, [...Out, 1]>;
type Plus<M extends number, N extends number> = number extends M | N
  ? number
  : [Count<M>] extends [never]
    ? number
    : [Count<N>] extends [never]
      ? number
      : [...Count<M>, ...Count<N>]["length"] & number;

/** Two shapes, of which one axis is joined. */
type Joined<
  A extends Shape,
  B extends Shape,
  Axis extends number,
  S extends Shape = A,
  T extends Shape = B,
  Out extends Shape = readonly [],
> = S extends readonly [infer M extends number, ...infer S1 extends Shape]
  ? T extends readonly [infer N extends number, ...infer T1 extends Shape]
    ? `${Out["length"]}` extends `${Axis}`
      ? Joined<A, B, Axis, S1, T1, readonly [...Out, Plus<M, N>]>
      : `-${S["length"]}` extends `${Axis}`
        ? Joined<A, B, Axis, S1, T1, readonly [...Out, Plus<M, N>]>
        : Differ<M, N> extends true
          ? ShapeMismatch<`concat: shapes ${Show<A>} and ${Show<B>} differ beside axis ${Axis}`>
          : Joined<A, B, Axis, S1, T1, readonly [...Out, Same<M, N>]>
    : ShapeMismatch<`concat: shapes ${Show<A>} and ${Show<B>} differ in rank`>
  : T extends readonly []
    ? Out
    : ShapeMismatch<`concat: shapes ${Show<A>} and ${Show<B>} differ in rank`>;

type JoinAll<Xs extends readonly unknown[], Axis extends number, S> = S extends Shape
  ? Xs extends readonly [infer X, ...infer Rest]
    ? number extends ShapeOf<X>["length"]
      ? Shape
      : JoinAll<Rest, Axis, Joined<S, ShapeOf<X>, Axis>>
    : S
  : S;

/** Tensors behind one another: `Concatenated` of `readonly [2, 3]` and `readonly [4, 3]` along 0 is `readonly [6, 3]`. */
export type Concatenated<Xs extends readonly unknown[], Axis extends number> = number extends Axis
  ? Shape
  : Xs extends readonly [infer X, ...infer Rest]
    ? number extends ShapeOf<X>["length"]
      ? Shape
      : InRange<"concat", ShapeOf<X>, Axis, JoinAll<Rest, Axis, ShapeOf<X>>>
    : Shape;

/** V if a variable of shape A takes it: numbers fill it, and tensors have its shape. */
export type Assigned<A extends Shape, V> = V extends number
  ? A
  : number extends A["length"] | ShapeOf<V>["length"]
    ? A
    : [Merged<A, ShapeOf<V>>] extends [never]
      ? ShapeMismatch<`assign: the variable has shape ${Show<A>}, the value ${Show<ShapeOf<V>>}`>
      : A;
