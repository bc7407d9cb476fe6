import { emptyLike, type PixelArray } from "./pixels.ts";
import { floatingLike, type ImageStack } from "./stack.ts";

/** How new pixels come about. */
export type ResizeMethod = "nearest" | "bilinear";

/** The whole resized picture's size, and optionally the only part of it that is wanted. */
export interface Resampling {
  readonly height: number;
  readonly width: number;
  readonly method: ResizeMethod;
  readonly antialias: boolean;
  /** The part to compute, in pixels of the resized picture. */
  readonly window?: Window;
}

/** A part of a picture. */
export interface Window {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** For each new pixel of a row or column: the first old one that it is made of, how many, and their weights. */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float64Array;
  readonly stride: number;
}

/** The new pixels `from .. from + count` of an axis that is scaled from `size` to `newSize` pixels. */
interface Axis {
  readonly size: number;
  readonly newSize: number;
  readonly from: number;
  readonly count: number;
}

/**
 * Scales images. Pixel centres are at half-integers, so that new pixel i lies at (i + 1/2) * old / new of the old axis.
 *
 * `nearest` takes the pixel there. `bilinear` weighs neighbours with a triangle that reaches one pixel to each side; with
 * `antialias` it is widened by old / new when that exceeds 1, so that every old pixel counts (Pillow's BILINEAR, PyTorch's
 * `interpolate(..., antialias=True)`; without, PyTorch's and OpenCV's plain bilinear). Weights are normalised where the picture
 * ends. Width is done first, then height. Nothing is rounded: integers give float32, except with `nearest`.
 */
export function resample<A extends PixelArray>(image: ImageStack<A>, to: Resampling): ImageStack {
  const { top, left, height, width } = to.window ?? { top: 0, left: 0, height: to.height, width: to.width };
  const across: Axis = { size: image.width, newSize: to.width, from: left, count: width };
  const down: Axis = { size: image.height, newSize: to.height, from: top, count: height };
  if (to.method === "nearest") return pick(image, nearestIndices(down), nearestIndices(across));
  const columns = triangleTaps(across, to.antialias);
  const rows = triangleTaps(down, to.antialias);
  const { count, channels } = image;
  const out = floatingLike(image.data, count * height * width * channels);
  const lines = neededLines(rows);
  const narrow = floatingLike(image.data, lines.count * width * channels);
  for (let i = 0; i < count; i++) {
    const from = (i * image.height + lines.first) * image.width * channels;
    squeezeRows(image.data, from, narrow, {
      lines: lines.count,
      oldWidth: image.width,
      channels,
      taps: columns,
    });
    combineRows(narrow, lines.first, out, {
      from: i * height * width * channels,
      length: width * channels,
      taps: rows,
    });
  }
  return { data: out, count, height, width, channels };
}

function nearestIndices({ size, newSize, from, count }: Axis): Int32Array {
  return Int32Array.from({ length: count }, (_, i) =>
    Math.min(size - 1, Math.floor(((from + i + 0.5) * size) / newSize)),
  );
}

function pick<A extends PixelArray>(
  image: ImageStack<A>,
  rows: Int32Array,
  columns: Int32Array,
): ImageStack<A> {
  const { data, count, channels, width, height } = image;
  const out = emptyLike(data, count * rows.length * columns.length * channels);
  let to = 0;
  for (let i = 0; i < count; i++) {
    for (const row of rows) {
      for (const column of columns) {
        const from = ((i * height + row) * width + column) * channels;
        for (let c = 0; c < channels; c++) out[to++] = data[from + c] as number;
      }
    }
  }
  return { data: out, count, height: rows.length, width: columns.length, channels };
}

function triangleTaps({ size, newSize, from, count }: Axis, antialias: boolean): Taps {
  const scale = size / newSize;
  const reach = antialias ? Math.max(1, scale) : 1;
  const stride = Math.min(size, 2 * Math.ceil(reach) + 1);
  const taps = {
    first: new Int32Array(count),
    count: new Int32Array(count),
    weights: new Float64Array(count * stride),
    stride,
  };
  for (let i = 0; i < count; i++) {
    const centre = (from + i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(size, Math.floor(centre + reach + 0.5));
    taps.first[i] = first;
    taps.count[i] = end - first;
    let sum = 0;
    for (let j = first; j < end; j++) {
      const weight = Math.max(0, 1 - Math.abs(j + 0.5 - centre) / reach);
      taps.weights[i * stride + j - first] = weight;
      sum += weight;
    }
    for (let j = 0; j < end - first; j++) (taps.weights[i * stride + j] as number) /= sum;
  }
  return taps;
}

/** The old rows that any new row is made of. */
function neededLines({ first, count }: Taps): { first: number; count: number } {
  const start = first[0] as number;
  const last = first.length - 1;
  return { first: start, count: (first[last] as number) + (count[last] as number) - start };
}

interface Squeeze {
  readonly lines: number;
  readonly oldWidth: number;
  readonly channels: number;
  readonly taps: Taps;
}

function squeezeRows(
  data: PixelArray,
  from: number,
  out: Float32Array | Float64Array,
  squeeze: Squeeze,
): void {
  const { lines, oldWidth, channels } = squeeze;
  const { first, count, weights, stride } = squeeze.taps;
  let to = 0;
  for (let y = 0; y < lines; y++) {
    const row = from + y * oldWidth * channels;
    for (let x = 0; x < first.length; x++) {
      const taps = count[x] as number;
      for (let c = 0; c < channels; c++, to++) {
        let sum = 0;
        for (let j = 0, at = row + (first[x] as number) * channels + c; j < taps; j++, at += channels) {
          sum += (weights[x * stride + j] as number) * (data[at] as number);
        }
        out[to] = sum;
      }
    }
  }
}

interface Combination {
  readonly from: number;
  readonly length: number;
  readonly taps: Taps;
}

function combineRows(
  narrow: Float32Array | Float64Array,
  firstLine: number,
  out: Float32Array | Float64Array,
  { from, length, taps }: Combination,
): void {
  const sums = new Float64Array(length);
  for (let y = 0; y < taps.first.length; y++) {
    sums.fill(0);
    for (let j = 0; j < (taps.count[y] as number); j++) {
      const weight = taps.weights[y * taps.stride + j] as number;
      const row = ((taps.first[y] as number) + j - firstLine) * length;
      for (let x = 0; x < length; x++) (sums[x] as number) += weight * (narrow[row + x] as number);
    }
    out.set(sums, from + y * length);
  }
}
