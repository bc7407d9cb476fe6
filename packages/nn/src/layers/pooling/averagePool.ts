import { averagePool, type PerAxis } from "@cotangent/core";
import type { LayerFactory } from "../factory.ts";
import { type AveragePoolLayerOptions, PoolLayer } from "./poolLayer.ts";

/** The average of each window: `averagePool` over one axis of x [..., steps, channels], with any leading axes. */
export class AveragePool1D extends PoolLayer<AveragePoolLayerOptions> {
  /** Windows lie side by side unless `strides` are given. @throws StateError for sizes below 1 and unknown options */
  constructor(window: PerAxis, options: AveragePoolLayerOptions = {}) {
    super("AveragePool1D", 1, window, options, averagePool, ["countIncludePad"]);
  }
}

/** An AveragePool1D layer for `sequential`: [batch, steps, channels], with fewer elements on each spatial axis. */
export const averagePool1D = (
  window: PerAxis,
  options: AveragePoolLayerOptions = {},
): LayerFactory<AveragePool1D> => ({
  build: () => new AveragePool1D(window, options),
});

/** The average of each window: `averagePool` over two axes of x [..., height, width, channels], with any leading axes. */
export class AveragePool2D extends PoolLayer<AveragePoolLayerOptions> {
  /** Windows lie side by side unless `strides` are given. @throws StateError for sizes below 1 and unknown options */
  constructor(window: PerAxis, options: AveragePoolLayerOptions = {}) {
    super("AveragePool2D", 2, window, options, averagePool, ["countIncludePad"]);
  }
}

/** An AveragePool2D layer for `sequential`: [batch, height, width, channels], with fewer elements on each spatial axis. */
export const averagePool2D = (
  window: PerAxis,
  options: AveragePoolLayerOptions = {},
): LayerFactory<AveragePool2D> => ({
  build: () => new AveragePool2D(window, options),
});

/** The average of each window: `averagePool` over three axes of x [..., depth, height, width, channels], with any leading axes. */
export class AveragePool3D extends PoolLayer<AveragePoolLayerOptions> {
  /** Windows lie side by side unless `strides` are given. @throws StateError for sizes below 1 and unknown options */
  constructor(window: PerAxis, options: AveragePoolLayerOptions = {}) {
    super("AveragePool3D", 3, window, options, averagePool, ["countIncludePad"]);
  }
}

/** An AveragePool3D layer for `sequential`: [batch, depth, height, width, channels], with fewer elements on each spatial axis. */
export const averagePool3D = (
  window: PerAxis,
  options: AveragePoolLayerOptions = {},
): LayerFactory<AveragePool3D> => ({
  build: () => new AveragePool3D(window, options),
});
