import type { PixelArray, Pixels } from "./pixels.ts";

/** Images of one size, one after the other in memory; `width`, `height` and `channels` are those of each. */
export interface ImageStack<A extends PixelArray = PixelArray> extends Pixels<A> {
  readonly count: number;
}

/** One image as a stack of one; shares its memory. */
export function stackOfOne<A extends PixelArray>(image: Pixels<A>): ImageStack<A> {
  return { ...image, count: 1 };
}

/** Floating results: double precision stays, everything else becomes float32. */
export function floatingLike(like: PixelArray, length: number): Float32Array | Float64Array {
  return like instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
}

/** The samples as 0..255 in float32: 16-bit ones are divided by 257, so that 65535 becomes 255; 8-bit ones stay as they are. */
export function toByteRange(
  image: ImageStack<Uint8Array | Uint16Array>,
): ImageStack<Uint8Array | Float32Array> {
  const { data } = image;
  if (data instanceof Uint16Array)
    return { ...image, data: Float32Array.from(data, (sample) => sample / 257) };
  return { ...image, data };
}

/** The samples as float32. */
export function toFloat32(data: PixelArray): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
