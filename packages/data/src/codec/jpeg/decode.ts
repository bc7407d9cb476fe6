import type { Pixels } from "../../pixels/pixels.ts";
import { type Refuse, viewOf } from "../reader.ts";
import { type HuffmanTable, huffmanTable } from "./bits.ts";
import { colourModel, weave } from "./colour.ts";
import { inverseDct } from "./idct.ts";
import { decodeScan, type Plane, type Scan, ZIGZAG } from "./scan.ts";
import {
  DHT,
  DQT,
  DRI,
  EOI,
  type Frame,
  isFrameMarker,
  readJpegHeader,
  readSegment,
  type Segment,
  SOS,
} from "./segments.ts";
import { type SamplePlane, upsample } from "./upsample.ts";

/** Progressive files have ten scans or so; far more is an attempt to keep the decoder busy. */
const MAX_SCANS = 100;

/** Tables that stay in force until they are defined anew. */
interface Tables {
  readonly quant: (Uint16Array | undefined)[];
  readonly dc: (HuffmanTable | undefined)[];
  readonly ac: (HuffmanTable | undefined)[];
  restartInterval: number;
}

/** A plane with the quantisation table that was in force at its first scan. */
type QuantisedPlane = Plane & { quant?: Uint16Array };

/**
 * Decodes a JPEG file: baseline, extended and progressive Huffman-coded ones of 8 bits, grey, YCbCr, RGB, CMYK and YCCK, any
 * sampling factors, restart markers. Orientation is not applied here.
 *
 * Written for this package because the portable decoders on npm do not fit: the pure ones repeat chroma samples (up to 47 grey
 * levels from libjpeg at coloured edges), the WebAssembly one refuses CMYK. This one agrees with libjpeg within 3 levels.
 */
export function decodeJpeg(bytes: Uint8Array, refuse: Refuse): Pixels<Uint8Array> {
  const { frame, hints } = readJpegHeader(bytes, refuse);
  const planes = allocatePlanes(bytes, frame, refuse);
  decodeScans(bytes, frame, planes, refuse);
  const samples = planes.map((plane) => toSamples(plane, frame, refuse));
  const { width, height } = frame;
  const model = colourModel(frame, hints);
  const data = weave(samples, { model, width, height });
  return { data, width, height, channels: model === "grey" ? 1 : 3 };
}

function largest(frame: Frame): { h: number; v: number } {
  return {
    h: Math.max(...frame.components.map(({ h }) => h)),
    v: Math.max(...frame.components.map(({ v }) => v)),
  };
}

function allocatePlanes(bytes: Uint8Array, frame: Frame, refuse: Refuse): QuantisedPlane[] {
  const max = largest(frame);
  const unitsWide = Math.ceil(frame.width / (8 * max.h));
  const unitsHigh = Math.ceil(frame.height / (8 * max.v));
  const sizes = frame.components.map((component) => ({
    ...component,
    blocksWide: Math.ceil(Math.ceil((frame.width * component.h) / max.h) / 8),
    blocksHigh: Math.ceil(Math.ceil((frame.height * component.v) / max.v) / 8),
    blockStride: unitsWide * component.h,
    rows: unitsHigh * component.v,
  }));
  // Every block takes at least one bit, so a size that the file cannot fill is known before memory is taken.
  const least = sizes.reduce((sum, { blocksWide, blocksHigh }) => sum + blocksWide * blocksHigh, 0) / 8;
  if (bytes.length < least) {
    throw refuse(
      `${bytes.length} bytes cannot hold the ${frame.width} x ${frame.height} pixels of its header`,
    );
  }
  return sizes.map(({ rows, ...size }) => ({
    ...size,
    coefficients: new Int16Array(size.blockStride * rows * 64),
  }));
}

function decodeScans(bytes: Uint8Array, frame: Frame, planes: QuantisedPlane[], refuse: Refuse): void {
  const tables: Tables = { quant: [], dc: [], ac: [], restartInterval: 0 };
  let scans = 0;
  for (let at = 2; ; ) {
    const segment = readSegment(bytes, at, refuse);
    at = segment.end;
    if (segment.marker === EOI) break;
    if (segment.marker === DQT) readQuantTables(segment, tables, refuse);
    else if (segment.marker === DHT) readHuffmanTables(segment, tables, refuse);
    else if (segment.marker === DRI) {
      if (segment.body.length !== 2) throw refuse("its restart interval has the wrong length");
      tables.restartInterval = viewOf(segment.body).getUint16(0);
    } else if (segment.marker === SOS) {
      if (++scans > MAX_SCANS) throw refuse(`it has more than ${MAX_SCANS} scans`);
      at = decodeScan(bytes, at, readScan(segment, frame, planes, tables, refuse), refuse);
    } else if (scans > 0 && isFrameMarker(segment.marker)) throw refuse("it has two frames");
  }
  for (const { quant, id } of planes)
    if (quant === undefined) throw refuse(`there are no data for colour component ${id}`);
}

function readQuantTables({ body }: Segment, tables: Tables, refuse: Refuse): void {
  for (let at = 0; at < body.length; ) {
    const head = body[at++] as number;
    const [wide, index] = [head >> 4, head & 15];
    const size = wide ? 128 : 64;
    if (wide > 1 || index > 3 || at + size > body.length) throw refuse("a quantisation table is damaged");
    const view = viewOf(body.subarray(at, at + size));
    const table = new Uint16Array(64);
    for (let k = 0; k < 64; k++) table[ZIGZAG[k] as number] = wide ? view.getUint16(2 * k) : view.getUint8(k);
    tables.quant[index] = table;
    at += size;
  }
}

function readHuffmanTables({ body }: Segment, tables: Tables, refuse: Refuse): void {
  for (let at = 0; at < body.length; ) {
    const head = body[at] as number;
    const counts = body.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (
      head >> 4 > 1 ||
      (head & 15) > 3 ||
      counts.length < 16 ||
      total > 256 ||
      at + 17 + total > body.length
    ) {
      throw refuse("a Huffman table is damaged");
    }
    const table = huffmanTable(counts, body.subarray(at + 17, at + 17 + total), refuse);
    tables[head >> 4 ? "ac" : "dc"][head & 15] = table;
    at += 17 + total;
  }
}

function readScan(
  { body }: Segment,
  frame: Frame,
  planes: QuantisedPlane[],
  tables: Tables,
  refuse: Refuse,
): Scan {
  const count = body[0] ?? 0;
  if (count < 1 || count > planes.length || body.length !== 4 + 2 * count)
    throw refuse("a scan header is damaged");
  const { progressive } = frame;
  const [from, to, approximation] = [...body.subarray(1 + 2 * count)] as [number, number, number];
  const [high, low] = progressive ? [approximation >> 4, approximation & 15] : [0, 0];
  const bandFits = progressive
    ? from <= to &&
      to <= 63 &&
      low <= 13 &&
      (from === 0 ? to === 0 : count === 1) &&
      (high === 0 || high === low + 1)
    : from === 0 && to === 63;
  if (!bandFits)
    throw refuse(`a scan of coefficients ${from} to ${to}, bits ${high} to ${low}, is not allowed`);
  const chosen = Array.from({ length: count }, (_, i) => {
    const [id, selector] = [body[1 + 2 * i], body[2 + 2 * i] as number];
    const plane = planes.find((candidate) => candidate.id === id);
    if (plane === undefined) throw refuse(`a scan names colour component ${id}, which the frame has not`);
    const entry = { plane, dc: tables.dc[selector >> 4], ac: tables.ac[selector & 15] };
    const needsDc = from === 0 && high === 0;
    const needsAc = to > 0;
    if ((needsDc && entry.dc === undefined) || (needsAc && entry.ac === undefined))
      throw refuse("a Huffman table is missing");
    plane.quant ??= tables.quant[plane.quantTable];
    if (plane.quant === undefined) throw refuse("a quantisation table is missing");
    return entry;
  });
  if (new Set(chosen.map(({ plane }) => plane)).size !== count)
    throw refuse("a scan names a colour component twice");
  const max = largest(frame);
  return {
    planes: chosen,
    progressive,
    from,
    to,
    high,
    low,
    restartInterval: tables.restartInterval,
    unitsWide: Math.ceil(frame.width / (8 * max.h)),
    unitsHigh: Math.ceil(frame.height / (8 * max.v)),
  };
}

/** Coefficients to samples of the picture's size. */
function toSamples(plane: QuantisedPlane, frame: Frame, refuse: Refuse): SamplePlane {
  const max = largest(frame);
  const stride = plane.blocksWide * 8;
  const data = new Uint8ClampedArray(stride * plane.blocksHigh * 8);
  for (let y = 0; y < plane.blocksHigh; y++) {
    for (let x = 0; x < plane.blocksWide; x++) {
      const target = { plane: data, at: y * 8 * stride + x * 8, stride };
      inverseDct(plane.coefficients, 64 * (y * plane.blockStride + x), plane.quant as Uint16Array, target);
    }
  }
  const width = Math.ceil((frame.width * plane.h) / max.h);
  const height = Math.ceil((frame.height * plane.v) / max.v);
  const own = { data, width, height, stride };
  if (max.h % plane.h !== 0 || max.v % plane.v !== 0)
    throw refuse("fractional sampling ratios are not supported");
  return upsample(own, {
    across: max.h / plane.h,
    down: max.v / plane.v,
    width: frame.width,
    height: frame.height,
  });
}
