import type { GemmDtype } from "../gemm/index.ts";

/** An axis of a convolution; strides in elements. */
export interface ConvAxis {
  /** Results along it. */
  readonly results: number;
  /** What is contracted along it. */
  readonly taps: number;
  /** Result t and tap k meet at t * stride + k * dilation - low of x, where there is something at 0 to size - 1. */
  readonly stride: number;
  readonly dilation: number;
  readonly low: number;
  readonly size: number;
  /** Elements of x are so many places apart; between them there is nothing. */
  readonly spread: number;
  readonly xStride: number;
  readonly wStride: number;
}

/** A convolution of stored values; strides and offsets in elements, any, 0 and negative ones too. */
export interface ConvProblem {
  readonly dtype: GemmDtype;
  readonly groups: number;
  /** Columns of the result: outputs of a group. */
  readonly columns: number;
  /** Examples (no taps: 1), channels (no results: 1), then up to three axes of space. */
  readonly axes: readonly ConvAxis[];
  readonly xGroup: number;
  readonly wGroup: number;
  readonly wColumn: number;
  /** Axes (but channels) in the order of the result's rows, the outermost first. */
  readonly rowAxes: readonly number[];
  /** From row to row and from group to group of the result; its columns lie next to each other. */
  readonly cRow: number;
  readonly cGroup: number;
  /** Whether the result is handed to a function instead of being stored. */
  readonly epilogue: boolean;
}

/** A part of a convolution: results that are `cStride` apart, from taps that are all there. */
export interface PartAxis extends Omit<ConvAxis, "spread"> {
  /** From result to result, in elements. */
  readonly cStride: number;
}

export interface ConvPart {
  readonly axes: readonly PartAxis[];
  /** From the start of the weights and of the result. */
  readonly wOffset: number;
  readonly cOffset: number;
}

const remainder = (a: number, b: number): number => ((a % b) + b) % b;

function divisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** One residue class of results along an axis. */
interface AxisPart {
  readonly axis: PartAxis;
  readonly wOffset: number;
  readonly cOffset: number;
}

/**
 * Where elements of x are apart, results fall into classes, each of which meets some of the taps only: each class is a
 * convolution with those taps of an x without gaps, so that nothing is multiplied by the zeros in between.
 */
function partsOfAxis({ spread, ...axis }: ConvAxis, cStride: number): AxisPart[] {
  const { results, taps, stride, dilation, low, wStride } = axis;
  if (spread === 1) return [{ axis: { ...axis, cStride }, wOffset: 0, cOffset: 0 }];
  const period = spread / divisor(spread, stride);
  const step = spread / divisor(spread, dilation);
  const parts: AxisPart[] = [];
  for (let first = 0; first < Math.min(period, results); first++) {
    const start = first * stride - low;
    let tap = 0;
    while (tap < step && remainder(start + tap * dilation, spread) !== 0) tap++;
    const count = tap >= step ? 0 : Math.max(0, Math.ceil((taps - tap) / step));
    parts.push({
      axis: {
        ...axis,
        results: Math.ceil((results - first) / period),
        taps: count,
        stride: (period * stride) / spread,
        dilation: (step * dilation) / spread,
        low: count === 0 ? 0 : -(start + tap * dilation) / spread,
        wStride: wStride * step,
        cStride: cStride * period,
      },
      wOffset: count === 0 ? 0 : tap * wStride,
      cOffset: first * cStride,
    });
  }
  return parts;
}

/** The convolution as parts without gaps: one where there are none. */
export function partsOf({ axes, rowAxes, cRow }: ConvProblem): ConvPart[] {
  const strides = rowStrides(axes, rowAxes);
  return axes.reduce<ConvPart[]>(
    (parts, axis, i) => {
      const own = partsOfAxis(axis, strides[i] * cRow);
      return parts.flatMap((part) =>
        own.map((one) => ({
          axes: [...part.axes, one.axis],
          wOffset: part.wOffset + one.wOffset,
          cOffset: part.cOffset + one.cOffset,
        })),
      );
    },
    [{ axes: [], wOffset: 0, cOffset: 0 }],
  );
}

/** For each axis, rows from result to result. */
export function rowStrides(
  axes: readonly { readonly results: number }[],
  order: readonly number[],
): number[] {
  const strides = new Array<number>(axes.length).fill(0);
  let stride = 1;
  for (const axis of [...order].reverse()) {
    strides[axis] = stride;
    stride *= axes[axis].results;
  }
  return strides;
}

/** Whether the results are rows of one matrix, and not several classes. */
export const isWhole = ({ axes }: ConvProblem): boolean => axes.every(({ spread }) => spread === 1);

/** Each channel is convolved on its own, or with itself over all examples: channels are the columns. */
export const isDepthwise = ({ columns, groups, axes }: ConvProblem): boolean =>
  columns === 1 && groups > 1 && (axes[1].taps === 1 || axes[0].results === 1);
