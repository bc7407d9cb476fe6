import type { Shape } from "../shape.ts";

declare const MISMATCH: unique symbol;

/**
 * What an argument would have to be, and no tensor is, where shapes do not fit: the sentence is what the editor shows.
 * `ShapeMismatch<"matmul: inner dimensions differ: 784 and 64">`
 */
export interface ShapeMismatch<Message extends string> {
  /** Never there: this exists for the type checker alone. */
  readonly [MISMATCH]: Message;
}

/** Nothing more is asked of an argument whose result R is a shape: `T & Fits<R>`. For a mismatch it is the mismatch. */
export type Fits<R> = R extends readonly unknown[] ? unknown : R;

/** `[2, 3]` as it is; lists of unknown length are `Shape`: `Known<number[]>` is `Shape`. */
export type Known<S extends Shape> = number extends S["length"] ? Shape : Readonly<S>;

/** The shape R of a result; where it is not one, `Shape`. Even before R is settled it is a shape. */
export type Settled<R> = R extends Shape ? R : Shape;

/** The shape of what may stand for a tensor: `ShapeOf<Tensor<readonly [2]>>` is `readonly [2]`, of a number `readonly []`. */
export type ShapeOf<T> = T extends { readonly shape: infer S extends Shape }
  ? S
  : T extends number | boolean
    ? readonly []
    : Shape;

/** Whether both are certainly different: `Differ<2, 3>` is true, `Differ<2, number>` false. */
export type Differ<M extends number, N extends number> = number extends M
  ? false
  : number extends N
    ? false
    : M extends N
      ? false
      : true;

type Sizes<S extends readonly unknown[]> = S extends readonly [infer H extends number]
  ? `${H}`
  : S extends readonly [infer H extends number, ...infer Rest]
    ? `${H}, ${Sizes<Rest>}`
    : "";

/** As in messages: `Show<readonly [2, number]>` is `"[2, number]"`. */
export type Show<S extends Shape> = number extends S["length"] ? "[...]" : `[${Sizes<S>}]`;

/** N where it is a whole number that is not negative, else `number`: `Natural<2.5>` is `number`. */
export type Natural<N extends number> = `${N}` extends `-${string}` | `${string}.${string}` ? number : N;

/** S with one more axis behind: `WithLast<readonly [2], 3>` is `readonly [2, 3]`. */
export type WithLast<S extends Shape, N extends number> = number extends S["length"]
  ? Shape
  : readonly [...S, N];

/** The shape that options give, or another: `GivenShape<{ shape: readonly [2] }, Shape>` is `readonly [2]`. */
export type GivenShape<O, Otherwise extends Shape> = O extends { readonly shape: infer S extends Shape }
  ? Known<S>
  : "shape" extends keyof O
    ? Shape
    : Otherwise;
