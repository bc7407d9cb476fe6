import type { FormatError } from "@cotangent/core";
import { exifOrientation, type Orientation, swapsSides } from "./exif.ts";
import { readJpegHeader } from "./jpeg/segments.ts";
import { PNG_MAGIC, readPngHeader, readPngParts } from "./png-chunks.ts";
import { pngChannels } from "./png-decode.ts";
import { asBytes, type Refuse, refusal, startsWith } from "./reader.ts";

/** What a file says of its picture before anything is decoded. */
export interface ImageHeader {
  readonly format: "png" | "jpeg";
  /** Size of the upright picture: orientation is taken into account. */
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha: of the decoded picture (CMYK and palettes become RGB). */
  readonly channels: number;
  /** Bits of a sample in the file: 1, 2, 4, 8 or 16. */
  readonly bitDepth: number;
  /** How the stored rows and columns lie in the picture (EXIF tag 274); 1 is upright. */
  readonly orientation: Orientation;
}

/** A header with what only decoders need. */
export interface StoredHeader extends ImageHeader {
  readonly storedWidth: number;
  readonly storedHeight: number;
  /** A JPEG file of four inks. */
  readonly cmyk: boolean;
}

/** The usual beginnings of files that people try to load, to name them in the error. */
const OTHERS: readonly (readonly [string, readonly number[], number])[] = [
  ["GIF", [0x47, 0x49, 0x46, 0x38], 0],
  ["BMP", [0x42, 0x4d], 0],
  ["WebP", [0x57, 0x45, 0x42, 0x50], 8],
  ["TIFF", [0x49, 0x49, 0x2a, 0x00], 0],
  ["TIFF", [0x4d, 0x4d, 0x00, 0x2a], 0],
  ["AVIF or HEIC", [0x66, 0x74, 0x79, 0x70], 4],
  ["gzip", [0x1f, 0x8b], 0],
  ["ZIP", [0x50, 0x4b, 0x03, 0x04], 0],
  ["PDF", [0x25, 0x50, 0x44, 0x46], 0],
];

/**
 * Reads format, size, channels and orientation of a PNG or JPEG file without decoding it. `FormatError` with the file's name when
 * the file is neither, is damaged before its picture begins, or claims more than `maxPixels` pixels.
 */
export function readImageHeader(
  bytes: Uint8Array,
  { name = "image", maxPixels = DEFAULT_MAX_PIXELS }: { name?: string; maxPixels?: number } = {},
): ImageHeader {
  const operation = "readImageHeader";
  const header = readStoredHeader(asBytes(bytes, operation), maxPixels, refusal(operation, name));
  const { format, width, height, channels, bitDepth, orientation } = header;
  return { format, width, height, channels, bitDepth, orientation };
}

/** 64 megapixels: more than any photograph of a usual camera. */
export const DEFAULT_MAX_PIXELS = 64_000_000;

/** As `readImageHeader`, with what decoders need. */
export function readStoredHeader(bytes: Uint8Array, maxPixels: number, refuse: Refuse): StoredHeader {
  const header = parse(bytes, maxPixels, refuse);
  const { storedWidth, storedHeight, orientation } = header;
  checkSize(storedWidth, storedHeight, maxPixels, refuse);
  const swap = swapsSides(orientation);
  return { ...header, width: swap ? storedHeight : storedWidth, height: swap ? storedWidth : storedHeight };
}

function parse(bytes: Uint8Array, maxPixels: number, refuse: Refuse): Omit<StoredHeader, "width" | "height"> {
  if (bytes.length === 0) throw refuse("the file is empty");
  if (startsWith(bytes, PNG_MAGIC)) {
    const { width, height } = readPngHeader(bytes, refuse);
    checkSize(width, height, maxPixels, refuse);
    const { header, transparency, exif } = readPngParts(bytes, refuse);
    return {
      format: "png",
      storedWidth: width,
      storedHeight: height,
      channels: pngChannels(header.colorType, transparency !== undefined),
      bitDepth: header.bitDepth,
      orientation: exif === undefined ? 1 : exifOrientation(exif),
      cmyk: false,
    };
  }
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) {
    const { frame, orientation } = readJpegHeader(bytes, refuse);
    return {
      format: "jpeg",
      storedWidth: frame.width,
      storedHeight: frame.height,
      channels: frame.components.length === 1 ? 1 : 3,
      bitDepth: 8,
      orientation,
      cmyk: frame.components.length === 4,
    };
  }
  throw unknownFormat(bytes, refuse);
}

function checkSize(width: number, height: number, maxPixels: number, refuse: Refuse): void {
  if (width * height <= maxPixels) return;
  throw refuse(`its header claims ${width} x ${height} pixels, more than the limit of ${maxPixels}`, {
    remedy: "Raise the limit with { maxPixels } if the file can be trusted.",
  });
}

function unknownFormat(bytes: Uint8Array, refuse: Refuse): FormatError {
  const other = OTHERS.find(([, magic, offset]) => startsWith(bytes, magic, offset))?.[0];
  if (other !== undefined) return refuse(`this is a ${other} file`, { remedy: "Convert it to PNG or JPEG." });
  const first = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return refuse(`it is neither PNG nor JPEG (it begins with ${first})`);
}
