import type { Shape } from "../shape.ts";
import type { Known, ShapeMismatch, Show } from "./known.ts";
import type { Product } from "./product.ts";

/** A without its first N; `never` if there is none: `Removed<readonly [2, 3], 2>` is `readonly [3]`. */
type Removed<A extends Shape, N extends number, Before extends Shape = readonly []> = A extends readonly [
  infer H extends number,
  ...infer Rest extends Shape,
]
  ? H extends N
    ? readonly [...Before, ...Rest]
    : Removed<Rest, N, readonly [...Before, H]>
  : never;

/** What sizes are left of A when those of B are taken out, -1 aside; `never` if B has others. */
type Remaining<A extends Shape, B extends Shape> = B extends readonly [
  infer H extends number,
  ...infer Rest extends Shape,
]
  ? H extends -1 | 1
    ? Remaining<A, Rest>
    : [Removed<A, H>] extends [never]
      ? never
      : Remaining<Removed<A, H>, Rest>
  : A;

/** The size that stands for -1, where it is easy to tell: what is left over of A's sizes. */
type Missing<A extends Shape, B extends Shape> = number extends A[number] | B[number]
  ? number
  : [Remaining<A, B>] extends [never]
    ? number
    : Product<Remaining<A, B>> extends `${infer N extends number}`
      ? N
      : number;

type Filled<B extends Shape, Size extends number> = {
  readonly [I in keyof B]: B[I] extends -1 ? Size : B[I];
};

/**
 * A's elements in shape B: `Reshaped<readonly [2, 6], readonly [3, -1]>` is `readonly [3, number]`, since only sizes that
 * are left over are found; `Reshaped<readonly [32, 28, 28], readonly [32, -1]>` is `readonly [32, 784]`.
 */
export type Reshaped<A extends Shape, B extends Shape> = number extends B["length"]
  ? Shape
  : -1 extends B[number]
    ? Filled<Known<B>, number extends A["length"] ? number : Missing<A, B>>
    : number extends A["length"] | A[number] | B[number]
      ? Known<B>
      : Product<A> extends Product<B>
        ? Known<B>
        : ShapeMismatch<`reshape: ${Show<A>} has ${Product<A>} elements, ${Show<B>} has ${Product<B>}`>;
