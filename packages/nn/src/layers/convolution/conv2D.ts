import type { PerAxis } from "@cotangent/core";
import type { LayerFactory } from "../factory.ts";
import { ConvLayer, type ConvLayerOptions, convFactory } from "./convLayer.ts";

/**
 * A convolution over two axes, as of images: activation(conv(x, kernel) + bias).
 *
 * x is [..., height, width, channels] with any leading axes, the result the same with `filters` channels; the kernel is
 * [...kernelSize, channels / groups, filters], the bias [filters]. With dataFormat "channelsFirst" channels stand before the
 * spatial axes, and the kernel is [filters, channels / groups, ...kernelSize].
 */
export class Conv2D extends ConvLayer {
  /** @throws StateError for sizes below 1, unknown options and names; DTypeError for a dtype that is not floating */
  constructor(channels: number, filters: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super({ operation: "Conv2D", spatial: 2 }, channels, filters, kernelSize, options);
  }
}

/** A Conv2D layer for `sequential`, which tells it the number of channels of its input [batch, height, width, channels]. */
export const conv2D = (
  filters: number,
  kernelSize: PerAxis,
  options: ConvLayerOptions = {},
): LayerFactory<Conv2D> =>
  convFactory("conv2D", 2, options, (channels, own) => new Conv2D(channels, filters, kernelSize, own));
