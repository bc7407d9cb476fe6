import type { PngHeader } from "./png-chunks.ts";
import type { Refuse } from "./reader.ts";

/** One of the seven passes of an interlaced image: where it starts and how far its pixels are apart. */
interface Pass {
  readonly x0: number;
  readonly y0: number;
  readonly dx: number;
  readonly dy: number;
}

/** Adam7 (PNG specification, 8.1). */
const ADAM7: readonly Pass[] = [
  { x0: 0, y0: 0, dx: 8, dy: 8 },
  { x0: 4, y0: 0, dx: 8, dy: 8 },
  { x0: 0, y0: 4, dx: 4, dy: 8 },
  { x0: 2, y0: 0, dx: 4, dy: 4 },
  { x0: 0, y0: 2, dx: 2, dy: 4 },
  { x0: 1, y0: 0, dx: 2, dy: 2 },
  { x0: 0, y0: 1, dx: 1, dy: 2 },
];
const WHOLE: readonly Pass[] = [{ x0: 0, y0: 0, dx: 1, dy: 1 }];

/** Samples of a pixel as they are stored: one for a palette index. */
export function storedChannels(colorType: number): number {
  return { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colorType] ?? 1;
}

interface Sized {
  readonly pass: Pass;
  readonly width: number;
  readonly height: number;
  readonly rowBytes: number;
}

function passesOf(header: PngHeader): Sized[] {
  const bitsPerPixel = storedChannels(header.colorType) * header.bitDepth;
  return (header.interlaced ? ADAM7 : WHOLE)
    .map((pass) => {
      const width = Math.ceil((header.width - pass.x0) / pass.dx);
      const height = Math.ceil((header.height - pass.y0) / pass.dy);
      return { pass, width, height, rowBytes: Math.ceil((width * bitsPerPixel) / 8) };
    })
    .filter(({ width, height }) => width > 0 && height > 0);
}

/** The number of bytes that the decompressed scanlines of such an image take, filter bytes included. */
export function scanlineBytes(header: PngHeader): number {
  return passesOf(header).reduce((sum, { height, rowBytes }) => sum + height * (1 + rowBytes), 0);
}

/**
 * Undoes the filters, the interlacing and the packing of bits: one array element per stored sample, 16-bit samples in a
 * `Uint16Array`, all others in a `Uint8Array` with the values as stored (0..1 for one bit).
 */
export function unpackScanlines(
  raw: Uint8Array,
  header: PngHeader,
  refuse: Refuse,
): Uint8Array | Uint16Array {
  const channels = storedChannels(header.colorType);
  const count = header.width * header.height * channels;
  const out = header.bitDepth === 16 ? new Uint16Array(count) : new Uint8Array(count);
  const pixelBytes = Math.max(1, (channels * header.bitDepth) >> 3);
  let at = 0;
  for (const { pass, width, height, rowBytes } of passesOf(header)) {
    let above = new Uint8Array(rowBytes);
    for (let y = 0; y < height; y++) {
      const row = raw.subarray(at + 1, at + 1 + rowBytes);
      unfilter(raw[at] as number, row, above, pixelBytes, refuse);
      const first = (pass.y0 + y * pass.dy) * header.width + pass.x0;
      placeRow(row, out, { first, step: pass.dx, width, channels, bitDepth: header.bitDepth });
      above = row as Uint8Array<ArrayBuffer>;
      at += 1 + rowBytes;
    }
  }
  return out;
}

/** PNG specification, section 9: each byte was stored as its difference from a guess made of its neighbours. */
function unfilter(type: number, row: Uint8Array, above: Uint8Array, step: number, refuse: Refuse): void {
  const n = row.length;
  switch (type) {
    case 0:
      return;
    case 1:
      for (let i = step; i < n; i++) row[i] = (row[i] as number) + (row[i - step] as number);
      return;
    case 2:
      for (let i = 0; i < n; i++) row[i] = (row[i] as number) + (above[i] as number);
      return;
    case 3:
      for (let i = 0; i < n; i++) {
        const left = i < step ? 0 : (row[i - step] as number);
        row[i] = (row[i] as number) + ((left + (above[i] as number)) >> 1);
      }
      return;
    case 4:
      for (let i = 0; i < n; i++) {
        const left = i < step ? 0 : (row[i - step] as number);
        const corner = i < step ? 0 : (above[i - step] as number);
        row[i] = (row[i] as number) + paeth(left, above[i] as number, corner);
      }
      return;
    default:
      throw refuse(`a scanline has the unknown filter ${type}`);
  }
}

/** The neighbour nearest to left + above - corner; on a tie left, then above (PNG specification, 9.4). */
export function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

interface Placement {
  readonly first: number;
  readonly step: number;
  readonly width: number;
  readonly channels: number;
  readonly bitDepth: number;
}

function placeRow(row: Uint8Array, out: Uint8Array | Uint16Array, place: Placement): void {
  const { first, step, width, channels, bitDepth } = place;
  if (bitDepth === 8 && step === 1) {
    out.set(row, first * channels);
    return;
  }
  const mask = (1 << Math.min(bitDepth, 8)) - 1;
  for (let x = 0, sample = 0; x < width; x++) {
    const to = (first + x * step) * channels;
    for (let c = 0; c < channels; c++, sample++) {
      if (bitDepth === 16) {
        out[to + c] = ((row[2 * sample] as number) << 8) | (row[2 * sample + 1] as number);
      } else {
        const bit = sample * bitDepth;
        out[to + c] = ((row[bit >> 3] as number) >> (8 - bitDepth - (bit & 7))) & mask;
      }
    }
  }
}
