import { Packing } from "./descriptor.ts";
import { PANEL_BYTES } from "./element.ts";

/** What sums are made of: a function of sizes only, since it decides every bit of the result. */
export interface Sums {
  /** k is summed up in blocks of that length; the blocks' sums are added in order. */
  readonly blockLength: number;
  /** Chunks of k that are summed up on their own, a whole number of blocks each; their sums are added in order. */
  readonly chunkLength: number;
  readonly chunks: number;
}

/** The product that is computed: the one that was asked for, or its transpose. */
export interface View extends Sums {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: number;
  readonly bytes: 4 | 8;
  readonly a: { readonly row: number; readonly column: number };
  readonly b: { readonly row: number; readonly column: number };
  readonly epilogue: boolean;
  readonly isTransposed: boolean;
}

/** How the work is laid out; any choice gives the same bits. */
export interface Blocking {
  readonly rowsPerBlock: number;
  readonly columnsPerBlock: number;
  readonly packing: number;
}

/**
 * Longest block of k: six rows of A and a panel of B of that length (14 KB) lie in the first-level cache, 256 columns of B
 * in the second-level one.
 */
const BLOCK = 256;
/** Products of at least so many multiplications are worth several threads: about 50 us. */
const WORTH_SPLITTING = 1 << 21;
/** Small results of long sums: no more elements than that are split along k. */
const SPLIT_ELEMENTS = 1 << 14;
const SPLIT_LENGTH = 2048;
const MOST_CHUNKS = 16;

export function chooseSums(m: number, n: number, k: number, batch: number): Sums {
  const blocks = Math.max(1, Math.ceil(k / BLOCK));
  const blockLength = 4 * Math.max(1, Math.ceil(k / blocks / 4));
  const elements = m * n * batch;
  const isSplit = k >= SPLIT_LENGTH && elements <= SPLIT_ELEMENTS && elements * k >= WORTH_SPLITTING;
  if (!isSplit) return { blockLength, chunkLength: Math.max(1, k), chunks: 1 };
  const chunkLength = blockLength * Math.ceil(blocks / MOST_CHUNKS);
  return { blockLength, chunkLength, chunks: Math.ceil(k / chunkLength) };
}

/** Units that large products fall into at least, so that threads have equal shares. */
const UNITS = 8;
/** Bytes of a block of B, which stays in the second-level cache. */
const B_BYTES = 1 << 18;
/** Bytes of a block of C that waits for its epilogue. */
const TILE_BYTES = 1 << 16;

export function chooseBlocking(view: View): Blocking {
  const { m, n, k, batch, bytes, blockLength, chunks, epilogue } = view;
  const lanes = PANEL_BYTES / bytes;
  const panels = Math.ceil(n / lanes);
  const packing = choosePacking(view);
  const most = Math.max(1, Math.floor(B_BYTES / (blockLength * PANEL_BYTES)));
  const units = batch * chunks;
  const wanted = m * n * k * batch >= WORTH_SPLITTING ? Math.ceil(UNITS / units) : 1;
  let best = { rows: m, columns: panels, cost: Number.POSITIVE_INFINITY };
  for (let columnBlocks = Math.ceil(panels / most); columnBlocks <= Math.min(panels, 4096); columnBlocks++) {
    const columns = Math.ceil(panels / columnBlocks);
    if (columns * (columnBlocks - 1) >= panels) continue;
    let rowBlocks = Math.ceil(wanted / columnBlocks);
    if (epilogue) rowBlocks = Math.max(rowBlocks, Math.ceil((m * columns * PANEL_BYTES) / TILE_BYTES));
    rowBlocks = Math.min(rowBlocks, m);
    const rows = Math.ceil(m / rowBlocks);
    // What is read more than once: A for each block of columns, B for each block of rows.
    const cost =
      columnBlocks * m +
      rowBlocks * n * (packing === Packing.none ? 1 : 4) +
      (columnBlocks * rowBlocks < wanted ? 1e9 : 0);
    if (cost < best.cost) best = { rows, columns, cost };
    if (columnBlocks > 64 && columnBlocks > wanted) break;
  }
  return { rowsPerBlock: best.rows, columnsPerBlock: best.columns * lanes, packing };
}

function choosePacking({ m, n, k, b }: View): number {
  if (n === 1 || b.column === 1) return Packing.none;
  if (k > 1 && b.row !== 1) return Packing.scattered;
  return m === 1 ? Packing.direct : Packing.columns;
}
