import * as nn from "@cotangent/nn";
import * as c from "cotangent";
import type { Misuse } from "./table.ts";

/** What the types would not let pass. */
const any = (value: unknown): never => value as never;

const image: c.Tensor = c.zeros([2, 8, 8, 3]);
const kernel: c.Tensor = c.zeros([3, 3, 3, 4]);

/** Mistakes with convolution, pooling, windows and images. */
// biome-ignore format: a table
export const CONVOLUTION_MISUSES: readonly Misuse[] = [
  ["conv channels", () => c.conv2d(image, c.zeros([3, 3, 4, 3])), "ShapeError", "conv2d", [[2,8,8,3],[3,3,4,3]], "The kernel is [...sizes, channels, outputs]"],
  ["conv channels first", () => c.conv2d(c.zeros([2, 3, 8, 8]), kernel), "ShapeError", "conv2d", [[2,3,8,8],[3,3,3,4]], "Did you mean dataFormat: \"channelsFirst\"?"],
  ["conv groups", () => c.conv2d(image, c.zeros([3, 3, 1, 4]), { groups: 3 }), "ShapeError", "conv2d", [[3,3,1,4]], "Their number is a multiple of the number of groups"],
  ["conv rank", () => c.conv2d(c.zeros([8, 3]), kernel), "ShapeError", "conv2d", [[8,3]], "x is [..., spatial axes, channels]; expandDims adds an axis"],
  ["conv kernel rank", () => c.conv2d(image, c.zeros([3, 3, 4])), "ShapeError", "conv2d", [[3,3,4]], "The kernel is [...sizes, channels, outputs]"],
  ["conv kernel too large", () => c.conv2d(image, c.zeros([9, 3, 3, 4])), "ShapeError", "conv2d", [[8,8],[9,3]], "Use a smaller window or dilation, or padding such as \"same\""],
  ["conv strides", () => c.conv2d(image, kernel, { strides: 0 }), "StateError", "conv2d", undefined, "Use a whole number, 1 or more, for all axes, or a list with one for each (2 here)"],
  ["conv padding", () => c.conv2d(image, kernel, { padding: any("full") }), "StateError", "conv2d", undefined, "Use \"same\", \"valid\", a whole number, 0 or more, or a list with a number or a pair [before, behind] for each axis (2 here)"],
  ["conv padding negative", () => c.conv2d(image, kernel, { padding: -1 }), "StateError", "conv2d", undefined, "Use \"same\", \"valid\", a whole number, 0 or more, or a list with a number or a pair [before, behind] for each axis (2 here)"],
  ["conv option", () => c.conv2d(image, kernel, any({ stride: 2 })), "StateError", "conv2d", undefined, "Options are strides, padding, dilation, groups, dataFormat"],
  ["conv format", () => c.conv2d(image, kernel, { dataFormat: any("NHWC") }), "StateError", "conv2d", undefined, "Use \"channelsLast\" or \"channelsFirst\""],
  ["conv bool", () => c.conv1d([[true]], [[[true]]]), "DTypeError", "conv1d", undefined, "Cast to int32 or float32"],
  ["conv transpose channels", () => c.convTranspose(image, kernel), "ShapeError", "convTranspose", [[2,8,8,3],[3,3,3,4]], "The kernel is [...sizes, outputs, channels]"],
  ["conv transpose padding", () => c.convTranspose(c.zeros([1, 3]), c.zeros([2, 4, 3]), { padding: 1 }), "ShapeError", "convTranspose", [[1],[2]], "Use less padding"],
  ["output padding", () => c.convTranspose(image, c.zeros([3, 3, 4, 3]), { outputPadding: 1 }), "StateError", "convTranspose", undefined, "It is less than the stride or dilation of its axis, and goes with no padding but numbers and \"valid\""],
  ["convolve matrix", () => c.convolve(image, kernel), "ShapeError", "convolve", [[2,8,8,3],[3,3,3,4]], "Both are vectors with one element or more; vmap maps over further axes, conv1d over channels"],
  ["correlate mode", () => c.correlate([1, 2], [1], { mode: any("wrap") }), "StateError", "correlate", undefined, "Use \"full\", \"same\" or \"valid\""],
  ["pool window", () => c.maxPool(image, 9), "ShapeError", "maxPool", [[8,8],[9,9]], "Use a smaller window or dilation, or padding such as \"same\""],
  ["pool without batch", () => c.maxPool(c.zeros([8, 3]), 2), "ShapeError", "maxPool", [[8,3]], "Give a list with a size for each spatial axis, such as [2], where there is no batch"],
  ["pool of padding", () => c.maxPool(image, 2, { padding: 2 }), "ShapeError", "maxPool", [[2,8,8,3]], "Use less padding: a window has no greatest element, and no average, without elements"],
  ["pool window zero", () => c.averagePool(image, 0), "StateError", "averagePool", undefined, "Use a whole number, 1 or more, for all axes, or a list with one for each (2 here)"],
  ["lpPool order", () => c.lpPool(image, 2, { ord: 0 }), "StateError", "lpPool", undefined, "Use a number above 0"],
  ["adaptive size", () => c.adaptiveAveragePool(image, [2, 2, 2, 2]), "ShapeError", "adaptiveAveragePool", [[2,8,8,3]], "x is [..., spatial axes, channels]; expandDims adds an axis"],
  ["adaptive nothing", () => c.adaptiveMaxPool(c.zeros([2, 0, 3]), 2), "ShapeError", "adaptiveMaxPool", [[2,0,3]], "Every spatial axis has one element or more"],
  ["reduce window name", () => c.reduceWindow(image, any("median"), 2), "StateError", "reduceWindow", undefined, "Use one of sum, mean, prod, max, min"],
  ["window axes", () => c.slidingWindow(c.zeros([4]), [2, 2]), "ShapeError", "slidingWindow", [[4],[2,2]], "Give the window a size for each axis over which it slides"],
  ["window axis twice", () => c.slidingWindow(image, [2, 2], { axes: [1, -3] }), "IndexError", "slidingWindow", undefined, "A window slides over an axis once"],
  ["fold patches", () => c.fold(c.zeros([3, 4]), [4, 4], 2), "ShapeError", "fold", [[3,4],[4,4]], "x is [..., 9, 4 * channels] here"],
  ["resize method", () => c.resize(image, [4, 4], { method: any("area") }), "StateError", "resize", undefined, "Use one of nearest, bilinear, bicubic, lanczos3"],
  ["resize number", () => c.resize(image, any(4)), "StateError", "resize", undefined, "Give a list with a size for each spatial axis, such as [224, 224]"],
  ["resize nothing", () => c.resize(c.zeros([2, 0, 3]), [4]), "ShapeError", "resize", [[2,0,3]], "There must be something to be resized"],
  ["grid axes", () => c.gridSample(image, c.zeros([3, 4, 4, 2])), "ShapeError", "gridSample", [[2,8,8,3],[3,4,4,2]], "The grid is [..., points, n] for n spatial axes, with the leading axes of x"],
  ["grid mode", () => c.gridSample(image, c.zeros([2, 4, 4, 2]), { mode: any("cubic") }), "StateError", "gridSample", undefined, "Use one of bilinear, nearest"],
  ["Conv2D channels", () => new nn.Conv2D(4, 8, 3).forward(image), "ShapeError", "Conv2D", [[2,8,8,3],[3,3,4,8]], "Reshape the input, or make the layer for its channels"],
  ["Conv2D kernel size", () => new nn.Conv2D(3, 8, [3, 3, 3]), "StateError", "Conv2D", undefined, "Give a number for all axes, or a list with one for each (2 here)"],
  ["Conv2D groups", () => new nn.Conv2D(3, 8, 3, { groups: 2 }), "StateError", "Conv2D", undefined, "Both are multiples of the number of groups"],
  ["conv2D example", () => nn.sequential({ inputShape: [28, 28] }, [nn.conv2D(8, 3)]), "ShapeError", "conv2D", [[28,28]], "Use an inputShape such as [28, 28, 1] for images, or another layer"],
  ["GlobalMaxPool rank", () => new nn.GlobalMaxPool().forward(c.zeros([2, 3])), "ShapeError", "GlobalMaxPool", [[2,3]], "It is [batch, spatial axes, channels]"],
  ["Embedding dtype", () => new nn.Embedding(5, 2).forward(c.zeros([2])), "DTypeError", "Embedding", undefined, "It holds the numbers of rows: cast it to int32"],
];
