import { emptyLike, type PixelArray } from "./pixels.ts";
import type { Window } from "./resample.ts";
import type { ImageStack } from "./stack.ts";

/** Cuts a window out of every image, each its own; the windows have one size. The caller has checked that they fit. */
export function cut<A extends PixelArray>(
  image: ImageStack<A>,
  windows: (index: number) => Window,
): ImageStack<A> {
  const { data, count, channels } = image;
  const { height, width } = windows(0);
  const length = width * channels;
  const out = emptyLike(data, count * height * length);
  for (let i = 0; i < count; i++) {
    const { top, left } = i === 0 ? windows(0) : windows(i);
    for (let y = 0; y < height; y++) {
      const from = ((i * image.height + top + y) * image.width + left) * channels;
      out.set(data.subarray(from, from + length), (i * height + y) * length);
    }
  }
  return { data: out, count, height, width, channels };
}

/** Mirrors those images that `chosen` names. */
export function mirror<A extends PixelArray>(
  image: ImageStack<A>,
  { axis, chosen = () => true }: { axis: "horizontal" | "vertical"; chosen?: (index: number) => boolean },
): ImageStack<A> {
  const { data, count, height, width, channels } = image;
  const out = emptyLike(data, data.length);
  const rowLength = width * channels;
  for (let i = 0; i < count; i++) {
    const flip = chosen(i);
    for (let y = 0; y < height; y++) {
      const source = flip && axis === "vertical" ? height - 1 - y : y;
      const from = (i * height + source) * rowLength;
      const to = (i * height + y) * rowLength;
      if (!flip || axis === "vertical") out.set(data.subarray(from, from + rowLength), to);
      else mirrorRow(data, from, out, to, { width, channels });
    }
  }
  return { ...image, data: out };
}

function mirrorRow(
  data: PixelArray,
  from: number,
  out: PixelArray,
  to: number,
  { width, channels }: { width: number; channels: number },
): void {
  for (let x = 0; x < width; x++) {
    for (let c = 0; c < channels; c++) {
      out[to + x * channels + c] = data[from + (width - 1 - x) * channels + c] as number;
    }
  }
}
