import { PICK_ERRORS } from "../library/gather.ts";
import { isWidened, scatterKernel } from "../library/scatter.ts";
import { bytesOf } from "./emit/vector.ts";
import type { GatherItem, PickItem, ScatterItem } from "./items.ts";

/** One call of the library, as an instruction. */
export interface LookupStep {
  readonly target: string;
  readonly words: readonly number[];
  /** The buffers whose addresses are the first words; -1 for address 0. */
  readonly buffers: readonly number[];
  readonly units: number;
  readonly scratchBytes: number;
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  readonly cost: number;
}

/** Indices that one unit looks at, at least; and units, at most, since each has words for an error. */
const PICK_UNIT = 4096;
const MOST_PICK_UNITS = 256;

export function lowerPick({ buffer, indices, dtype, shape, size }: PickItem): LookupStep {
  const count = shape.reduce((product, n) => product * n, 1);
  const length = Math.max(PICK_UNIT, Math.ceil(count / MOST_PICK_UNITS));
  const units = Math.ceil(count / length);
  const words = new Array<number>(PICK_ERRORS + 2 * units).fill(0);
  [words[2], words[3], words[4]] = [count, size, length];
  return {
    target: `pickRows.${dtype}`,
    words,
    buffers: [indices, buffer],
    units,
    scratchBytes: 0,
    reads: [indices],
    writes: [buffer],
    cost: 3 * count,
  };
}

export function lowerGather(item: GatherItem): LookupStep {
  const { buffer, source, rows, dtype, batch, size, row, picked, shared } = item;
  const rowBytes = row * bytesOf(dtype);
  return {
    target: row === 1 ? `gather${rowBytes}` : "gatherRows",
    words: [0, 0, 0, size, picked, shared ? 4 * picked : 0, rowBytes],
    buffers: [source, rows, buffer],
    units: batch * picked,
    scratchBytes: 0,
    reads: [source, rows],
    writes: [buffer],
    cost: batch * picked * (6 + rowBytes / 8),
  };
}

/** Elements of a row that one unit takes at most, and of all its rows at first. */
const STRIP = 4096;
const RANGE = 32_768;
const LARGEST_RANGE = 1 << 20;

/** Rows are cut into ranges, and long rows into strips: by shape alone. */
export function lowerScatter(item: ScatterItem): LookupStep {
  const { buffer, op, source, rows, updates, dtype, batch, size, row, picked, shared } = item;
  const strip = Math.min(row, STRIP);
  const strips = Math.ceil(row / strip);
  // Each unit goes through all indices of its batch: where that would be most of the work, there are fewer units.
  let elements = RANGE;
  const rangesOf = (n: number): number => Math.ceil(size / Math.max(1, Math.floor(n / strip)));
  while (elements < LARGEST_RANGE && rangesOf(elements) * picked > 4 * (size + picked) * row) elements *= 2;
  const range = Math.min(size, Math.max(1, Math.floor(elements / strip)));
  const ranges = Math.ceil(size / range);
  return {
    target: scatterKernel(op, dtype),
    words: [0, 0, 0, 0, size, picked, row, range, ranges, strip, strips, shared ? 0 : picked],
    buffers: [source, rows, updates, buffer],
    units: batch * ranges * strips,
    scratchBytes: isWidened(op, dtype) ? 8 * range * strip : 0,
    reads: source < 0 ? [rows, updates] : [source, rows, updates],
    writes: [buffer],
    cost: batch * (ranges * strips * picked * 2 + (size + picked) * row),
  };
}
