import { PANEL_BYTES } from "../gemm/element.ts";

/** A box out of some axes, outermost first: whole inner ones, some of one, one of each outer one. */
export function cutBox(sizes: readonly number[], limit: number): number[] {
  const steps = sizes.map(() => 1);
  let size = 1;
  for (let i = sizes.length - 1; i >= 0; i--) {
    const most = Math.max(1, Math.floor(limit / size));
    if (sizes[i] > most) {
      steps[i] = Math.ceil(sizes[i] / Math.ceil(sizes[i] / most));
      break;
    }
    steps[i] = Math.max(1, sizes[i]);
    size *= steps[i];
  }
  return steps;
}

export const blocksOf = (size: number, step: number): number => Math.max(1, Math.ceil(size / step));

const product = (sizes: readonly number[]): number => sizes.reduce((size, n) => size * n, 1);

/** How sums are taken: a function of sizes only, since it decides every bit of the result. */
export interface TapBlocks {
  /** Taps of a block along channels and the axes of space; a block's are summed up in order, blocks are added in order. */
  readonly steps: readonly number[];
  readonly blocks: number;
  /** Chunks of blocks that are summed up on their own; their sums are added in order. */
  readonly chunks: number;
  readonly blocksPerChunk: number;
}

/** Longest block of taps: a panel of weights of that length (16 KB) lies in the first-level cache. */
const BLOCK_BYTES = 1 << 14;
/** The same where columns have rows of their own, which take part of that cache, too. */
const LANES_BLOCK_BYTES = 1 << 12;
/** Columns of a block then, in bytes: long pieces of rows, which the processor fetches ahead. 96 columns took 3.5 ms whole, 9 in pieces of 32. */
const LANES_BYTES = 1 << 10;
const MOST_CHUNKS = 8;
/** Results of long sums are split if they are no more than that, and the work is worth it. */
const SPLIT_ELEMENTS = 1 << 17;
const SPLIT_ROWS = 1024;
const WORTH_SPLITTING = 1 << 21;

export interface TapSizes {
  /** Of channels and the axes of space. */
  readonly taps: readonly number[];
  readonly rows: number;
  /** Rows and columns of all groups. */
  readonly elements: number;
  /** Whether columns have rows of their own. */
  readonly isLanes: boolean;
  readonly canSplit: boolean;
}

export function chooseTaps({ taps, rows, elements, isLanes, canSplit }: TapSizes): TapBlocks {
  const steps = cutBox(taps, (isLanes ? LANES_BLOCK_BYTES : BLOCK_BYTES) / PANEL_BYTES);
  const blocks = product(taps.map((n, i) => blocksOf(n, steps[i])));
  const isSplit =
    canSplit &&
    blocks > 1 &&
    rows <= SPLIT_ROWS &&
    elements <= SPLIT_ELEMENTS &&
    product(taps) > 2 * rows &&
    product(taps) * elements >= WORTH_SPLITTING;
  const blocksPerChunk = isSplit ? Math.ceil(blocks / MOST_CHUNKS) : blocks;
  return { steps, blocks, blocksPerChunk, chunks: Math.ceil(blocks / blocksPerChunk) };
}

/** Units that large problems fall into at least, so that threads have equal shares. */
const UNITS = 16;
/** Least work of a unit, in multiplications: about 3 us. */
const UNIT_WORK = 1 << 17;
const MOST_ROWS = 1024;
/** Bytes of weights of a block, which stay in the second-level cache. */
const WEIGHT_BYTES = 1 << 18;
/** Bytes of results that wait for an epilogue, and of the copied part of x. */
const TILE_BYTES = 1 << 16;
const BAND_BYTES = 1 << 17;

export interface RowBlocks {
  readonly steps: readonly number[];
  readonly columns: number;
}

/** How rows and columns are cut up: any choice gives the same bits. */
export function chooseRows(problem: {
  /** Sizes of the axes of rows, outermost first. */
  readonly sizes: readonly number[];
  readonly columns: number;
  /** Of one block, and of all. */
  readonly blockTaps: number;
  readonly taps: number;
  /** Groups and chunks. */
  readonly copies: number;
  readonly bytes: number;
  readonly hasTile: boolean;
  readonly isLanes: boolean;
  /** Bytes of x that a block of rows needs. */
  readonly band: (steps: readonly number[], columns: number) => number;
}): RowBlocks {
  const { sizes, columns, blockTaps, taps, copies, bytes, hasTile, isLanes, band } = problem;
  const lanes = PANEL_BYTES / bytes;
  const rows = product(sizes);
  const panels = Math.floor(WEIGHT_BYTES / (PANEL_BYTES * Math.max(1, blockTaps)));
  const most = isLanes ? LANES_BYTES / bytes : Math.max(lanes, lanes * panels);
  const columnBlocks = Math.ceil(columns / most);
  const width = Math.min(columns, lanes * Math.ceil(Math.ceil(columns / columnBlocks) / lanes));
  const worth = Math.floor((rows * columns * Math.max(1, taps) * copies) / UNIT_WORK);
  const wanted = Math.max(1, Math.min(worth, UNITS) / (copies * columnBlocks));
  let limit = Math.min(MOST_ROWS, Math.max(1, Math.ceil(rows / wanted)));
  if (hasTile) limit = Math.min(limit, Math.max(1, Math.floor(TILE_BYTES / (width * bytes))));
  let steps = cutBox(sizes, limit);
  while (limit > 1 && band(steps, width) > BAND_BYTES) {
    limit >>= 1;
    const next = cutBox(sizes, limit);
    // What is read for a block does not shrink any more where only taps decide.
    if (product(next) < 8) break;
    steps = next;
  }
  return { steps, columns: width };
}
