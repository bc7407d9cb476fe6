import type { PerAxis } from "@cotangent/core";
import type { LayerFactory } from "../factory.ts";
import { ConvLayer, type ConvLayerOptions, convFactory } from "./convLayer.ts";

/**
 * A convolution over three axes, as of volumes: activation(conv(x, kernel) + bias).
 *
 * x is [..., depth, height, width, channels] with any leading axes, the result the same with `filters` channels; the kernel is
 * [...kernelSize, channels / groups, filters], the bias [filters]. With dataFormat "channelsFirst" channels stand before the
 * spatial axes, and the kernel is [filters, channels / groups, ...kernelSize].
 */
export class Conv3D extends ConvLayer {
  /** @throws StateError for sizes below 1, unknown options and names; DTypeError for a dtype that is not floating */
  constructor(channels: number, filters: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super({ operation: "Conv3D", spatial: 3 }, channels, filters, kernelSize, options);
  }
}

/** A Conv3D layer for `sequential`, which tells it the number of channels of its input [batch, depth, height, width, channels]. */
export const conv3D = (
  filters: number,
  kernelSize: PerAxis,
  options: ConvLayerOptions = {},
): LayerFactory<Conv3D> =>
  convFactory("conv3D", 3, options, (channels, own) => new Conv3D(channels, filters, kernelSize, own));
