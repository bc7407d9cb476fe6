import { zlibSync } from "fflate";
import type { Pixels } from "../pixels/pixels.ts";
import { crc32 } from "./crc32.ts";
import { PNG_MAGIC } from "./png-chunks.ts";
import { paeth } from "./png-scanlines.ts";
import { ascii, viewOf } from "./reader.ts";

const COLOUR_TYPES = [0, 4, 2, 6] as const; // of 1, 2, 3 and 4 channels

/** Writes 8-bit or 16-bit pixels of 1 to 4 channels as a PNG file, not interlaced. `level`: 0 (fast) to 9 (small). */
export function writePng(
  image: Pixels<Uint8Array | Uint16Array>,
  { level }: { level: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 },
): Uint8Array {
  const { data, width, height, channels } = image;
  const bitDepth = data instanceof Uint16Array ? 16 : 8;
  const header = new Uint8Array(13);
  viewOf(header).setUint32(0, width);
  viewOf(header).setUint32(4, height);
  header[8] = bitDepth;
  header[9] = COLOUR_TYPES[channels - 1] as number;
  const bytes = data instanceof Uint16Array ? bigEndian(data) : data;
  const pixelBytes = (channels * bitDepth) / 8;
  const compressed = zlibSync(filterRows(bytes, width * pixelBytes, height, pixelBytes), { level });
  const parts = [
    Uint8Array.from(PNG_MAGIC),
    chunk("IHDR", header),
    chunk("IDAT", compressed),
    chunk("IEND", new Uint8Array(0)),
  ];
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function bigEndian(samples: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  samples.forEach((sample, i) => {
    bytes[2 * i] = sample >> 8;
    bytes[2 * i + 1] = sample & 255;
  });
  return bytes;
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length);
  const view = viewOf(bytes);
  view.setUint32(0, body.length);
  bytes.set(ascii(type), 4);
  bytes.set(body, 8);
  view.setUint32(8 + body.length, crc32(bytes.subarray(4, 8 + body.length)));
  return bytes;
}

/** The guess for byte i of a row, by filter: none, left, above, their mean, Paeth's (PNG specification, section 9). */
const GUESSES: readonly ((left: number, above: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

/** Filters every row by whichever filter leaves the smallest sum of absolute differences (the specification's advice, 12.7). */
function filterRows(bytes: Uint8Array, rowBytes: number, height: number, step: number): Uint8Array {
  const out = new Uint8Array(height * (1 + rowBytes));
  const trial = new Uint8Array(rowBytes);
  for (let y = 0; y < height; y++) {
    const target = out.subarray(y * (1 + rowBytes), (y + 1) * (1 + rowBytes));
    let best = Number.POSITIVE_INFINITY;
    GUESSES.forEach((guess, filter) => {
      let sum = 0;
      for (let i = 0, at = y * rowBytes; i < rowBytes; i++, at++) {
        const left = i < step ? 0 : (bytes[at - step] as number);
        const above = y === 0 ? 0 : (bytes[at - rowBytes] as number);
        const corner = i < step || y === 0 ? 0 : (bytes[at - rowBytes - step] as number);
        const difference = ((bytes[at] as number) - guess(left, above, corner)) & 255;
        trial[i] = difference;
        sum += difference < 128 ? difference : 256 - difference;
      }
      if (sum >= best) return;
      best = sum;
      target[0] = filter;
      target.set(trial, 1);
    });
  }
  return out;
}
