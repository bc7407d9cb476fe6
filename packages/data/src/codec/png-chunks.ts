import { crc32 } from "./crc32.ts";
import { ascii, type Refuse, startsWith, viewOf } from "./reader.ts";

/** The eight bytes that every PNG file begins with. */
export const PNG_MAGIC = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/** What the IHDR chunk says. `colorType`: 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGB + alpha. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  readonly colorType: number;
  readonly interlaced: boolean;
}

/** The parts of a PNG file that make its picture. */
export interface PngParts {
  readonly header: PngHeader;
  readonly palette: Uint8Array | undefined;
  readonly transparency: Uint8Array | undefined;
  readonly exif: Uint8Array | undefined;
  readonly data: readonly Uint8Array[];
}

/** PNG specification (W3C, third edition), table 11.1: the depths that each colour type may have. */
const DEPTHS: ReadonlyMap<number, readonly number[]> = new Map([
  [0, [1, 2, 4, 8, 16]],
  [2, [8, 16]],
  [3, [1, 2, 4, 8]],
  [4, [8, 16]],
  [6, [8, 16]],
]);

/** Reads the header alone: it is always the first chunk, 13 bytes long. */
export function readPngHeader(bytes: Uint8Array, refuse: Refuse): PngHeader {
  if (bytes.length < 33) throw refuse("it is cut short: a PNG file has at least its signature and a header");
  const view = viewOf(bytes);
  if (view.getUint32(8) !== 13 || !startsWith(bytes, ascii("IHDR"), 12))
    throw refuse("its first chunk is not a PNG header");
  if (view.getUint32(29) !== crc32(bytes.subarray(12, 29)))
    throw refuse("the checksum of its header does not match");
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [bitDepth, colorType, compression, filter, interlace] = bytes.subarray(
    24,
    29,
  ) as unknown as number[] as [number, number, number, number, number];
  if (width === 0 || height === 0) throw refuse(`its header claims a size of ${width} x ${height}`);
  if (!DEPTHS.get(colorType)?.includes(bitDepth)) {
    throw refuse(`colour type ${colorType} with ${bitDepth} bits does not exist in PNG`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw refuse(`unknown compression ${compression}, filter ${filter} or interlace ${interlace} method`);
  }
  return { width, height, bitDepth, colorType, interlaced: interlace === 1 };
}

/** Walks all chunks, checks their lengths, order and checksums, and collects those that matter. */
export function readPngParts(bytes: Uint8Array, refuse: Refuse): PngParts {
  const header = readPngHeader(bytes, refuse);
  const view = viewOf(bytes);
  const found = new Map<string, Uint8Array>();
  const data: Uint8Array[] = [];
  let dataEnded = false;
  let at = 33;
  for (let type = ""; type !== "IEND"; ) {
    if (at + 12 > bytes.length) throw refuse("it is cut short: there is no IEND chunk");
    const length = view.getUint32(at);
    type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (length > bytes.length - at - 12)
      throw refuse(`the chunk ${quote(type)} claims ${length} bytes, more than are left`);
    const body = bytes.subarray(at + 8, at + 8 + length);
    const critical = ((bytes[at + 4] as number) & 32) === 0;
    if (
      (critical || USED.has(type)) &&
      view.getUint32(at + 8 + length) !== crc32(bytes.subarray(at + 4, at + 8 + length))
    ) {
      throw refuse(`the checksum of the chunk ${quote(type)} does not match`);
    }
    if (critical && !CRITICAL.has(type)) throw refuse(`unknown critical chunk ${quote(type)}`);
    if (type === "IDAT") {
      if (dataEnded) throw refuse("its IDAT chunks are not consecutive");
      data.push(body);
    } else {
      dataEnded = data.length > 0;
      if (USED.has(type) && found.has(type)) throw refuse(`it has more than one chunk ${quote(type)}`);
      if (type !== "eXIf" && USED.has(type) && dataEnded)
        throw refuse(`the chunk ${quote(type)} comes after the image`);
      found.set(type, body);
    }
    at += 12 + length;
  }
  if (at !== bytes.length) throw refuse(`${bytes.length - at} bytes follow after its end`);
  if (data.length === 0) throw refuse("it has no IDAT chunk");
  const parts = {
    header,
    palette: found.get("PLTE"),
    transparency: found.get("tRNS"),
    exif: found.get("eXIf"),
    data,
  };
  checkColours(parts, refuse);
  return parts;
}

const CRITICAL: ReadonlySet<string> = new Set(["PLTE", "IDAT", "IEND"]);
const USED: ReadonlySet<string> = new Set(["PLTE", "tRNS", "eXIf"]);

function checkColours({ header, palette, transparency }: PngParts, refuse: Refuse): void {
  if (palette !== undefined && (palette.length % 3 !== 0 || palette.length === 0 || palette.length > 768)) {
    throw refuse(`its palette has ${palette.length} bytes, which is not 3 for each of 1 to 256 colours`);
  }
  if (header.colorType === 3 && palette === undefined) throw refuse("it has no palette");
  if (transparency === undefined) return;
  const fits = {
    0: transparency.length === 2,
    2: transparency.length === 6,
    3: transparency.length <= (palette?.length ?? 0) / 3,
  }[header.colorType];
  if (!fits)
    throw refuse(`a tRNS chunk of ${transparency.length} bytes does not fit colour type ${header.colorType}`);
}

function quote(type: string): string {
  return JSON.stringify(type);
}
