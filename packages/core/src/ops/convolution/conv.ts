import type { Tensor } from "../../ir/tensor.ts";
import { asTensor, type TensorLike } from "../../prims/convert.ts";
import { builder } from "../../transform/vjp.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape } from "../../types/shape.ts";
import type { ConvShape, Fits, Settled, ShapeOf } from "../../types/static/index.ts";
import { ShapeError, StateError } from "../../util/errors.ts";
import { factors } from "../products.ts";
import { perAxis, type SlideOptions, slideOf } from "./geometry.ts";
import {
  type DataFormat,
  inGroups,
  isChannelsLast,
  kernelsInGroups,
  layoutOf,
  outOfGroups,
} from "./layout.ts";

export interface ConvOptions extends SlideOptions {
  /** The channels fall into so many groups, each with kernels of its own; 1 unless given. */
  readonly groups?: number;
  /** Of x, the kernel and the result: "channelsLast" unless given. */
  readonly dataFormat?: DataFormat;
}

const OPTIONS = ["strides", "padding", "dilation", "groups", "dataFormat"];

/** @throws StateError unless it is a whole number, 1 or more */
export const groupCount = (operation: string, groups: number): number =>
  perAxis(operation, "groups", groups, 1)[0];

/** What an error says of the layout that a kernel must have. */
export const kernelLayout = (last: boolean, channels: string, outputs: string): string =>
  last ? `[...sizes, ${channels}, ${outputs}]` : `[${outputs}, ${channels}, ...sizes]`;

/** @throws ShapeError for kernels without a size, or of another number of spatial axes */
export function checkKernel(operation: string, kernel: Tensor, spatialCount: number, layout: string): void {
  const { shape, rank } = kernel;
  if (rank === spatialCount + 2) return;
  throw new ShapeError(
    `a kernel ${formatShape(shape)} has ${Math.max(0, rank - 2)} spatial axes instead of ${spatialCount}`,
    { operation, shapes: [shape], remedy: `The kernel is ${layout}` },
  );
}

function convolved(
  operation: string,
  given: TensorLike,
  givenKernel: TensorLike,
  spatialCount: number | null,
  options: ConvOptions,
): Tensor {
  checkOptions(operation, options, OPTIONS);
  const last = isChannelsLast(operation, options.dataFormat);
  const groups = groupCount(operation, options.groups ?? 1);
  const [x, kernel] = factors(operation, [given, givenKernel]);
  const layout = kernelLayout(last, groups === 1 ? "channels" : "channels / groups", "outputs");
  const count = spatialCount ?? Math.max(1, kernel.rank - 2);
  checkKernel(operation, kernel, count, layout);
  const place = layoutOf(operation, x, count, last);
  const sizes = last ? kernel.shape.slice(0, -2) : kernel.shape.slice(2);
  const [channels, outputs] = last ? kernel.shape.slice(-2) : [kernel.shape[1], kernel.shape[0]];
  checkChannels(operation, x, kernel, { have: place.channels, take: channels, outputs, groups, last });
  perAxis(operation, "the kernel's size", [...sizes], count);
  const { strides, low, high, dilation } = slideOf(operation, place.spatial, sizes, options);
  const result = builder.conv(inGroups(x, place, groups), kernelsInGroups(kernel, groups, last), {
    strides,
    low,
    high,
    inputDilation: strides.map(() => 1),
    kernelDilation: dilation,
  });
  return outOfGroups(result, place);
}

interface Channels {
  readonly have: number;
  readonly take: number;
  readonly outputs: number;
  readonly groups: number;
  readonly last: boolean;
}

/** @throws ShapeError where the channels of x are not those of the kernel, or do not fall into groups */
function checkChannels(
  operation: string,
  x: Tensor,
  kernel: Tensor,
  { have, take, outputs, groups, last }: Channels,
): void {
  const shapes = [x.shape, kernel.shape];
  if (have !== take * groups) {
    const inGroups = groups === 1 ? "" : ` in each of ${groups} groups`;
    const other = x.shape[last ? x.rank - kernel.rank + 1 : x.rank - 1] === take * groups;
    throw new ShapeError(
      `x ${formatShape(x.shape)} has ${have} channels, but kernel ${formatShape(kernel.shape)} takes ${take}${inGroups}`,
      {
        operation,
        shapes,
        remedy: other
          ? `Did you mean dataFormat: "${last ? "channelsFirst" : "channelsLast"}"?`
          : `The kernel is ${kernelLayout(last, groups === 1 ? "channels" : "channels / groups", "outputs")}`,
      },
    );
  }
  if (outputs % groups === 0) return;
  throw new ShapeError(
    `${outputs} outputs of kernel ${formatShape(kernel.shape)} do not fall into ${groups} groups`,
    {
      operation,
      shapes: [kernel.shape],
      remedy: "Their number is a multiple of the number of groups",
    },
  );
}

/**
 * Convolution, as neural networks mean it: the kernel is moved over x without being flipped, and in each place the products
 * are summed up over its sizes and the channels.
 *
 * x is [..., ...spatial, channels] with any leading axes, the kernel [...sizes, channels / groups, outputs], the result
 * [..., ...places, outputs]; with dataFormat "channelsFirst" (PyTorch's layout) x is [..., channels, ...spatial], the
 * kernel [outputs, channels / groups, ...sizes]. An axis has floor((size + padding - span) / stride) + 1 places, where the
 * kernel spans (size - 1) * dilation + 1. The number of spatial axes is that of the kernel: conv1d, conv2d and conv3d say
 * it in their names. Floating sums are as exact as those of `matmul`; integers multiply and add modulo 2^32.
 * @throws ShapeError where channels differ or the kernel does not fit, StateError for options that are none, DTypeError for
 * bool
 */
export function conv<
  X extends TensorLike,
  W extends TensorLike,
  const O extends ConvOptions = Record<never, never>,
>(
  x: X,
  kernel: W & Fits<ConvShape<"conv", ShapeOf<X>, ShapeOf<W>, O>>,
  options?: O,
): Tensor<Settled<ConvShape<"conv", ShapeOf<X>, ShapeOf<W>, O>>>;
export function conv(x: TensorLike, kernel: TensorLike, options: ConvOptions = {}): Tensor {
  return convolved("conv", x, kernel, null, options);
}

/** `conv` over one axis: x [..., steps, channels], kernel [size, channels / groups, outputs]. */
export function conv1d<
  X extends TensorLike,
  W extends TensorLike,
  const O extends ConvOptions = Record<never, never>,
>(
  x: X,
  kernel: W & Fits<ConvShape<"conv1d", ShapeOf<X>, ShapeOf<W>, O>>,
  options?: O,
): Tensor<Settled<ConvShape<"conv1d", ShapeOf<X>, ShapeOf<W>, O>>>;
export function conv1d(x: TensorLike, kernel: TensorLike, options: ConvOptions = {}): Tensor {
  return convolved("conv1d", x, kernel, 1, options);
}

/** `conv` over two axes: x [..., height, width, channels], kernel [height, width, channels / groups, outputs]. */
export function conv2d<
  X extends TensorLike,
  W extends TensorLike,
  const O extends ConvOptions = Record<never, never>,
>(
  x: X,
  kernel: W & Fits<ConvShape<"conv2d", ShapeOf<X>, ShapeOf<W>, O>>,
  options?: O,
): Tensor<Settled<ConvShape<"conv2d", ShapeOf<X>, ShapeOf<W>, O>>>;
export function conv2d(x: TensorLike, kernel: TensorLike, options: ConvOptions = {}): Tensor {
  return convolved("conv2d", x, kernel, 2, options);
}

/** `conv` over three axes: x [..., depth, height, width, channels], kernel [..., channels / groups, outputs]. */
export function conv3d<
  X extends TensorLike,
  W extends TensorLike,
  const O extends ConvOptions = Record<never, never>,
>(
  x: X,
  kernel: W & Fits<ConvShape<"conv3d", ShapeOf<X>, ShapeOf<W>, O>>,
  options?: O,
): Tensor<Settled<ConvShape<"conv3d", ShapeOf<X>, ShapeOf<W>, O>>>;
export function conv3d(x: TensorLike, kernel: TensorLike, options: ConvOptions = {}): Tensor {
  return convolved("conv3d", x, kernel, 3, options);
}

/**
 * A convolution of each channel on its own: the kernel is [...sizes, channels, multiplier] (channelsFirst: [channels,
 * multiplier, ...sizes]), and output c * multiplier + m of the result is channel c with kernel m of its own.
 * @throws as `conv`
 */
export function depthwiseConv(
  x: TensorLike,
  kernel: TensorLike,
  options: Omit<ConvOptions, "groups"> = {},
): Tensor {
  const operation = "depthwiseConv";
  checkOptions(
    operation,
    options,
    OPTIONS.filter((name) => name !== "groups"),
  );
  const last = isChannelsLast(operation, options.dataFormat);
  const own = asTensor(kernel, operation);
  if (own.rank < 3) checkKernel(operation, own, 1, kernelLayout(last, "channels", "multiplier"));
  const sizes = last ? own.shape.slice(0, -2) : own.shape.slice(2);
  const [channels, multiplier] = last ? own.shape.slice(-2) : own.shape.slice(0, 2);
  if (channels === 0) {
    throw new StateError("there are no channels", { operation, remedy: "The kernel has one or more" });
  }
  const merged = channels * multiplier;
  const flat = builder.reshape(own, last ? [...sizes, 1, merged] : [merged, 1, ...sizes]);
  return convolved(operation, x, flat, null, { ...options, groups: channels });
}
