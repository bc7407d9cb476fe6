import type { PerAxis } from "@cotangent/core";
import type { LayerFactory } from "../factory.ts";
import { ConvLayer, type ConvTransposeLayerOptions, convFactory } from "./convLayer.ts";

/**
 * The transpose of a convolution over one axis, as of sequences: activation(convTranspose(x, kernel) + bias). Strides make the
 * result larger: with padding "same" each axis is stride times as long.
 *
 * x is [..., steps, channels] with any leading axes, the result the same with `filters` channels; the kernel is
 * that of the convolution from there to here, [...kernelSize, filters / groups, channels], the bias [filters]. With
 * dataFormat "channelsFirst" channels stand before the spatial axes, and the kernel is [channels, filters / groups,
 * ...kernelSize].
 */
export class ConvTranspose1D extends ConvLayer {
  /** @throws StateError for sizes below 1, unknown options and names; DTypeError for a dtype that is not floating */
  constructor(
    channels: number,
    filters: number,
    kernelSize: PerAxis,
    options: ConvTransposeLayerOptions = {},
  ) {
    super(
      { operation: "ConvTranspose1D", spatial: 1, transposed: true },
      channels,
      filters,
      kernelSize,
      options,
    );
  }
}

/** A ConvTranspose1D layer for `sequential`, which tells it the number of channels of its input [batch, steps, channels]. */
export const convTranspose1D = (
  filters: number,
  kernelSize: PerAxis,
  options: ConvTransposeLayerOptions = {},
): LayerFactory<ConvTranspose1D> =>
  convFactory(
    "convTranspose1D",
    1,
    options,
    (channels, own) => new ConvTranspose1D(channels, filters, kernelSize, own),
  );
