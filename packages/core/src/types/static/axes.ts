import type { Shape } from "../shape.ts";
import type { ShapeMismatch } from "./known.ts";

/** What names axes: one, several, or (undefined) all. */
export type StaticAxes = number | readonly number[] | undefined;

/** `Listed<1>` and `Listed<readonly [1]>` are both 1. */
type Listed<Axes> = Axes extends readonly (infer N extends number)[] ? N : Axes extends number ? Axes : never;

/** All names of S's axes: `AxisOf<readonly [5, 5]>` is `0 | 1 | -2 | -1`, as strings. */
type AxisOf<S extends readonly unknown[], Before extends readonly unknown[] = []> = S extends readonly [
  infer H,
  ...infer Rest,
]
  ? `${Before["length"]}` | `-${S["length"]}` | AxisOf<Rest, [...Before, H]>
  : never;

/** The axes that S does not have. */
type Outside<S extends Shape, N extends number> = N extends number
  ? `${N}` extends AxisOf<S>
    ? never
    : N
  : never;

/** R if all axes are there: `InRange<"sum", readonly [5], 1, R>` is a mismatch. */
export type InRange<Op extends string, S extends Shape, N extends number, R> = [Outside<S, N>] extends [never]
  ? R
  : ShapeMismatch<`${Op}: axis ${Outside<S, N>} is out of range for rank ${S["length"] & number}`>;

/** S without the axes N, or with size 1 in their places. */
export type Without<
  S extends readonly unknown[],
  N extends number,
  Keep,
  Before extends readonly unknown[] = [],
> = S extends readonly [infer H, ...infer Rest]
  ? `${Before["length"]}` extends `${N}`
    ? readonly [...(Keep extends true ? [1] : []), ...Without<Rest, N, Keep, [...Before, H]>]
    : `-${S["length"]}` extends `${N}`
      ? readonly [...(Keep extends true ? [1] : []), ...Without<Rest, N, Keep, [...Before, H]>]
      : readonly [H, ...Without<Rest, N, Keep, [...Before, H]>]
  : readonly [];

/** Whether options say keepDims: true, false, or `boolean` where that is not known. */
type KeepsDims<O> = O extends { readonly keepDims: infer K }
  ? K
  : "keepDims" extends keyof O
    ? boolean
    : false;

type All<S extends Shape, Keep> = Keep extends true ? { readonly [I in keyof S]: 1 } : readonly [];

/** The axes that options name, all unless given; where that is not known, what they may be. */
type AxesOf<O> = O extends { readonly axes: infer A } ? A : "axes" extends keyof O ? StaticAxes : undefined;

/** The shape after a reduction whose options name the axes: `ReducedBy<"norm", readonly [2, 3], { axes: 1 }>` is `readonly [2]`. */
export type ReducedBy<Op extends string, S extends Shape, O> = Reduced<Op, S, AxesOf<O>, O>;

/**
 * The shape after a reduction: `Reduced<"sum", readonly [2, 3], -1, {}>` is `readonly [2]`, with `{ keepDims: true }`
 * `readonly [2, 1]`, without axes `readonly []`.
 */
export type Reduced<Op extends string, S extends Shape, Axes, O> =
  boolean extends KeepsDims<O>
    ? Shape
    : [Axes] extends [undefined]
      ? number extends S["length"]
        ? KeepsDims<O> extends true
          ? Shape
          : readonly []
        : All<S, KeepsDims<O>>
      : undefined extends Axes
        ? Shape
        : number extends S["length"] | Listed<Axes>
          ? Shape
          : InRange<Op, S, Listed<Axes>, Without<S, Listed<Axes>, KeepsDims<O>>>;

/** The size of axis N. */
export type OfOne<
  S extends Shape,
  N extends number,
  Before extends readonly unknown[] = [],
> = S extends readonly [infer H extends number, ...infer Rest extends Shape]
  ? `${Before["length"]}` extends `${N}`
    ? H
    : `-${S["length"]}` extends `${N}`
      ? H
      : OfOne<Rest, N, [...Before, H]>
  : never;

/** S without axes of size 1: `Squeezed<readonly [1, 3], 0>` is `readonly [3]`. */
export type Squeezed<S extends Shape, Axes> = number extends S["length"]
  ? Shape
  : [Axes] extends [undefined]
    ? number extends S[number]
      ? Shape
      : WithoutOnes<S>
    : undefined extends Axes
      ? Shape
      : number extends Listed<Axes>
        ? Shape
        : InRange<"squeeze", S, Listed<Axes>, SqueezedAt<S, Listed<Axes>>>;

type SqueezedAt<S extends Shape, N extends number> = [NotOne<S, N>] extends [never]
  ? Without<S, N, false>
  : ShapeMismatch<`squeeze: axis ${NotOne<S, N>} does not have size 1`>;

type NotOne<S extends Shape, N extends number> = N extends number
  ? number extends OfOne<S, N>
    ? never
    : OfOne<S, N> extends 1
      ? never
      : N
  : never;

type WithoutOnes<S extends Shape> = S extends readonly [infer H extends number, ...infer Rest extends Shape]
  ? H extends 1
    ? WithoutOnes<Rest>
    : readonly [H, ...WithoutOnes<Rest>]
  : readonly [];

/** S with a new axis of size N at a place of the result: `Expanded<readonly [3], -1>` is `readonly [3, 1]`. */
export type Expanded<
  Op extends string,
  S extends Shape,
  Axis extends number,
  Size extends number = 1,
> = number extends S["length"] | Axis
  ? Shape
  : InRange<Op, readonly [...S, Size], Axis, Inserted<S, Axis, Size>>;

/** S with an axis of size Size at a place of the result. */
export type Inserted<
  S extends Shape,
  Axis extends number,
  Size extends number,
  Before extends Shape = readonly [],
> = `${Before["length"]}` extends `${Axis}`
  ? readonly [...Before, Size, ...S]
  : `-${[...S, Size]["length"] & number}` extends `${Axis}`
    ? readonly [...Before, Size, ...S]
    : S extends readonly [infer H extends number, ...infer Rest extends Shape]
      ? Inserted<Rest, Axis, Size, readonly [...Before, H]>
      : Shape;

type Reversed<S extends Shape> = S extends readonly [infer H extends number, ...infer Rest extends Shape]
  ? readonly [...Reversed<Rest>, H]
  : readonly [];

/** S's axes in another order: `Transposed<readonly [2, 3], undefined>` is `readonly [3, 2]`. */
export type Transposed<S extends Shape, Order> = number extends S["length"]
  ? Shape
  : [Order] extends [undefined]
    ? Reversed<S>
    : Order extends Shape
      ? number extends Order["length"] | Order[number]
        ? Shape
        : Order["length"] extends S["length"]
          ? InRange<
              "transpose",
              S,
              Order[number],
              { readonly [I in keyof Order]: OfOne<S, Order[I] & number> }
            >
          : ShapeMismatch<`transpose: ${Order["length"] & number} axes for rank ${S["length"] & number}`>
      : Shape;
