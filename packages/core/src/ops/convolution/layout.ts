import type { Tensor } from "../../ir/tensor.ts";
import { builder } from "../../transform/vjp.ts";
import { formatShape, type Shape, sizeOf } from "../../types/shape.ts";
import { ShapeError, StateError } from "../../util/errors.ts";

/** Which axis the channels are: the last, as in images of [height, width, 3], or the one before the spatial axes. */
export type DataFormat = "channelsLast" | "channelsFirst";

/** Where the axes of x are: leading ones of any number, then spatial axes and the channels. */
export interface Layout {
  readonly leading: Shape;
  readonly spatial: Shape;
  readonly channels: number;
  readonly last: boolean;
}

/** @throws StateError unless it is the name of one */
export function isChannelsLast(operation: string, format: unknown = "channelsLast"): boolean {
  if (format === "channelsLast" || format === "channelsFirst") return format === "channelsLast";
  throw new StateError(`dataFormat is ${JSON.stringify(format)}`, {
    operation,
    remedy: 'Use "channelsLast" or "channelsFirst"',
  });
}

/** @throws ShapeError when x has not as many axes */
export function layoutOf(operation: string, { shape }: Tensor, spatialCount: number, last: boolean): Layout {
  const lead = shape.length - spatialCount - 1;
  if (lead < 0) {
    throw new ShapeError(`${formatShape(shape)} has no ${spatialCount} spatial axes beside its channels`, {
      operation,
      shapes: [shape],
      remedy: `x is ${last ? "[..., spatial axes, channels]" : "[..., channels, spatial axes]"}; expandDims adds an axis`,
    });
  }
  const first = last ? lead : lead + 1;
  return {
    leading: shape.slice(0, lead),
    spatial: shape.slice(first, first + spatialCount),
    channels: shape[last ? shape.length - 1 : lead],
    last,
  };
}

/** The number of spatial axes that `x` has when one axis is the batch: where a window is a number. */
export const spatialCountOf = ({ rank }: Tensor): number => Math.max(0, rank - 2);

const upTo = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** x as [groups, batch, channels of a group, ...spatial], as the primitive takes it. */
export function inGroups(x: Tensor, { leading, spatial, channels, last }: Layout, groups: number): Tensor {
  const own = [groups, channels / groups];
  const batch = sizeOf(leading);
  const count = spatial.length;
  return last
    ? builder.permute(builder.reshape(x, [batch, ...spatial, ...own]), [
        count + 1,
        0,
        count + 2,
        ...upTo(1, count),
      ])
    : builder.permute(builder.reshape(x, [batch, ...own, ...spatial]), [1, 0, ...upTo(2, count + 1)]);
}

/** The way back, for a result [groups, batch, channels of a group, ...spatial]. */
export function outOfGroups(y: Tensor, { leading, last }: Layout): Tensor {
  const [groups, , channels, ...spatial] = y.shape;
  const count = spatial.length;
  return last
    ? builder.reshape(builder.permute(y, [1, ...upTo(3, count), 0, 2]), [
        ...leading,
        ...spatial,
        groups * channels,
      ])
    : builder.reshape(builder.permute(y, [1, 0, ...upTo(2, count + 1)]), [
        ...leading,
        groups * channels,
        ...spatial,
      ]);
}

/** Kernels as [groups, outputs of a group, channels of a group, ...sizes]. */
export function kernelsInGroups(kernel: Tensor, groups: number, last: boolean): Tensor {
  const { shape, rank } = kernel;
  if (!last) {
    const [outputs, ...rest] = shape;
    return builder.reshape(kernel, [groups, outputs / groups, ...rest]);
  }
  const count = rank - 2;
  const apart = builder.reshape(kernel, [...shape.slice(0, -1), groups, shape[rank - 1] / groups]);
  return builder.permute(apart, [count + 1, count + 2, count, ...upTo(0, count)]);
}
