import type { FoldParams, WindowParams } from "../ir/builder.ts";
import { callForm, latexCall } from "../ir/form.ts";
import { definePrimitive, type NDArray } from "../ir/primitive.ts";
import { isFloating } from "../types/dtype.ts";
import { formatShape, type Shape, sizeOf, stridesOf, toShape } from "../types/shape.ts";
import { DTypeError, ShapeError } from "../util/errors.ts";
import { FAULT } from "../util/fault.ts";

// Both speak of the last axes only, so that a new leading axis changes nothing: batching rules are "same".

/** How many windows an axis has; none where they do not fit. */
function windowCount(size: number, kernel: number, stride: number, dilation: number): number {
  const room = size - (kernel - 1) * dilation - 1;
  return room < 0 ? 0 : Math.floor(room / stride) + 1;
}

/**
 * Sliding windows over the last axes, as a view: x [..., ...S] gives [..., ...T, ...K], where place (t, k) holds
 * `x[t * stride + k * dilation]`.
 */
export const windows = definePrimitive<WindowParams>({
  name: "windows",
  shape: ([x], { kernel, strides, dilation }) => {
    const leading = x.rank - kernel.length;
    const counts = kernel.map((size, i) => windowCount(x.shape[leading + i], size, strides[i], dilation[i]));
    return toShape([...x.shape.slice(0, leading), ...counts, ...kernel], "windows");
  },
  dtype: ([x]) => x.dtype,
  derivative: {
    kind: "linear",
    transpose: (b, ct, [x], params) => [b.fold(ct, foldParams(x.shape, params))],
    // Whatever lies in a window that is not masked.
    mask: (b, mask, [x], params) => {
      const counts = b.fold(b.cast(mask, "int32"), foldParams(x.shape, params));
      return [b.compare("greater", counts, 0)];
    },
    adds: true,
  },
  batch: "same",
  reference: ([x], { kernel, ...params }, out) => {
    overlap(x.shape, out.shape, params, (inWindow, place) => {
      out.data[inWindow] = x.data[place];
    });
  },
  text: callForm("windows"),
  latex: latexCall("\\operatorname{windows}"),
});

/** What leads back from windows to axes of the sizes of `shape`. */
const foldParams = (shape: Shape, { kernel, strides, dilation }: WindowParams): FoldParams => ({
  sizes: shape.slice(shape.length - kernel.length),
  strides,
  dilation,
});

/**
 * The sum of overlapping windows, each where it lies: x [..., ...T, ...K] gives [..., ...sizes]. The transpose of
 * `windows`.
 */
export const fold = definePrimitive<FoldParams>({
  name: "fold",
  shape: ([x], { sizes, strides, dilation }) => {
    const kernelAt = x.rank - sizes.length;
    const countsAt = kernelAt - sizes.length;
    sizes.forEach((size, i) => {
      const count = windowCount(size, x.shape[kernelAt + i], strides[i], dilation[i]);
      if (count === x.shape[countsAt + i]) return;
      throw new ShapeError(`${formatShape(x.shape)} does not hold the windows of ${formatShape(sizes)}`, {
        operation: "fold",
        shapes: [x.shape, sizes],
        remedy: FAULT,
      });
    });
    return toShape([...x.shape.slice(0, countsAt), ...sizes], "fold");
  },
  dtype: ([x]) => {
    if (x.dtype !== "bool") return x.dtype;
    throw new DTypeError("dtype bool is not accepted", {
      operation: "fold",
      dtypes: [x.dtype],
      remedy: "Cast it to int32",
    });
  },
  derivative: {
    kind: "linear",
    transpose: (b, ct, [x], params) => [b.windows(ct, windowParams(x.shape, params))],
    mask: (b, mask, [x], params) => [b.windows(mask, windowParams(x.shape, params))],
  },
  batch: "same",
  reference: ([x], params, out) => {
    const totals = new Float64Array(out.data.length);
    overlap(out.shape, x.shape, params, (inWindow, place) => {
      totals[place] += x.data[inWindow];
    });
    storeTotals(totals, out);
  },
  text: callForm("fold"),
  latex: latexCall("\\operatorname{fold}"),
});

const windowParams = (shape: Shape, { sizes, strides, dilation }: FoldParams): WindowParams => ({
  kernel: shape.slice(shape.length - sizes.length),
  strides,
  dilation,
});

/** Rounded once; of integers, sums in float64 are exact up to 2^53, and only their last 32 bits count. */
function storeTotals(totals: Float64Array, out: NDArray): void {
  if (isFloating(out.dtype)) out.data.set(totals);
  else for (let i = 0; i < totals.length; i++) out.data[i] = totals[i] | 0;
}

/** Visits all elements of all windows, in row-major order, with the places of x that they are. */
function overlap(
  x: Shape,
  windowed: Shape,
  { strides, dilation }: Pick<WindowParams, "strides" | "dilation">,
  visit: (inWindow: number, place: number) => void,
): void {
  const own = stridesOf(x);
  const leading = x.length - strides.length;
  const steps = [
    ...own.slice(0, leading),
    ...strides.map((stride, i) => stride * own[leading + i]),
    ...dilation.map((step, i) => step * own[leading + i]),
  ];
  const index = new Array<number>(windowed.length).fill(0);
  const total = sizeOf(windowed);
  for (let inWindow = 0, place = 0; inWindow < total; inWindow++) {
    visit(inWindow, place);
    for (let axis = windowed.length - 1; axis >= 0; axis--) {
      place += steps[axis];
      if (++index[axis] < windowed[axis]) break;
      place -= steps[axis] * windowed[axis];
      index[axis] = 0;
    }
  }
}
