import type { Tensor } from "../../ir/tensor.ts";
import { asTensor, type TensorLike } from "../../prims/convert.ts";
import { builder } from "../../transform/vjp.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape, sizeOf } from "../../types/shape.ts";
import { ShapeError } from "../../util/errors.ts";
import {
  axesIn,
  type PerAxis,
  perAxis,
  type SlideOptions,
  slideOf,
  spanOf,
} from "../convolution/geometry.ts";
import { type DataFormat, isChannelsLast } from "../convolution/layout.ts";
import { countable } from "../operands.ts";
import { pooledLayout, spatialAxes } from "./pool.ts";
import { windowsOver } from "./windows.ts";

export interface UnfoldOptions extends SlideOptions {
  /** Where the channels are: "channelsLast" unless given. */
  readonly dataFormat?: DataFormat;
}

const OPTIONS = ["strides", "padding", "dilation", "dataFormat"];

const upTo = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/**
 * All patches of x that a kernel of that size meets, each as a row: im2col, PyTorch's `unfold`. x is [..., ...spatial,
 * channels], the result [..., patches, window elements * channels], so that a convolution is
 * `unfold(x, [3, 3]).matmul(kernel.reshape([-1, outputs]))`. With dataFormat "channelsFirst" x is [..., channels, ...spatial],
 * the result [..., channels * window elements, patches], as in PyTorch. A number as window is for all axes between the first,
 * the batch, and the channels.
 * @throws ShapeError where the window does not fit, StateError for a window or options that are none
 */
export function unfold(x: TensorLike, window: PerAxis, options: UnfoldOptions = {}): Tensor {
  const operation = "unfold";
  checkOptions(operation, options, OPTIONS);
  const { dataFormat, ...own } = options;
  const tensor = asTensor(x, operation);
  const layout = pooledLayout(operation, tensor, window, dataFormat);
  const { leading, spatial, channels, last } = layout;
  const sizes = perAxis(operation, "the window", window, spatial.length);
  const slide = slideOf(operation, spatial, sizes, own);
  const windows = windowsOver(tensor, spatialAxes(layout), slide, 0);
  const [lead, count] = [leading.length, spatial.length];
  const places = sizeOf(windows.shape.slice(last ? lead : lead + 1, (last ? lead : lead + 1) + count));
  const inner = sizeOf(sizes) * channels;
  const order = last
    ? [...upTo(0, lead + count), ...upTo(lead + count + 1, count), lead + count]
    : [...upTo(0, lead + 1), ...upTo(lead + 1 + count, count), ...upTo(lead + 1, count)];
  return builder.reshape(builder.permute(windows, order), [
    ...leading,
    ...(last ? [places, inner] : [inner, places]),
  ]);
}

/**
 * Patches added up where they came from: the transpose of `unfold`, PyTorch's `fold`. x is [..., patches, window elements *
 * channels], the result [..., ...outputSize, channels]; with dataFormat "channelsFirst" x is [..., channels * window
 * elements, patches] and the result [..., channels, ...outputSize]. The options are those of `unfold`. bool is counted as
 * int32.
 * @throws ShapeError unless x holds the patches of an input of `outputSize`, StateError for a window or options that are none
 */
export function fold(
  x: TensorLike,
  outputSize: readonly number[],
  window: PerAxis,
  options: UnfoldOptions = {},
): Tensor {
  const operation = "fold";
  checkOptions(operation, options, OPTIONS);
  const { dataFormat, ...own } = options;
  const last = isChannelsLast(operation, dataFormat);
  const tensor = countable(operation, x);
  const output = perAxis(operation, "outputSize", outputSize, axesIn(operation, "outputSize", outputSize));
  const sizes = perAxis(operation, "the window", window, output.length);
  const slide = slideOf(operation, output, sizes, own);
  const counts = output.map((size, i) => {
    const room = size + slide.low[i] + slide.high[i] - spanOf(sizes[i], slide.dilation[i]);
    return Math.floor(room / slide.strides[i]) + 1;
  });
  const [patches, elements] = last ? tensor.shape.slice(-2) : tensor.shape.slice(-2).reverse();
  if (tensor.rank < 2 || patches !== sizeOf(counts) || elements % sizeOf(sizes) !== 0) {
    const wanted = last
      ? `[..., ${sizeOf(counts)}, ${sizeOf(sizes)} * channels]`
      : `[..., channels * ${sizeOf(sizes)}, ${sizeOf(counts)}]`;
    throw new ShapeError(`${formatShape(tensor.shape)} does not hold the patches of ${formatShape(output)}`, {
      operation,
      shapes: [tensor.shape, output],
      remedy: `x is ${wanted} here`,
    });
  }
  return folded(tensor, output, counts, slide, last);
}

function folded(
  x: Tensor,
  output: readonly number[],
  counts: readonly number[],
  { window, strides, dilation, low, high }: ReturnType<typeof slideOf>,
  last: boolean,
): Tensor {
  const leading = x.shape.slice(0, -2);
  const [lead, count] = [leading.length, output.length];
  const channels = x.shape[last ? x.rank - 1 : x.rank - 2] / sizeOf(window);
  // To [..., channels, ...counts, ...window], and what was padded is cut away again.
  const apart = last
    ? builder.permute(builder.reshape(x, [...leading, ...counts, ...window, channels]), [
        ...upTo(0, lead),
        lead + 2 * count,
        ...upTo(lead, 2 * count),
      ])
    : builder.permute(builder.reshape(x, [...leading, channels, ...window, ...counts]), [
        ...upTo(0, lead + 1),
        ...upTo(lead + 1 + count, count),
        ...upTo(lead + 1, count),
      ]);
  const sizes = output.map((size, i) => size + low[i] + high[i]);
  const sums = builder.fold(apart, { sizes, strides, dilation });
  const before = [...leading, channels].map(() => 0);
  const cut = builder.slice(
    sums,
    [...before, ...low],
    [...leading, channels, ...output.map((size, i) => size + low[i])],
  );
  return last ? builder.permute(cut, [...upTo(0, lead), ...upTo(lead + 1, count), lead]) : cut;
}
