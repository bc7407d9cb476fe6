import { exifOrientation, type Orientation } from "../exif.ts";
import { ascii, type Refuse, startsWith, viewOf } from "../reader.ts";

/** One colour plane as the frame header declares it. */
export interface FrameComponent {
  readonly id: number;
  /** Horizontal and vertical sampling factors, 1 to 4: shares of the largest factor in the frame. */
  readonly h: number;
  readonly v: number;
  readonly quantTable: number;
}

/** What the start-of-frame marker says. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
  readonly components: readonly FrameComponent[];
}

/** What a file says about its colours outside the frame. */
export interface ColourHints {
  readonly jfif: boolean;
  /** Transform code of Adobe's APP14 marker: 0 none, 1 YCbCr, 2 YCCK; undefined without the marker. */
  readonly adobe: number | undefined;
}

/** A marker with its body; `end` is where the next one, or entropy-coded data, begins. */
export interface Segment {
  readonly marker: number;
  readonly body: Uint8Array;
  readonly end: number;
}

export const SOI = 0xd8;
export const EOI = 0xd9;
export const SOS = 0xda;
export const DHT = 0xc4;
export const DQT = 0xdb;
export const DRI = 0xdd;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP14 = 0xee;

/** What is refused, by name (ITU-T T.81, table B.1). */
const UNSUPPORTED: Readonly<Record<number, string>> = {
  195: "lossless",
  197: "hierarchical",
  198: "hierarchical",
  199: "hierarchical",
  201: "arithmetically coded",
  202: "arithmetically coded",
  203: "arithmetically coded",
  205: "arithmetically coded",
  206: "arithmetically coded",
  207: "arithmetically coded",
};

/** True for the markers that start a frame: baseline, extended, progressive and the unsupported kinds. */
export function isFrameMarker(marker: number): boolean {
  return (marker >= 0xc0 && marker <= 0xc2) || marker in UNSUPPORTED;
}

/** Finds the next marker at or after `at` and its body. Bytes between segments are skipped, as all decoders do. */
export function readSegment(bytes: Uint8Array, at: number, refuse: Refuse): Segment {
  let position = at;
  for (;;) {
    position = bytes.indexOf(0xff, position);
    if (position < 0 || position + 1 >= bytes.length)
      throw refuse("it is cut short: there is no end-of-image marker");
    const marker = bytes[position + 1] as number;
    if (marker === 0xff) position += 1;
    else if (marker === 0) position += 2;
    else return segmentAt(bytes, position, marker, refuse);
  }
}

function segmentAt(bytes: Uint8Array, at: number, marker: number, refuse: Refuse): Segment {
  const bare = marker === 0x01 || (marker >= 0xd0 && marker <= EOI);
  if (bare) return { marker, body: bytes.subarray(0, 0), end: at + 2 };
  if (at + 4 > bytes.length) throw refuse("it is cut short inside a marker");
  const length = viewOf(bytes).getUint16(at + 2);
  if (length < 2 || at + 2 + length > bytes.length) {
    throw refuse(
      `it is cut short or damaged: marker ${hex(marker)} claims ${length} bytes, and ${bytes.length - at - 2} are left`,
    );
  }
  return { marker, body: bytes.subarray(at + 4, at + 2 + length), end: at + 2 + length };
}

/** Reads a start-of-frame segment and checks all that later code relies on. */
export function readFrame({ marker, body }: Segment, refuse: Refuse): Frame {
  const kind = UNSUPPORTED[marker];
  if (kind !== undefined)
    throw refuse(`${kind} JPEG is not supported`, { remedy: "Save it as baseline or progressive JPEG." });
  if (body.length < 6) throw refuse("its frame header is cut short");
  const view = viewOf(body);
  const [precision, height, width, count] = [body[0], view.getUint16(1), view.getUint16(3), body[5]];
  if (precision !== 8) throw refuse(`samples of ${precision} bits are not supported; JPEG images have 8`);
  if (width === 0 || height === 0) throw refuse(`its header claims a size of ${width} x ${height}`);
  if (count !== 1 && count !== 3 && count !== 4)
    throw refuse(`${count} colour components are not supported: 1, 3 or 4 are`);
  if (body.length !== 6 + 3 * count) throw refuse("its frame header has the wrong length");
  const components = Array.from({ length: count }, (_, i) =>
    readComponent(body.subarray(6 + 3 * i, 9 + 3 * i), refuse),
  );
  if (new Set(components.map(({ id }) => id)).size !== count)
    throw refuse("two colour components have the same number");
  return { width, height, progressive: marker === 0xc2, components };
}

function readComponent(bytes: Uint8Array, refuse: Refuse): FrameComponent {
  const [id, sampling, quantTable] = [bytes[0] as number, bytes[1] as number, bytes[2] as number];
  const [h, v] = [sampling >> 4, sampling & 15];
  if (h < 1 || h > 4 || v < 1 || v > 4) throw refuse(`sampling factors of ${h} x ${v} do not exist`);
  if (quantTable > 3) throw refuse(`quantisation table ${quantTable} does not exist`);
  return { id, h, v, quantTable };
}

/** Adds what an application segment says about colours. */
export function readColourHints({ marker, body }: Segment, known: ColourHints): ColourHints {
  if (marker === APP0 && startsWith(body, ascii("JFIF\0"))) return { ...known, jfif: true };
  if (marker === APP14 && body.length >= 12 && startsWith(body, ascii("Adobe")))
    return { ...known, adobe: body[11] };
  return known;
}

/** The EXIF orientation, if this is the segment that has one. */
export function readOrientation({ marker, body }: Segment): Orientation | undefined {
  return marker === APP1 && startsWith(body, ascii("Exif\0\0"))
    ? exifOrientation(body.subarray(6))
    : undefined;
}

/** The header of a JPEG file: everything before its first scan. */
export interface JpegHeader {
  readonly frame: Frame;
  readonly hints: ColourHints;
  readonly orientation: Orientation;
}

/** Reads on to the first scan. */
export function readJpegHeader(bytes: Uint8Array, refuse: Refuse): JpegHeader {
  let frame: Frame | undefined;
  let hints: ColourHints = { jfif: false, adobe: undefined };
  let orientation: Orientation | undefined;
  for (let at = 2; ; ) {
    const segment = readSegment(bytes, at, refuse);
    if (isFrameMarker(segment.marker)) {
      if (frame !== undefined) throw refuse("it has two frames");
      frame = readFrame(segment, refuse);
    }
    hints = readColourHints(segment, hints);
    orientation ??= readOrientation(segment);
    if (segment.marker === SOS && frame !== undefined) return { frame, hints, orientation: orientation ?? 1 };
    if (segment.marker === SOS || segment.marker === EOI)
      throw refuse("it has no frame header before its data");
    at = segment.end;
  }
}

function hex(marker: number): string {
  return `0xFF${marker.toString(16).toUpperCase().padStart(2, "0")}`;
}
