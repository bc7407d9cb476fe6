import { type Domain, separated, tame, within } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { call } from "../expression.ts";
import type { Operand } from "../operand.ts";
import type { Decode, Operations } from "./operation.ts";

/** A sequence or an image of few elements, and which of its axes are spatial. */
interface Image {
  readonly x: Operand;
  readonly sizes: readonly number[];
  readonly channels: number;
  readonly dataFormat: "channelsLast" | "channelsFirst";
}

/** What is there, as [size, channels], [height, width, channels] or with the channels first. */
function image(draw: Draw, domain: Domain = tame, maxSize = 12): Image {
  const x = draw.float(domain, { minRank: 2, maxRank: 3, minSize: 1, maxSize });
  const dataFormat = draw.genes.of(["channelsLast", "channelsFirst"] as const);
  const last = dataFormat === "channelsLast";
  const sizes = last ? x.shape.slice(0, -1) : x.shape.slice(1);
  return { x, sizes, channels: x.shape[last ? x.shape.length - 1 : 0], dataFormat };
}

/** A size for each axis that fits it, 1 mostly. */
const windowIn = (draw: Draw, sizes: readonly number[]): number[] =>
  sizes.map((size) => draw.genes.whole(1, Math.min(2, Math.max(1, size))));

const PADDING = ["valid", "same"] as const;

/** A kernel in the layout of the image, and how it moves. */
const convolution =
  (name: string): Decode =>
  (draw) => {
    const { x, sizes, channels, dataFormat } = image(draw, tame, name === "convTranspose" ? 4 : 9);
    const kernel = windowIn(draw, sizes);
    const outputs = draw.genes.whole(1, 2);
    const ends = name === "convTranspose" ? [outputs, channels] : [channels, outputs];
    // Depthwise kernels are [...sizes, channels, multiplier] or [channels, multiplier, ...sizes].
    const leading = name === "depthwiseConv" ? ends : [...ends].reverse();
    const shape = dataFormat === "channelsLast" ? [...kernel, ...ends] : [...leading, ...kernel];
    const options = { padding: draw.genes.of(PADDING), strides: draw.genes.whole(1, 2), dataFormat };
    return call(name, x.expression, draw.alike(x, shape).expression, options);
  };

/** The same with as many spatial axes as the name says. */
const named =
  (name: string, spatial: number): Decode =>
  (draw) => {
    const count = spatial === 1 ? [3, 2] : spatial === 2 ? [2, 3, 1] : [2, 2, 2, 1];
    const x = draw.shaped(count);
    const kernel = count.slice(0, -1).map(() => draw.genes.whole(1, 2));
    const w = draw.alike(x, [...kernel, count[spatial], draw.genes.whole(1, 2)]);
    return call(name, x.expression, w.expression, { padding: draw.genes.of(PADDING) });
  };

const sequences =
  (name: string): Decode =>
  (draw) => {
    const x = draw.shaped([draw.genes.whole(1, 5)]);
    const y = draw.alike(x, [draw.genes.whole(1, 4)]);
    return call(name, x.expression, y.expression, { mode: draw.genes.of(["full", "same", "valid"]) });
  };

const pool =
  (name: string, domain: Domain): Decode =>
  (draw) => {
    const { x, sizes, dataFormat } = image(draw, domain);
    const options = { padding: draw.genes.of(PADDING), strides: draw.genes.whole(1, 2), dataFormat };
    return call(name, x.expression, windowIn(draw, sizes), options);
  };

const adaptive =
  (name: string, domain: Domain): Decode =>
  (draw) => {
    const { x, sizes, dataFormat } = image(draw, domain);
    const counts = sizes.map(() => draw.genes.whole(1, 3));
    return call(name, x.expression, counts, { dataFormat });
  };

const reduceWindow: Decode = (draw) => {
  const reducer = draw.genes.of(["sum", "mean", "prod", "max", "min"]);
  const x = draw.float(separated, { minRank: 1, maxRank: 3, minSize: 1, maxSize: 12 });
  const options = { padding: draw.genes.of(PADDING), strides: draw.genes.whole(1, 2) };
  return call("reduceWindow", x.expression, reducer, windowIn(draw, x.shape), options);
};

const slidingWindow: Decode = (draw) => {
  const x = draw.float(tame, { minRank: 1, maxRank: 3, minSize: 1, maxSize: 12 });
  const axis = draw.axis(x.shape.length);
  const [window] = windowIn(draw, [x.shape.at(axis) as number]);
  return call("slidingWindow", x.expression, window, { axes: axis, strides: draw.genes.whole(1, 2) });
};

const unfold: Decode = (draw) => {
  const { x, sizes, dataFormat } = image(draw, tame, 9);
  return call("unfold", x.expression, windowIn(draw, sizes), { padding: draw.genes.of(PADDING), dataFormat });
};

/** The patches of a sequence. */
const fold: Decode = (draw) => {
  const [count, window, strides] = [draw.genes.whole(1, 3), draw.genes.whole(1, 3), draw.genes.whole(1, 2)];
  const x = draw.shaped([count, window * draw.genes.whole(1, 2)]);
  return call("fold", x.expression, [(count - 1) * strides + window], window, { strides });
};

const resize: Decode = (draw) => {
  const { x, sizes, dataFormat } = image(draw, tame, 4);
  const to = sizes.map(() => draw.genes.whole(1, 3));
  const method = draw.genes.of(["bilinear", "nearest", "bicubic", "lanczos3"]);
  return call("resize", x.expression, to, { method, alignCorners: draw.genes.yes(), dataFormat });
};

/** Places between the first two elements of three, nearer to the first one. */
const gridSample: Decode = (draw) => {
  const points = draw.genes.whole(1, 2);
  const channels = draw.genes.whole(1, 2);
  const x = draw.shaped([3, channels]);
  const grid = draw.alike(x, [points, 1], within(-0.6, -0.4));
  const options = {
    mode: draw.genes.of(["bilinear", "nearest"]),
    paddingMode: draw.genes.of(["zeros", "border", "reflection"]),
  };
  return call("gridSample", x.expression, grid.expression, options);
};

/** Kernels and windows that slide, and images. */
export const convolutions: Operations = {
  conv: convolution("conv"),
  conv1d: named("conv1d", 1),
  conv2d: named("conv2d", 2),
  conv3d: named("conv3d", 3),
  depthwiseConv: convolution("depthwiseConv"),
  convTranspose: convolution("convTranspose"),
  convolve: sequences("convolve"),
  correlate: sequences("correlate"),
  maxPool: pool("maxPool", separated),
  averagePool: pool("averagePool", tame),
  lpPool: pool("lpPool", separated),
  adaptiveAveragePool: adaptive("adaptiveAveragePool", tame),
  adaptiveMaxPool: adaptive("adaptiveMaxPool", separated),
  reduceWindow,
  slidingWindow,
  unfold,
  fold,
  resize,
  gridSample,
};
