import type { Pixels } from "../pixels/pixels.ts";
import { inflateExactly } from "./inflate.ts";
import { type PngParts, readPngParts } from "./png-chunks.ts";
import { scanlineBytes, storedChannels, unpackScanlines } from "./png-scanlines.ts";
import type { Refuse } from "./reader.ts";

/** Deflate makes at most 1032 bytes of one (zlib's technical notes, "maximum compression factor"). */
const DEFLATE_LIMIT = 1032;

/**
 * Decodes a PNG file: every colour type and depth, interlaced ones too. Grey of fewer than 8 bits is stretched to 0..255, a
 * palette becomes RGB, and a tRNS chunk an alpha channel. 16-bit files give a `Uint16Array`.
 *
 * Strict where the file could be damaged: checksums, lengths, order of chunks, bytes after the end.
 */
export function decodePng(bytes: Uint8Array, refuse: Refuse): Pixels<Uint8Array | Uint16Array> {
  const parts = readPngParts(bytes, refuse);
  const { header } = parts;
  const expected = scanlineBytes(header);
  const stored = parts.data.reduce((sum, piece) => sum + piece.length, 0);
  if (expected > stored * DEFLATE_LIMIT) {
    throw refuse(
      `${stored} bytes of data cannot hold the ${header.width} x ${header.height} pixels of its header`,
    );
  }
  const samples = unpackScanlines(inflateExactly(parts.data, expected, refuse), header, refuse);
  const { width, height } = header;
  const channels = pngChannels(header.colorType, parts.transparency !== undefined);
  return { data: toChannels(samples, parts, channels, refuse), width, height, channels };
}

/** Channels after decoding: 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha. */
export function pngChannels(colorType: number, transparency: boolean): number {
  const opaque = colorType === 3 ? 3 : storedChannels(colorType);
  return transparency ? opaque + 1 : opaque;
}

function toChannels(samples: Uint8Array | Uint16Array, parts: PngParts, channels: number, refuse: Refuse) {
  const { colorType, bitDepth } = parts.header;
  if (colorType === 3) return fromPalette(samples, parts, channels, refuse);
  const withAlpha =
    parts.transparency === undefined
      ? samples
      : addKeyedAlpha(samples, parts.transparency, bitDepth, channels);
  if (bitDepth < 8) stretch(withAlpha, 255 / ((1 << bitDepth) - 1));
  return withAlpha;
}

function fromPalette(
  indices: ArrayLike<number>,
  parts: PngParts,
  channels: number,
  refuse: Refuse,
): Uint8Array {
  const palette = parts.palette as Uint8Array;
  const alpha = parts.transparency;
  const colours = palette.length / 3;
  const out = new Uint8Array(indices.length * channels);
  for (let i = 0, to = 0; i < indices.length; i++, to += channels) {
    const index = indices[i] as number;
    if (index >= colours) throw refuse(`a pixel has colour ${index} of a palette of ${colours}`);
    for (let c = 0; c < 3; c++) out[to + c] = palette[3 * index + c] as number;
    if (alpha !== undefined) out[to + 3] = alpha[index] ?? 255;
  }
  return out;
}

/** The one colour that tRNS names is transparent, all others opaque (PNG specification, 11.3.1.1). */
function addKeyedAlpha(
  samples: Uint8Array | Uint16Array,
  key: Uint8Array,
  bitDepth: number,
  channels: number,
) {
  const colours = channels - 1;
  const count = samples.length / colours;
  const out = bitDepth === 16 ? new Uint16Array(count * channels) : new Uint8Array(count * channels);
  const opaque = bitDepth === 16 ? 65535 : (1 << bitDepth) - 1; // stretched to 255 afterwards
  const mask = (1 << bitDepth) - 1;
  const wanted = Array.from(
    { length: colours },
    (_, c) => (((key[2 * c] as number) << 8) | (key[2 * c + 1] as number)) & mask,
  );
  for (let i = 0; i < count; i++) {
    let same = true;
    for (let c = 0; c < colours; c++) {
      const value = samples[i * colours + c] as number;
      out[i * channels + c] = value;
      same &&= value === wanted[c];
    }
    out[i * channels + colours] = same ? 0 : opaque;
  }
  return out;
}

function stretch(samples: Uint8Array | Uint16Array, factor: number): void {
  for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) * factor;
}
