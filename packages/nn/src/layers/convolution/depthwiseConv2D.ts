import { checkOptions, type PerAxis } from "@cotangent/core";
import type { LayerFactory } from "../factory.ts";
import { checkSize } from "../options.ts";
import { CONV_OPTIONS, ConvLayer, type ConvLayerOptions, convFactory } from "./convLayer.ts";

export interface DepthwiseConvLayerOptions extends Omit<ConvLayerOptions, "groups"> {
  /** How many results each channel has: 1 unless given. */
  readonly multiplier?: number;
}

const OPTIONS = [...CONV_OPTIONS.filter((name) => name !== "groups"), "multiplier"];

/**
 * A convolution over two axes of each channel on its own: a Conv2D with as many groups as channels.
 *
 * x is [..., height, width, channels] with any leading axes, the result the same with channels * multiplier channels, those
 * of one channel side by side; the kernel is [...kernelSize, 1, channels * multiplier], the bias [channels * multiplier]. With
 * dataFormat "channelsFirst" channels stand before the spatial axes, and the kernel is [channels * multiplier, 1,
 * ...kernelSize].
 */
export class DepthwiseConv2D extends ConvLayer {
  /** @throws StateError for sizes below 1, unknown options and names; DTypeError for a dtype that is not floating */
  constructor(channels: number, kernelSize: PerAxis, options: DepthwiseConvLayerOptions = {}) {
    const operation = "DepthwiseConv2D";
    checkOptions(operation, options, OPTIONS);
    const { multiplier = 1, ...own } = options;
    checkSize(channels, "channels", operation);
    checkSize(multiplier, "multiplier", operation);
    super({ operation, spatial: 2 }, channels, channels * multiplier, kernelSize, {
      ...own,
      groups: channels,
    });
  }
}

/** A DepthwiseConv2D layer for `sequential`, which tells it the number of channels of its input [batch, height, width, channels]. */
export const depthwiseConv2D = (
  kernelSize: PerAxis,
  options: DepthwiseConvLayerOptions = {},
): LayerFactory<DepthwiseConv2D> =>
  convFactory(
    "depthwiseConv2D",
    2,
    options,
    (channels, own) => new DepthwiseConv2D(channels, kernelSize, own),
  );
