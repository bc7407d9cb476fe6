import type { Shape } from "../shape.ts";
import type { Differ, Known, ShapeMismatch } from "./known.ts";

/** Where options put the channels; "unknown" where they may say either. */
type Channels<O> = O extends { readonly dataFormat: infer F }
  ? [F] extends ["channelsFirst"]
    ? "first"
    : [F] extends ["channelsLast" | undefined]
      ? "last"
      : "unknown"
  : "dataFormat" extends keyof O
    ? "unknown"
    : "last";

/** As many sizes as K has, none of them known. */
type Sizes<K extends Shape> = { readonly [I in keyof K]: number };

/** S apart: as many sizes at its end as K has, and those before. */
type Apart<S extends Shape, K extends Shape, End extends Shape = readonly []> = K extends readonly [
  number,
  ...infer Rest extends Shape,
]
  ? S extends readonly [...infer Before extends Shape, infer N extends number]
    ? Apart<Before, Rest, readonly [N, ...End]>
    : null
  : { readonly leading: S; readonly spatial: End };

/** Spatial sizes S with channels, as the layout has them: null where x has fewer axes. */
interface Image<Leading extends Shape, Spatial extends Shape, C extends number> {
  readonly leading: Leading;
  readonly spatial: Spatial;
  readonly channels: C;
}

/** X apart, for as many spatial axes as K has. */
type ImageOf<X extends Shape, K extends Shape, Layout> = Layout extends "last"
  ? X extends readonly [...infer Rest extends Shape, infer C extends number]
    ? Apart<Rest, K> extends { leading: infer L extends Shape; spatial: infer S extends Shape }
      ? Image<L, S, C>
      : null
    : null
  : Apart<X, K> extends { leading: infer Rest extends Shape; spatial: infer S extends Shape }
    ? Rest extends readonly [...infer L extends Shape, infer C extends number]
      ? Image<L, S, C>
      : null
    : null;

type Laid<Layout, L extends Shape, S extends Shape, C extends number> = Layout extends "last"
  ? readonly [...L, ...S, C]
  : readonly [...L, C, ...S];

/** A kernel's sizes, and what it leads from and to: `[...sizes, C, Out]` or `[Out, C, ...sizes]`. */
type KernelOf<W extends Shape, Layout> = Layout extends "last"
  ? W extends readonly [...infer K extends Shape, infer C extends number, infer Out extends number]
    ? { readonly sizes: K; readonly from: C; readonly to: Out }
    : null
  : W extends readonly [infer Out extends number, infer C extends number, ...infer K extends Shape]
    ? { readonly sizes: K; readonly from: C; readonly to: Out }
    : null;

/** Whether the spatial sizes stay: padding "same" without strides. */
type Stays<O> = O extends { readonly padding: "same" } ? ("strides" extends keyof O ? false : true) : false;

/**
 * The shape of a convolution: `ConvShape<"conv2d", readonly [2, 28, 28, 3], readonly [3, 3, 3, 8], {}>` is
 * `readonly [2, number, number, 8]`; spatial sizes are known where padding is "same".
 */
export type ConvShape<Op extends string, X extends Shape, W extends Shape, O> = number extends
  | X["length"]
  | W["length"]
  ? Shape
  : Channels<O> extends infer Layout extends "first" | "last"
    ? KernelOf<W, Layout> extends {
        sizes: infer K extends Shape;
        from: infer C extends number;
        to: infer Out extends number;
      }
      ? ImageOf<X, K, Layout> extends Image<infer L, infer S, infer Own>
        ? Mismatched<Own, C, O> extends true
          ? ShapeMismatch<`${Op}: the kernel takes ${C} channels, x has ${Own}`>
          : Laid<Layout, L, Stays<O> extends true ? S : Sizes<S>, Out>
        : Shape
      : Shape
    : Shape;

/** Whether channels differ for certain; with groups nothing is said. */
type Mismatched<N extends number, C extends number, O> = "groups" extends keyof O ? false : Differ<N, C>;

/** The shape of a transposed convolution, whose kernel leads from the result to x. */
export type ConvTransposeShape<X extends Shape, W extends Shape, O> = number extends X["length"] | W["length"]
  ? Shape
  : Channels<O> extends infer Layout extends "first" | "last"
    ? KernelOf<W, Layout> extends {
        sizes: infer K extends Shape;
        from: infer Out extends number;
        to: infer C extends number;
      }
      ? ImageOf<X, K, Layout> extends Image<infer L, infer S, infer Own>
        ? Differ<Own, C> extends true
          ? ShapeMismatch<`convTranspose: the kernel takes ${C} channels, x has ${Own}`>
          : Laid<Layout, L, Sizes<S>, "groups" extends keyof O ? number : Out>
        : Shape
      : Shape
    : Shape;

/** The axes of a window, as a list of sizes: a number is for all axes but the first and the channels. */
type Axes<X extends Shape, Window> = Window extends Shape
  ? number extends Window["length"]
    ? null
    : Window
  : X extends readonly [number, ...infer Rest extends Shape, number]
    ? Rest
    : null;

/** The shape of a pool: `PoolShape<readonly [2, 28, 28, 3], 2, {}>` is `readonly [2, number, number, 3]`. */
export type PoolShape<X extends Shape, Window, O> = number extends X["length"]
  ? Shape
  : Axes<X, Window> extends infer K extends Shape
    ? Replaced<X, K, Sizes<K>, O>
    : Shape;

/** The shape of what makes spatial axes of the given sizes: one number is for all of them. */
export type ResizedShape<X extends Shape, Size, O> = number extends X["length"]
  ? Shape
  : Axes<X, Size> extends infer K extends Shape
    ? Replaced<X, K, Size extends Shape ? Known<Size> : { readonly [I in keyof K]: Size & number }, O>
    : Shape;

/** X with other spatial sizes. */
type Replaced<X extends Shape, K extends Shape, To extends Shape, O> =
  Channels<O> extends infer Layout extends "first" | "last"
    ? ImageOf<X, K, Layout> extends Image<infer L, Shape, infer C>
      ? Laid<Layout, L, To, C>
      : Shape
    : Shape;
