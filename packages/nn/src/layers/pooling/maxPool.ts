import { maxPool, type PerAxis } from "@cotangent/core";
import type { LayerFactory } from "../factory.ts";
import { PoolLayer, type PoolLayerOptions } from "./poolLayer.ts";

/** The greatest element of each window: `maxPool` over one axis of x [..., steps, channels], with any leading axes. */
export class MaxPool1D extends PoolLayer {
  /** Windows lie side by side unless `strides` are given. @throws StateError for sizes below 1 and unknown options */
  constructor(window: PerAxis, options: PoolLayerOptions = {}) {
    super("MaxPool1D", 1, window, options, maxPool);
  }
}

/** A MaxPool1D layer for `sequential`: [batch, steps, channels], with fewer elements on each spatial axis. */
export const maxPool1D = (window: PerAxis, options: PoolLayerOptions = {}): LayerFactory<MaxPool1D> => ({
  build: () => new MaxPool1D(window, options),
});

/** The greatest element of each window: `maxPool` over two axes of x [..., height, width, channels], with any leading axes. */
export class MaxPool2D extends PoolLayer {
  /** Windows lie side by side unless `strides` are given. @throws StateError for sizes below 1 and unknown options */
  constructor(window: PerAxis, options: PoolLayerOptions = {}) {
    super("MaxPool2D", 2, window, options, maxPool);
  }
}

/** A MaxPool2D layer for `sequential`: [batch, height, width, channels], with fewer elements on each spatial axis. */
export const maxPool2D = (window: PerAxis, options: PoolLayerOptions = {}): LayerFactory<MaxPool2D> => ({
  build: () => new MaxPool2D(window, options),
});

/** The greatest element of each window: `maxPool` over three axes of x [..., depth, height, width, channels], with any leading axes. */
export class MaxPool3D extends PoolLayer {
  /** Windows lie side by side unless `strides` are given. @throws StateError for sizes below 1 and unknown options */
  constructor(window: PerAxis, options: PoolLayerOptions = {}) {
    super("MaxPool3D", 3, window, options, maxPool);
  }
}

/** A MaxPool3D layer for `sequential`: [batch, depth, height, width, channels], with fewer elements on each spatial axis. */
export const maxPool3D = (window: PerAxis, options: PoolLayerOptions = {}): LayerFactory<MaxPool3D> => ({
  build: () => new MaxPool3D(window, options),
});
