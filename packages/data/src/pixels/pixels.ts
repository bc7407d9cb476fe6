import { ShapeError, StateError } from "@cotangent/core";

/** Typed arrays that may hold samples. */
export type PixelArray = Uint8Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/**
 * An image as plain memory: `data[(y * width + x) * channels + c]`, rows from the top, channels interleaved.
 *
 * Channels: 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha (alpha is not premultiplied). Integer samples span their type
 * (0..255 in a `Uint8Array`, 0..65535 in a `Uint16Array`); floating samples have the range that their maker gave them.
 */
export interface Pixels<A extends PixelArray = PixelArray> {
  readonly data: A;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** A height and a width in pixels, in the order of a tensor's axes. */
export type Size = readonly [height: number, width: number];

/** Puts samples and sizes together. `ShapeError` when they do not fit one another. */
export function pixels<A extends PixelArray>(data: A, options: Omit<Pixels, "data">): Pixels<A> {
  const { width, height, channels } = options;
  for (const size of [width, height, channels]) {
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new ShapeError(`an image of [${height}, ${width}, ${channels}] does not exist`, {
        operation: "pixels",
        remedy: "Height, width and channels are whole numbers from 1.",
      });
    }
  }
  if (data.length !== width * height * channels) {
    throw new ShapeError(`${data.length} samples do not fill [${height}, ${width}, ${channels}]`, {
      operation: "pixels",
      shapes: [[height, width, channels]],
      remedy: `That shape takes ${width * height * channels} samples.`,
    });
  }
  return { data, width, height, channels };
}

/** A zeroed typed array of the same kind as `like`. */
export function emptyLike<A extends PixelArray>(like: A, length: number): A {
  const make: new (length: number) => PixelArray = constructorOf(like);
  return new make(length) as A;
}

function constructorOf(array: PixelArray): new (length: number) => PixelArray {
  if (array instanceof Uint8Array) return Uint8Array; // a Buffer too: results are never Buffers
  if (array instanceof Uint16Array) return Uint16Array;
  if (array instanceof Int32Array) return Int32Array;
  if (array instanceof Uint32Array) return Uint32Array;
  if (array instanceof Float32Array) return Float32Array;
  if (array instanceof Float64Array) return Float64Array;
  throw new StateError("samples must lie in a typed array of 8, 16 or 32-bit integers, float32 or float64", {
    operation: "pixels",
    remedy: "Copy them into one: Float32Array.from(samples)",
  });
}

/** True when the last channel is alpha. */
export function hasAlpha(channels: number): boolean {
  return channels === 2 || channels === 4;
}
