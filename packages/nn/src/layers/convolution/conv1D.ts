import type { PerAxis } from "@cotangent/core";
import type { LayerFactory } from "../factory.ts";
import { ConvLayer, type ConvLayerOptions, convFactory } from "./convLayer.ts";

/**
 * A convolution over one axis, as of sequences: activation(conv(x, kernel) + bias).
 *
 * x is [..., steps, channels] with any leading axes, the result the same with `filters` channels; the kernel is
 * [...kernelSize, channels / groups, filters], the bias [filters]. With dataFormat "channelsFirst" channels stand before the
 * spatial axes, and the kernel is [filters, channels / groups, ...kernelSize].
 */
export class Conv1D extends ConvLayer {
  /** @throws StateError for sizes below 1, unknown options and names; DTypeError for a dtype that is not floating */
  constructor(channels: number, filters: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super({ operation: "Conv1D", spatial: 1 }, channels, filters, kernelSize, options);
  }
}

/** A Conv1D layer for `sequential`, which tells it the number of channels of its input [batch, steps, channels]. */
export const conv1D = (
  filters: number,
  kernelSize: PerAxis,
  options: ConvLayerOptions = {},
): LayerFactory<Conv1D> =>
  convFactory("conv1D", 1, options, (channels, own) => new Conv1D(channels, filters, kernelSize, own));
