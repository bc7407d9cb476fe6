import type { Differ, Shape, ShapeMismatch } from "@cotangent/core";
import type { Dense } from "./dense.ts";
import type { LayerFactory } from "./factory.ts";

/** The last size of a shape, `number` where it is not known: `Last<readonly [28, 3]>` is 3. */
type Last<S> = S extends readonly [...Shape, infer N extends number] ? N : number;

/** The layer itself, or the one that `dense(64)` is going to make. */
type Made<L> = L extends LayerFactory<infer M> ? M : L;

/** Whether the last axis keeps its size: true of functions, which are activations. */
type Keeps<L> = L extends (x: never) => unknown ? true : false;

/**
 * Follows the size of the last axis through layers: N if all fit, else a mismatch. What is neither Dense nor an activation
 * may make any size of it. `Chain<number, readonly [Dense<784, 64>, Dense<32, 10>]>` is a mismatch.
 */
type Chain<N extends number, Layers, Before extends readonly unknown[] = []> = Layers extends readonly [
  infer L,
  ...infer Rest,
]
  ? Made<L> extends Dense<infer In, infer Out>
    ? Differ<N, In> extends true
      ? ShapeMismatch<`Sequential: layer ${Before["length"]} takes ${In} inputs, but ${N} reach it`>
      : Chain<Out, Rest, [...Before, L]>
    : Chain<Keeps<L> extends true ? N : number, Rest, [...Before, L]>
  : readonly [N];

/** What `Sequential` asks of its layers: neighbours fit where both sizes are known. */
export type Chained<Input, Layers> = Chain<Last<Input>, Layers>;
