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
  /** Rows of A that are copied together at a time; 0 for none. */
  readonly groupRows: number;
}

/**
 * Longest block of k: six rows of A and a panel of B of that length (14 KB) lie in the first-level cache, 256 columns of B
 * in the second-level one.
 */
const BLOCK = 256;
/** The same for a row times a column. */
const INNER_BLOCK = 4096;
/** Work that is worth to be split along k: about 50 us. */
const WORTH_SPLITTING = 1 << 21;
/** Small results of long sums are split along k: they are no larger than that, and the sums no shorter. */
const SPLIT_SIDE = 256;
const SPLIT_ELEMENTS = 1 << 14;
const SPLIT_LENGTH = 2048;
const MOST_CHUNKS = 16;

/** About how long it takes, in multiplications (27 us to a million); to read an element takes as long as four. */
const workOf = (m: number, n: number, k: number): number => k * (m * n + 4 * (m + n));

/** How the sums of a product are taken. */
export function chooseSums(m: number, n: number, k: number, batch: number): Sums {
  const blocks = Math.max(1, Math.ceil(k / (m * n === 1 ? INNER_BLOCK : BLOCK)));
  const blockLength = 4 * Math.max(1, Math.ceil(k / blocks / 4));
  const elements = m * n * batch;
  const isSplit =
    Math.max(m, n) <= SPLIT_SIDE &&
    k >= SPLIT_LENGTH &&
    elements <= SPLIT_ELEMENTS &&
    workOf(m, n, k) * batch >= WORTH_SPLITTING;
  if (!isSplit) return { blockLength, chunkLength: Math.max(1, k), chunks: 1 };
  const chunkLength = blockLength * Math.ceil(blocks / MOST_CHUNKS);
  return { blockLength, chunkLength, chunks: Math.ceil(k / chunkLength) };
}

/** Units that large products fall into at least, so that threads have equal shares. */
const UNITS = 8;
/** Least work of a unit: about 3 us, where a barrier between threads takes 0.3. */
const UNIT_WORK = 1 << 17;
/** Bytes of a block of B, which stays in the second-level cache. */
const B_BYTES = 1 << 18;
/** Bytes of a block of C that waits for its epilogue. */
const TILE_BYTES = 1 << 16;
/** Bytes of a row of B that slices go along: a page. */
const SLICE_BYTES = 4096;
/** Bytes of B that a unit of matrix times vector reads at least; its columns are read to their ends. */
const DIRECT_BYTES = 1 << 16;
const DIRECT_COLUMNS = 16;

/** How the work is cut up and which operands are copied: the strides decide. */
export function chooseBlocking(view: View): Blocking {
  const packing = choosePacking(view);
  const panel = PANEL_BYTES / view.bytes;
  const blocks = chooseBlocks(view, packing);
  const columnsPerBlock = blocks.panels * panel;
  return {
    rowsPerBlock: blocks.rows,
    columnsPerBlock,
    packing,
    groupRows: chooseGroup(view, columnsPerBlock),
  };
}

/** Most panels that a block of C spans. */
function mostPanels({ bytes, k, blockLength }: View, packing: number): number {
  if (packing === Packing.slices) return SLICE_BYTES / PANEL_BYTES;
  if (packing !== Packing.direct) return Math.floor(B_BYTES / (blockLength * PANEL_BYTES));
  const columns = Math.max(DIRECT_COLUMNS, Math.ceil(DIRECT_BYTES / (k * bytes + 1)));
  return Math.ceil((columns * bytes) / PANEL_BYTES);
}

/** Units of one chunk of one matrix of the batch; slices of less than a quarter of a page are read too slowly. */
function unitsWanted({ n, bytes, batch, chunks }: View, packing: number): number {
  const wanted = Math.ceil(UNITS / (batch * chunks));
  if (packing !== Packing.slices) return wanted;
  const pages = Math.floor((n * bytes) / SLICE_BYTES);
  return Math.min(wanted, Math.max(1, pages >= 4 ? pages : 4 * pages));
}

/** Cuts C into as many blocks as are wanted, so that as little as can be is read more than once. */
function chooseBlocks(view: View, packing: number): { rows: number; panels: number } {
  const { m, n, k, batch, bytes, epilogue } = view;
  const panels = Math.ceil((n * bytes) / PANEL_BYTES);
  const fewest = Math.ceil(panels / Math.max(1, mostPanels(view, packing)));
  const worth = Math.floor((workOf(m, n, k) * batch) / UNIT_WORK);
  const wanted = Math.max(1, Math.min(worth, unitsWanted(view, packing)));
  // Panels are made anew for each block of rows, which costs more than to read B.
  const again = isPacked(packing) ? 4 : 1;
  let best = { rows: m, panels, cost: Number.POSITIVE_INFINITY };
  for (
    let columnBlocks = fewest;
    columnBlocks <= Math.max(fewest, Math.min(panels, wanted));
    columnBlocks++
  ) {
    const width = Math.ceil(panels / columnBlocks);
    const tileRow = width * PANEL_BYTES;
    const fit = epilogue ? Math.ceil((m * tileRow) / TILE_BYTES) : 1;
    const rows = Math.ceil(m / Math.min(m, Math.max(fit, Math.ceil(wanted / columnBlocks))));
    const units = Math.ceil(m / rows) * Math.ceil(panels / width);
    const cost = columnBlocks * m + Math.ceil(m / rows) * n * again;
    const missing = Math.max(0, wanted - units) * (m + n) * wanted * again;
    if (cost + missing < best.cost) best = { rows, panels: width, cost: cost + missing };
  }
  return best;
}

/** Whether panels of B are made. */
const isPacked = (packing: number): boolean =>
  packing === Packing.rows || packing === Packing.columns || packing === Packing.scattered;

/** Rows that are so far apart meet in one set of the first-level cache. */
const SET_STRIDE = 4096;
/** What does not stay in the caches close to a core. */
const LARGE_BYTES = 1 << 22;
const SMALL_BYTES = 1 << 15;

/**
 * B is read in place wherever that is as fast. GFLOP/s in place, with packed panels and in slices (Node 24, one core): 32
 * rows times 1024 x 1024 42, 51, 38; 64 rows times 1000 x 1000 56, 54, -; 4 rows times 4096 x 4096 12, 17, 28; 1 row times
 * 1024 x 1024 15, 10, 20.
 */
function choosePacking({ m, n, k, b, bytes }: View): number {
  if (m * n === 1) return Packing.inner;
  if (n > 1 && b.column !== 1) {
    if (k > 1 && b.row !== 1) return Packing.scattered;
    return m === 1 ? Packing.direct : Packing.columns;
  }
  const rowBytes = Math.abs(b.row) * bytes;
  const size = n * k * bytes;
  const meets = rowBytes > 0 && rowBytes % SET_STRIDE === 0 && k >= 32;
  if (m <= 2) return size > SMALL_BYTES && n * bytes >= 256 ? Packing.slices : Packing.none;
  const isWide = n * bytes > 1024;
  if (m < 16) return isWide && (size > LARGE_BYTES || meets) ? Packing.slices : Packing.none;
  return isWide && k >= 16 && (meets || size > 2 * LARGE_BYTES || m >= 512) ? Packing.rows : Packing.none;
}

/** Bytes of rows of A that are copied together. */
const GROUP_BYTES = 1 << 16;
const MOST_GROUPED = 256;

/** Rows of A to copy together: where elements of a row are far apart, and where they are read often enough. */
function chooseGroup({ m, k, a, bytes, blockLength }: View, columns: number): number {
  const step = Math.abs(a.column) * bytes;
  const often = columns * bytes >= 4 * PANEL_BYTES && m > 6;
  const isFar =
    k > 1 && a.column !== 1 && (step * Math.min(k, blockLength) > SMALL_BYTES * 4 || step % 2048 === 0);
  if (!often || !isFar) return 0;
  return Math.min(MOST_GROUPED, 4 * Math.ceil(GROUP_BYTES / (blockLength * bytes) / 4));
}
