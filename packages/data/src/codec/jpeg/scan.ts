import type { Refuse } from "../reader.ts";
import { BitReader, type HuffmanTable } from "./bits.ts";
import type { FrameComponent } from "./segments.ts";

/** A colour plane while it is being decoded: blocks of 64 coefficients in rows (not in zigzag order). */
export interface Plane extends FrameComponent {
  /** Blocks that cover the component's own samples. */
  readonly blocksWide: number;
  readonly blocksHigh: number;
  /** Blocks in memory, filled up to whole units of interleaved scans. */
  readonly blockStride: number;
  readonly coefficients: Int16Array;
}

/** A plane in a scan with its Huffman tables. */
export interface ScanPlane {
  readonly plane: Plane;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
}

/** What a start-of-scan header says, with the tables it refers to. */
export interface Scan {
  readonly planes: readonly ScanPlane[];
  readonly progressive: boolean;
  /** First and last coefficient, in zigzag order. */
  readonly from: number;
  readonly to: number;
  /** Successive approximation: the bit refined before (0: none) and the bit that this scan gives. */
  readonly high: number;
  readonly low: number;
  readonly restartInterval: number;
  readonly unitsWide: number;
  readonly unitsHigh: number;
}

/** Place in rows of each coefficient of the zigzag order (ITU-T T.81, figure A.6), found by walking the diagonals. */
export const ZIGZAG = Uint8Array.from(
  Array.from({ length: 64 }, (_, i) => i).sort((a, b) => {
    const [diagonalA, diagonalB] = [(a >> 3) + (a & 7), (b >> 3) + (b & 7)];
    if (diagonalA !== diagonalB) return diagonalA - diagonalB;
    return diagonalA % 2 === 0 ? b - a : a - b;
  }),
);

type BlockDecoder = (entry: ScanPlane, index: number, at: number) => void;

/** Decodes one scan into the planes' coefficients; returns the position of the marker after it. */
export function decodeScan(bytes: Uint8Array, at: number, scan: Scan, refuse: Refuse): number {
  const reader = new BitReader(bytes, at, refuse);
  const predictions = new Int32Array(scan.planes.length);
  const run = { left: 0 };
  const decode = blockDecoder(scan, reader, predictions, run, refuse);
  const single = scan.planes.length === 1 ? scan.planes[0]?.plane : undefined;
  const [wide, high] = single ? [single.blocksWide, single.blocksHigh] : [scan.unitsWide, scan.unitsHigh];
  for (let unit = 0; unit < wide * high; unit++) {
    if (scan.restartInterval > 0 && unit > 0 && unit % scan.restartInterval === 0) {
      reader.restart();
      predictions.fill(0);
      run.left = 0;
    }
    const [row, column] = [Math.floor(unit / wide), unit % wide];
    scan.planes.forEach((entry, index) => {
      const { plane } = entry;
      if (single) decode(entry, index, 64 * (row * plane.blockStride + column));
      else decodeUnit(entry, row, column, (offset) => decode(entry, index, offset));
    });
  }
  return reader.end();
}

/** An interleaved unit holds h x v neighbouring blocks of each component. */
function decodeUnit({ plane }: ScanPlane, row: number, column: number, decode: (at: number) => void): void {
  for (let y = row * plane.v; y < (row + 1) * plane.v; y++) {
    for (let x = column * plane.h; x < (column + 1) * plane.h; x++) decode(64 * (y * plane.blockStride + x));
  }
}

function blockDecoder(
  scan: Scan,
  reader: BitReader,
  predictions: Int32Array,
  run: { left: number },
  refuse: Refuse,
): BlockDecoder {
  if (!scan.progressive)
    return (entry, index, at) => baseline(entry, index, at, { reader, predictions, refuse });
  if (scan.from === 0) {
    if (scan.high === 0)
      return (entry, index, at) => firstDc(entry, index, at, scan.low, { reader, predictions, refuse });
    return (entry, _, at) => {
      if (reader.bits(1)) (entry.plane.coefficients[at] as number) |= 1 << scan.low;
    };
  }
  if (scan.high === 0) return (entry, _, at) => firstAc(entry, at, scan, reader, run, refuse);
  return (entry, _, at) => refineAc(entry, at, scan, reader, run, refuse);
}

interface DcState {
  readonly reader: BitReader;
  readonly predictions: Int32Array;
  readonly refuse: Refuse;
}

function nextDc({ dc }: ScanPlane, index: number, { reader, predictions, refuse }: DcState): number {
  const bits = reader.symbol(dc as HuffmanTable);
  if (bits > 15) throw refuse("its image data hold an impossible coefficient");
  const value = (predictions[index] as number) + reader.signed(bits);
  predictions[index] = value;
  return value;
}

/** A whole block: one difference for the mean, then runs of zeros and values (T.81, F.2.2). */
function baseline(entry: ScanPlane, index: number, at: number, state: DcState): void {
  const { coefficients } = entry.plane;
  const { reader } = state;
  coefficients[at] = nextDc(entry, index, state);
  for (let k = 1; k < 64; k++) {
    const symbol = reader.symbol(entry.ac as HuffmanTable);
    const bits = symbol & 15;
    const zeros = symbol >> 4;
    if (bits === 0 && zeros !== 15) return;
    k += zeros;
    if (k > 63) throw state.refuse("its image data hold more than 64 coefficients in a block");
    if (bits > 0) coefficients[at + (ZIGZAG[k] as number)] = reader.signed(bits);
  }
}

function firstDc(entry: ScanPlane, index: number, at: number, low: number, state: DcState): void {
  entry.plane.coefficients[at] = nextDc(entry, index, state) << low;
}

/** First scan of a band of coefficients; a run of blocks may end at once (T.81, G.1.2.2). */
function firstAc(
  entry: ScanPlane,
  at: number,
  scan: Scan,
  reader: BitReader,
  run: { left: number },
  refuse: Refuse,
): void {
  if (run.left > 0) {
    run.left--;
    return;
  }
  const { coefficients } = entry.plane;
  for (let k = scan.from; k <= scan.to; k++) {
    const symbol = reader.symbol(entry.ac as HuffmanTable);
    const bits = symbol & 15;
    const zeros = symbol >> 4;
    if (bits === 0 && zeros < 15) {
      run.left = (1 << zeros) - 1 + reader.bits(zeros);
      return;
    }
    k += zeros;
    if (k > scan.to) throw refuse("its image data hold more coefficients than their scan");
    if (bits > 0) coefficients[at + (ZIGZAG[k] as number)] = reader.signed(bits) << scan.low;
  }
}

/** One more bit for a band: for what is known already, and new values of one bit (T.81, G.1.2.3). */
function refineAc(
  entry: ScanPlane,
  at: number,
  scan: Scan,
  reader: BitReader,
  run: { left: number },
  refuse: Refuse,
): void {
  const { coefficients } = entry.plane;
  const bit = 1 << scan.low;
  let k = scan.from;
  if (run.left === 0) {
    for (; k <= scan.to; k++) {
      const symbol = reader.symbol(entry.ac as HuffmanTable);
      const bits = symbol & 15;
      let zeros = symbol >> 4;
      let fresh = 0;
      if (bits === 0 && zeros < 15) {
        run.left = (1 << zeros) + reader.bits(zeros);
        break;
      }
      if (bits > 1) throw refuse("its image data refine a coefficient by more than one bit");
      if (bits === 1) fresh = reader.bits(1) ? bit : -bit;
      for (; k <= scan.to; k++) {
        const place = at + (ZIGZAG[k] as number);
        if (coefficients[place] !== 0) refine(coefficients, place, bit, reader);
        else if (zeros-- === 0) {
          if (fresh !== 0) coefficients[place] = fresh;
          break;
        }
      }
    }
  }
  if (run.left === 0) return;
  for (; k <= scan.to; k++) {
    const place = at + (ZIGZAG[k] as number);
    if (coefficients[place] !== 0) refine(coefficients, place, bit, reader);
  }
  run.left--;
}

function refine(coefficients: Int16Array, place: number, bit: number, reader: BitReader): void {
  if (!reader.bits(1)) return;
  const value = coefficients[place] as number;
  if ((Math.abs(value) & bit) === 0) coefficients[place] = value + (value > 0 ? bit : -bit);
}
