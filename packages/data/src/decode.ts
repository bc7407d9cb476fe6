import { StateError } from "@cotangent/core";
import { applyOrientation } from "./codec/exif.ts";
import { DEFAULT_MAX_PIXELS, readStoredHeader, type StoredHeader } from "./codec/header.ts";
import { decodeJpeg } from "./codec/jpeg/decode.ts";
import { decodePng } from "./codec/png-decode.ts";
import { asBytes, type Refuse, refusal } from "./codec/reader.ts";
import { decodeWithSharp, loadSharp } from "./codec/sharp.ts";
import type { Pixels } from "./pixels/pixels.ts";

/** Options of everything that decodes PNG and JPEG. */
export interface DecodePixelsOptions {
  /** The name that errors call the file by. */
  readonly name?: string;
  /** Refuse files whose header claims more pixels; 64,000,000 unless given. */
  readonly maxPixels?: number;
  /** Turn the picture upright as its EXIF data say; true unless given. */
  readonly orient?: boolean;
  /**
   * `"auto"`: sharp where it is installed, else the portable decoders (plain JavaScript, the only ones in browsers). Both give the
   * same pixels for PNG and pixels within 3 grey levels for JPEG.
   */
  readonly decoder?: "auto" | "sharp" | "portable";
  /** The operation that errors name. */
  readonly operation?: string;
}

/** Eight or sixteen bits a sample, as the file has it. */
export type DecodedPixels = Pixels<Uint8Array | Uint16Array>;

/**
 * Decodes a PNG or JPEG file to pixels with the channels of the file (palettes and CMYK become RGB).
 *
 * `FormatError` with the file's name for anything that is not a whole, undamaged PNG or JPEG file of at most `maxPixels` pixels.
 */
export async function decodePixels(
  bytes: Uint8Array,
  options: DecodePixelsOptions = {},
): Promise<DecodedPixels> {
  const { decoder = "auto", operation = "decodePixels" } = options;
  if (!["auto", "sharp", "portable"].includes(decoder)) {
    throw new StateError(`${operation}: there is no decoder ${JSON.stringify(decoder)}`, {
      operation,
      remedy: 'Choose "auto", "sharp" or "portable".',
    });
  }
  const opened = open(bytes, operation, options);
  const sharp = decoder === "portable" ? undefined : await loadSharp();
  if (decoder === "sharp" && sharp === undefined) {
    throw new StateError(`${operation}: sharp is not installed or does not run here`, {
      operation,
      remedy: 'Install it (npm install sharp), or choose { decoder: "portable" }.',
    });
  }
  const { header, refuse } = opened;
  const stored = sharp
    ? await decodeWithSharp(opened.bytes, { sharp, header, refuse })
    : decodePortably(opened);
  return upright(stored, header, options);
}

/** As `decodePixels`, at once and always with the portable decoders. */
export function decodePixelsSync(
  bytes: Uint8Array,
  options: Omit<DecodePixelsOptions, "decoder"> = {},
): DecodedPixels {
  const opened = open(bytes, options.operation ?? "decodePixelsSync", options);
  return upright(decodePortably(opened), opened.header, options);
}

interface Opened {
  readonly bytes: Uint8Array;
  readonly header: StoredHeader;
  readonly refuse: Refuse;
}

function open(input: Uint8Array, operation: string, options: DecodePixelsOptions): Opened {
  const { name = "image", maxPixels = DEFAULT_MAX_PIXELS } = options;
  const bytes = asBytes(input, operation);
  if (!(maxPixels > 0)) {
    throw new StateError(`${operation}: maxPixels is ${maxPixels}`, {
      operation,
      remedy: "Pass a positive number of pixels.",
    });
  }
  const refuse = refusal(operation, name);
  return { bytes, header: readStoredHeader(bytes, maxPixels, refuse), refuse };
}

function decodePortably({ bytes, header, refuse }: Opened): DecodedPixels {
  return header.format === "png" ? decodePng(bytes, refuse) : decodeJpeg(bytes, refuse);
}

function upright(
  image: DecodedPixels,
  header: StoredHeader,
  { orient = true }: DecodePixelsOptions,
): DecodedPixels {
  return orient ? applyOrientation(image, header.orientation) : image;
}
