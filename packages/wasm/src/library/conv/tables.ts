import { blocksOf } from "./blocking.ts";
import { CHANNELS, SLOTS } from "./descriptor.ts";
import type { PartAxis } from "./problem.ts";

/** How a convolution is cut into blocks; all by slots, strides in elements. */
export interface Cut {
  readonly axes: readonly PartAxis[];
  /** Slots of the rows, outermost first. */
  readonly rowAxes: readonly number[];
  readonly resultSteps: readonly number[];
  readonly tapSteps: readonly number[];
  /** Whether the slot of channels is that of the columns, which are `xColumn` apart in x. */
  readonly isDepthwise: boolean;
  readonly xColumn: number;
  readonly bytes: 4 | 8;
  /** Columns of a panel. */
  readonly lanes: number;
}

/** How the part of x that a block reads lies in scratch. */
export interface Band {
  readonly strides: readonly number[];
  readonly sizes: readonly number[];
  readonly bytes: number;
}

/** Whether anything outside x is meant, or vectors do not lie as they should. */
export function needsBand({
  axes,
  isDepthwise,
  xColumn,
}: Pick<Cut, "axes" | "isDepthwise" | "xColumn">): boolean {
  if (isDepthwise && xColumn !== 1) return true;
  return axes.some(
    ({ results, taps, stride, dilation, low, size }) =>
      taps > 0 && (low > 0 || (results - 1) * stride + (taps - 1) * dilation - low >= size),
  );
}

type Place = Omit<Cut, "resultSteps" | "rowAxes">;

/** For blocks of so many results and columns. */
export function bandOf(cut: Place, steps: readonly number[], columns: number): Band {
  const { axes, tapSteps, isDepthwise, lanes, bytes } = cut;
  const sizes = axes.map(({ stride, dilation, taps }, slot) => {
    if (slot === CHANNELS && isDepthwise) return Math.ceil(columns / lanes) * lanes;
    const span = taps === 0 ? 0 : (tapSteps[slot] - 1) * dilation;
    return (steps[slot] - 1) * stride + span + 1;
  });
  const strides = new Array<number>(SLOTS).fill(0);
  let stride = 1;
  for (const slot of copyOrder(cut).reverse()) {
    strides[slot] = stride;
    stride *= sizes[slot];
  }
  return { sizes, strides, bytes: stride * bytes };
}

export const xStrideOf = (
  { axes, isDepthwise, xColumn }: Pick<Cut, "axes" | "isDepthwise" | "xColumn">,
  slot: number,
): number => (slot === CHANNELS && isDepthwise ? xColumn : axes[slot].xStride);

/** Slots as they lie in x, the innermost last. */
function copyOrder(cut: Pick<Cut, "axes" | "isDepthwise" | "xColumn">): number[] {
  const rank = (slot: number): number => {
    if (slot === CHANNELS && cut.isDepthwise) return -1;
    const { size, results, taps } = cut.axes[slot];
    // What has no extent stays out of the way.
    return size === 1 && results === 1 && taps <= 1
      ? Number.POSITIVE_INFINITY
      : Math.abs(xStrideOf(cut, slot));
  };
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
  return slots.sort((a, b) => (rank(a) === rank(b) ? a - b : rank(b) - rank(a)));
}

/** For each row of a block where it begins in what is read and in what is written. */
export function rowTableOf(
  { axes, rowAxes, resultSteps }: Cut,
  aStrides: readonly number[],
  tileRow: number,
  cStrides: readonly number[],
): number[] {
  const table: number[] = [];
  const walk = (depth: number, a: number, c: number): void => {
    if (depth === rowAxes.length) {
      table.push(a, tileRow > 0 ? (table.length / 2) * tileRow : c);
      return;
    }
    const slot = rowAxes[depth];
    for (let i = 0; i < resultSteps[slot]; i++) {
      walk(depth + 1, a + i * axes[slot].stride * aStrides[slot], c + i * cStrides[slot]);
    }
  };
  walk(0, 0, 0);
  return table;
}

/** For each tap of a block where it is, from the start of a row and of the weights. */
export function tapTableOf(
  { axes, tapSteps, isDepthwise }: Cut,
  aStrides: readonly number[],
  wStrides: readonly number[],
): number[] {
  const table: number[] = [];
  const walk = (slot: number, a: number, w: number): void => {
    if (slot === SLOTS) {
      table.push(a, w);
      return;
    }
    const step = slot === CHANNELS && isDepthwise ? 0 : axes[slot].dilation * aStrides[slot];
    for (let i = 0; i < Math.min(tapSteps[slot], axes[slot].taps); i++) {
      walk(slot + 1, a + i * step, w + i * wStrides[slot]);
    }
  };
  walk(0, 0, 0);
  return table;
}

/** The loops that copy a band, in bytes. */
export interface CopyLoops {
  /** For each slot the number of its loop. */
  readonly places: readonly number[];
  readonly loops: readonly { readonly from: number; readonly to: number }[];
  /** What is copied at once in the innermost loop, and whether all of that loop lies together. */
  readonly unitBytes: number;
  readonly isRun: boolean;
}

/** Inner axes that are always copied whole become one run. */
export function copyLoops(cut: Cut, band: Band, xStrides: readonly number[]): CopyLoops {
  const { axes, bytes, resultSteps, tapSteps } = cut;
  const order = copyOrder(cut);
  let unitBytes: number = bytes;
  while (order.length > 1) {
    const [before, slot] = order.slice(-2);
    const { low, size, results, taps } = axes[slot];
    const isCopiedWhole =
      !(slot === CHANNELS && cut.isDepthwise) &&
      low === 0 &&
      size === band.sizes[slot] &&
      blocksOf(results, resultSteps[slot]) === 1 &&
      blocksOf(taps, tapSteps[slot]) === 1;
    const isTogether = (size === 1 || xStrides[slot] === unitBytes) && xStrides[before] === unitBytes * size;
    if (!isCopiedWhole || !isTogether) break;
    unitBytes *= size;
    order.pop();
  }
  const places = new Array<number>(SLOTS).fill(SLOTS);
  const loops = Array.from({ length: SLOTS }, () => ({ from: 0, to: 0 }));
  order.forEach((slot, i) => {
    const loop = SLOTS - order.length + i;
    places[slot] = loop;
    loops[loop] = { from: xStrides[slot], to: band.strides[slot] * bytes };
  });
  const { from, to } = loops[SLOTS - 1];
  return { places, loops, unitBytes, isRun: from === unitBytes && to === unitBytes };
}
