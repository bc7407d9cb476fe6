import { DTypeError, ShapeError, StateError, type Tensor, tensor } from "@cotangent/core";
import { checkChoice, show } from "./checks.ts";
import { readIdx } from "./codec/idx.ts";
import { writePng } from "./codec/png-encode.ts";
import { asBytes, refusal } from "./codec/reader.ts";
import { type DecodedPixels, type DecodePixelsOptions, decodePixels, decodePixelsSync } from "./decode.ts";
import { greyscale, LUMA, rgb } from "./pixels/colour.ts";
import type { Pixels } from "./pixels/pixels.ts";
import { type ImageStack, stackOfOne, toByteRange } from "./pixels/stack.ts";
import { type AlphaOptions, alphaOf } from "./transforms/colour.ts";
import { closeImages, openImages } from "./transforms/tensors.ts";

/** The channels of a loaded image: as in the file, one of grey, or three of red, green and blue. */
export type ColorMode = "file" | "grayscale" | "rgb";

/** Options of what makes image tensors of files. */
export interface DecodeOptions extends DecodePixelsOptions, Pick<AlphaOptions, "background"> {
  /**
   * `"file"` (unless given) keeps the channels: 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha; `"grayscale"` makes 1 (luma by BT.601),
   * `"rgb"` 3. With these two alpha is dropped, or composited on `background` (0..255).
   */
  readonly color?: ColorMode;
}

/**
 * An image tensor [height, width, channels] of a PNG or JPEG file's bytes: float32, 0..255, upright. Divide by 255 with
 * `normalize(image, { std: 255 })`. 16-bit files are divided by 257, so that they keep their precision in the same range.
 *
 * `FormatError` naming `name` for files that are damaged, cut short, of another format, or larger than `maxPixels`.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Tensor> {
  const operation = options.operation ?? "decodeImage";
  checkColorMode(options, operation);
  return toTensor(await decodePixels(bytes, { ...options, operation }), options, operation);
}

/** As `decodeImage`, at once and always with the portable decoders. */
export function decodeImageSync(bytes: Uint8Array, options: Omit<DecodeOptions, "decoder"> = {}): Tensor {
  const operation = options.operation ?? "decodeImageSync";
  checkColorMode(options, operation);
  return toTensor(decodePixelsSync(bytes, { ...options, operation }), options, operation);
}

function toTensor(image: DecodedPixels, options: DecodeOptions, operation: string): Tensor {
  return closeImages(inColour(image, options, operation), false);
}

/** Decoded pixels as 0..255 with the wanted channels. */
export function inColour(
  image: DecodedPixels,
  options: Pick<DecodeOptions, "color" | "background">,
  operation: string,
): ImageStack {
  const stack = toByteRange(stackOfOne(image));
  if (options.color === "grayscale") return greyscale(stack, LUMA.rec601, alphaOf(options, operation));
  return options.color === "rgb" ? rgb(stack, alphaOf(options, operation)) : stack;
}

function checkColorMode(options: DecodeOptions, operation: string): void {
  checkChoice(options.color ?? "file", ["file", "grayscale", "rgb"], { operation, what: "color" });
}

/** Options of IDX files. */
export interface IdxOptions {
  /** The name that errors call the file by. */
  readonly name?: string;
  /** Integers become int32, floats float32 and doubles float64 unless another dtype is asked for. */
  readonly dtype?: "int32" | "uint32" | "float32" | "float64";
  /** Refuse files whose header claims more bytes; 2^31 unless given. */
  readonly maxBytes?: number;
  /** The operation that errors name. */
  readonly operation?: string;
}

/**
 * A tensor of an IDX file's bytes (the format of MNIST), plain or gzip-compressed, of any of its six types. The shape is the
 * file's. `FormatError` naming `name` when header and length do not match, for anything damaged, and for empty shapes.
 */
export function decodeIdx(bytes: Uint8Array, options: IdxOptions = {}): Tensor {
  const { name = "IDX data", maxBytes = 2 ** 31, operation = "decodeIdx" } = options;
  const { type, shape, data } = readIdx(asBytes(bytes, operation), {
    maxBytes,
    refuse: refusal(operation, name),
  });
  const dtype = options.dtype ?? (type === "float32" || type === "float64" ? type : "int32");
  if (!["int32", "uint32", "float32", "float64"].includes(dtype)) {
    throw new DTypeError(`${operation}: IDX elements cannot be read as ${show(dtype)}`, {
      operation,
      remedy: "Choose int32, uint32, float32 or float64.",
    });
  }
  const make = { int32: Int32Array, uint32: Uint32Array, float32: Float32Array, float64: Float64Array }[
    dtype
  ];
  return tensor(data instanceof make ? data : make.from(data), { shape, dtype, copy: false });
}

/** Options of `encodePng`. */
export interface EncodePngOptions {
  /** Bits of a sample: 8 unless given. With 16, 255 becomes 65535. */
  readonly bitDepth?: 8 | 16;
  /** The value of full intensity: 255 unless given; 1 for images that were divided by 255. */
  readonly scale?: number;
  /** Compression from 0 (none) to 9 (smallest); 6 unless given. */
  readonly level?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
}

/**
 * The bytes of a PNG file of an image [height, width, channels] of 1 to 4 channels. Values are rounded, and cut off at 0 and at
 * `scale`; NaN becomes 0. Evaluates the tensor.
 */
export function encodePng(
  image: Tensor,
  { bitDepth = 8, scale = 255, level = 6 }: EncodePngOptions = {},
): Uint8Array {
  const operation = "encodePng";
  const { stack } = openImages(image, operation);
  if (image.shape.length !== 3 || stack.channels > 4) {
    throw new ShapeError(`${operation}: [${image.shape.join(", ")}] is not one image of 1 to 4 channels`, {
      operation,
      shapes: [image.shape],
      remedy: "Take one image out of a batch, with the channels on the last axis.",
    });
  }
  if (!(scale > 0) || (bitDepth !== 8 && bitDepth !== 16)) {
    throw new StateError(
      `${operation}: scale ${show(scale)} and bitDepth ${show(bitDepth)} are not possible`,
      {
        operation,
        remedy: "The scale is a positive number, the depth 8 or 16.",
      },
    );
  }
  return writePng(quantise(stack, bitDepth, scale), { level });
}

function quantise(
  { data, width, height, channels }: ImageStack,
  bitDepth: 8 | 16,
  scale: number,
): Pixels<Uint8Array | Uint16Array> {
  const top = bitDepth === 16 ? 65535 : 255;
  const out = bitDepth === 16 ? new Uint16Array(data.length) : new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    out[i] = Math.min(top, Math.max(0, Math.round(((data[i] as number) * top) / scale)));
  }
  return { data: out, width, height, channels };
}
