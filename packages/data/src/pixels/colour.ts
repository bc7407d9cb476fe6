import { emptyLike, hasAlpha } from "./pixels.ts";
import { floatingLike, type ImageStack } from "./stack.ts";

/** Red, green and blue. */
export type Triple = readonly [red: number, green: number, blue: number];

/** Shares of red, green and blue in brightness, by standard. Both sum to 1. */
export const LUMA = {
  /** ITU-R BT.601: what Pillow's mode L, torchvision, OpenCV and JPEG use. */
  rec601: [0.299, 0.587, 0.114],
  /** ITU-R BT.709: high definition video and sRGB primaries. */
  rec709: [0.2126, 0.7152, 0.0722],
} as const satisfies Record<string, Triple>;

/** What becomes of alpha: `undefined` drops it, a colour lays the picture over that colour. */
export interface Background {
  readonly background: Triple | undefined;
  /** The sample value of full opacity. */
  readonly opaque: number;
}

/**
 * Grey or colour without alpha, 1 or 3 channels: alpha is dropped, or the picture composited as
 * alpha * colour + (1 - alpha) * background. A grey picture over a coloured background becomes RGB.
 */
export function withoutAlpha(image: ImageStack, { background, opaque }: Background): ImageStack {
  if (!hasAlpha(image.channels)) return image;
  const { data, channels } = image;
  const stored = channels - 1;
  const grey =
    background === undefined || (background[0] === background[1] && background[1] === background[2]);
  const out = grey ? stored : 3;
  const result = floatingLike(data, (data.length / channels) * out);
  for (let from = 0, to = 0; from < data.length; from += channels) {
    const alpha = background === undefined ? 1 : (data[from + stored] as number) / opaque;
    for (let c = 0; c < out; c++) {
      const colour = data[from + Math.min(c, stored - 1)] as number;
      result[to++] =
        background === undefined ? colour : alpha * colour + (1 - alpha) * (background[c] as number);
    }
  }
  return { ...image, data: result, channels: out };
}

/** One channel: the weighted sum of red, green and blue; grey stays. Nothing is rounded; the result is floating. */
export function greyscale(image: ImageStack, weights: Triple, alpha: Background): ImageStack {
  const { data, channels, ...rest } = withoutAlpha(image, alpha);
  if (channels === 1)
    return { ...rest, data: data instanceof Float64Array ? data : Float32Array.from(data), channels };
  const out = floatingLike(data, data.length / 3);
  const [red, green, blue] = weights;
  for (let to = 0, from = 0; to < out.length; to++, from += 3) {
    out[to] =
      red * (data[from] as number) + green * (data[from + 1] as number) + blue * (data[from + 2] as number);
  }
  return { ...rest, data: out, channels: 1 };
}

/** Three channels: grey is repeated, RGB stays. The sample type stays unless there is alpha. */
export function rgb(image: ImageStack, alpha: Background): ImageStack {
  const plain = withoutAlpha(image, alpha);
  if (plain.channels === 3) return plain;
  const out = emptyLike(plain.data, plain.data.length * 3);
  for (let i = 0; i < plain.data.length; i++) out.fill(plain.data[i] as number, 3 * i, 3 * i + 3);
  return { ...plain, data: out, channels: 3 };
}

/** (sample - mean) / std, channel by channel. The result is floating. */
export function standardise(
  image: ImageStack,
  { mean, std }: { mean: readonly number[]; std: readonly number[] },
): ImageStack {
  const { data, channels } = image;
  const out = floatingLike(data, data.length);
  for (let i = 0; i < data.length; ) {
    for (let c = 0; c < channels; c++, i++)
      out[i] = ((data[i] as number) - (mean[c] as number)) / (std[c] as number);
  }
  return { ...image, data: out };
}
