import type { PerAxis } from "@cotangent/core";
import type { LayerFactory } from "../factory.ts";
import { ConvLayer, type ConvTransposeLayerOptions, convFactory } from "./convLayer.ts";

/**
 * The transpose of a convolution over three axes, as of volumes: activation(convTranspose(x, kernel) + bias). Strides make the
 * result larger: with padding "same" each axis is stride times as long.
 *
 * x is [..., depth, height, width, channels] with any leading axes, the result the same with `filters` channels; the kernel is
 * that of the convolution from there to here, [...kernelSize, filters / groups, channels], the bias [filters]. With
 * dataFormat "channelsFirst" channels stand before the spatial axes, and the kernel is [channels, filters / groups,
 * ...kernelSize].
 */
export class ConvTranspose3D extends ConvLayer {
  /** @throws StateError for sizes below 1, unknown options and names; DTypeError for a dtype that is not floating */
  constructor(
    channels: number,
    filters: number,
    kernelSize: PerAxis,
    options: ConvTransposeLayerOptions = {},
  ) {
    super(
      { operation: "ConvTranspose3D", spatial: 3, transposed: true },
      channels,
      filters,
      kernelSize,
      options,
    );
  }
}

/** A ConvTranspose3D layer for `sequential`, which tells it the number of channels of its input [batch, depth, height, width, channels]. */
export const convTranspose3D = (
  filters: number,
  kernelSize: PerAxis,
  options: ConvTransposeLayerOptions = {},
): LayerFactory<ConvTranspose3D> =>
  convFactory(
    "convTranspose3D",
    3,
    options,
    (channels, own) => new ConvTranspose3D(channels, filters, kernelSize, own),
  );
