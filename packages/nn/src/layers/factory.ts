import type { Shape, Tensor } from "@cotangent/core";
import type { Module } from "../module/module.ts";

/** What `sequential` tells a layer that is to be made. */
export interface LayerContext {
  /** The sizes of one example as it reaches the layer, without the batch axis. */
  readonly inputShape: Shape;
  /** The layer's own random key; none unless the model was given a key or a seed. */
  readonly key?: Tensor;
  /** The layer's path in the model, for messages: `layers.0`. */
  readonly name: string;
}

/** A layer that is made once the shape of its input is known: what `dense(64)` gives. */
export interface LayerFactory<out M extends Module = Module> {
  /** Makes the layer for inputs of that shape. */
  build(context: LayerContext): M;
}
