import type { Shape } from "../shape.ts";

/** What `at` takes for one axis, or for none; the kinds that are not named here are not followed. */
type Place = number | null | "..." | { readonly kind: "range" };

/** How many axes indices are for, as a list of so many. */
type Spans<I extends readonly unknown[], Axes extends readonly 0[] = readonly []> = I extends readonly [
  infer H,
  ...infer Rest,
]
  ? Spans<Rest, H extends null | "..." ? Axes : readonly [...Axes, 0]>
  : Axes;

/** S without as many axes at its end as `Axes` has: what an ellipsis stands for. */
type WithoutEnd<S extends Shape, Axes extends readonly unknown[]> = Axes extends readonly [
  unknown,
  ...infer Rest,
]
  ? S extends readonly [...infer Before extends Shape, number]
    ? WithoutEnd<Before, Rest>
    : never
  : S;

/** S without as many axes at its start as `Axes` has. */
type WithoutStart<S extends Shape, Axes extends readonly unknown[]> = Axes extends readonly [
  unknown,
  ...infer Rest,
]
  ? S extends readonly [number, ...infer After extends Shape]
    ? WithoutStart<After, Rest>
    : never
  : S;

/** One index after the other. */
type Walk<S extends Shape, I extends readonly unknown[], Out extends Shape> = I extends readonly [
  infer H,
  ...infer Rest,
]
  ? H extends null
    ? Walk<S, Rest, readonly [...Out, 1]>
    : H extends "..."
      ? WithoutEnd<S, Spans<Rest>> extends infer Whole extends Shape
        ? Walk<WithoutStart<S, Whole>, Rest, readonly [...Out, ...Whole]>
        : Shape
      : S extends readonly [number, ...infer After extends Shape]
        ? Walk<After, Rest, H extends number ? Out : readonly [...Out, number]>
        : Shape
  : readonly [...Out, ...S];

/**
 * The shape of what integers, ranges, new axes and an ellipsis name: `Picked<readonly [2, 3, 4], readonly [0, null]>` is
 * `readonly [1, 3, 4]`. The size of a range is not told; with tensors and arrays it is `Shape`.
 */
export type Picked<S extends Shape, I extends readonly unknown[]> = number extends S["length"] | I["length"]
  ? Shape
  : I[number] extends Place
    ? Walk<S, I, readonly []>
    : Shape;
