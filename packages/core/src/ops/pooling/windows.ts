import type { Tensor } from "../../ir/tensor.ts";
import { asTensor, type TensorLike } from "../../prims/convert.ts";
import { builder } from "../../transform/vjp.ts";
import type { DType } from "../../types/dtype.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape, listOf, normalizeAxis, sizeOf } from "../../types/shape.ts";
import { IndexError, ShapeError, StateError } from "../../util/errors.ts";
import {
  axesIn,
  type PerAxis,
  perAxis,
  type Slide,
  type SlideOptions,
  shown,
  slideOf,
  spanOf,
} from "../convolution/geometry.ts";
import { countable, floatingOperand } from "../operands.ts";

export interface SlidingWindowOptions {
  /** The axes over which the window slides, one for each of its sizes: the last ones unless given. */
  readonly axes?: number | readonly number[];
  /** From one window to the next: 1 unless given. */
  readonly strides?: PerAxis;
  /** From one element of a window to the next: 1, side by side, unless given. */
  readonly dilation?: PerAxis;
}

export interface ReduceWindowOptions extends SlideOptions {
  /** The axes over which the window slides, one for each of its sizes: the last ones unless given. */
  readonly axes?: number | readonly number[];
}

/** What is made of the elements of a window. */
export type WindowReducer = "sum" | "mean" | "prod" | "max" | "min";

const INTEGER_EXTREMES: Partial<Record<DType, { readonly max: number; readonly min: number }>> = {
  int32: { max: -(2 ** 31), min: 2 ** 31 - 1 },
  uint32: { max: 0, min: 2 ** 32 - 1 },
};

/** What changes nothing about a window when it stands in the padding. */
export function neutral(reducer: WindowReducer, dtype: DType): number {
  if (reducer === "prod") return 1;
  if (reducer !== "max" && reducer !== "min") return 0;
  const infinity = reducer === "max" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return INTEGER_EXTREMES[dtype]?.[reducer] ?? infinity;
}

/** x with padding of `fill` around the axes over which a window slides. */
function filled(x: Tensor, axes: readonly number[], { low, high }: Slide, fill: number): Tensor {
  const around = (sizes: readonly number[]) => x.shape.map((_, axis) => sizes[axes.indexOf(axis)] ?? 0);
  const [before, behind] = [around(low), around(high)];
  if ([...before, ...behind].every((n) => n === 0)) return x.node;
  const padded = builder.pad(x, before, behind);
  if (fill === 0) return padded;
  const inside = builder.pad(builder.constant(1, x.shape, "bool"), before, behind);
  return builder.where(inside, padded, fill);
}

/** Windows over `axes`: the axes of x, with a place for each window, then the axes of the windows. */
export function windowsOver(x: Tensor, axes: readonly number[], slide: Slide, fill: number): Tensor {
  const { window, strides, dilation } = slide;
  const padded = filled(x, axes, slide, fill);
  const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const moved = builder.permute(padded, order);
  const windows = builder.windows(moved, { kernel: window, strides, dilation });
  const back = [...x.shape.keys()].map((axis) => order.indexOf(axis));
  return builder.permute(windows, [...back, ...window.map((_, i) => x.rank + i)]);
}

/** How many elements of x each window has, of a shape that broadcasts to the result. */
function counts(x: Tensor, axes: readonly number[], slide: Slide): Tensor {
  const alone = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
  return reduceWindows("counts", "sum", builder.constant(1, alone, x.dtype), axes, slide);
}

/** @throws ShapeError where a window lies in the padding altogether: there is no greatest element of nothing */
function checkElements(operation: string, x: Tensor, axes: readonly number[], slide: Slide): void {
  const { window, strides, dilation, low, high } = slide;
  axes.forEach((axis, i) => {
    const size = x.shape[axis];
    const places = Math.floor((size + low[i] + high[i] - spanOf(window[i], dilation[i])) / strides[i]) + 1;
    const meets = (place: number): boolean => {
      const start = place * strides[i] - low[i];
      for (let k = 0; k < window[i]; k++) {
        const at = start + k * dilation[i];
        if (at >= 0 && at < size) return true;
      }
      return false;
    };
    // Those that begin within x meet it; of those behind it the last is the furthest.
    let met = meets(places - 1);
    for (let place = 0; met && place < places && place * strides[i] < low[i]; place++) met = meets(place);
    if (met) return;
    throw new ShapeError(
      `padding ${low[i]} and ${high[i]} holds whole windows of ${window[i]} on axis ${axis} of ${formatShape(x.shape)}`,
      {
        operation,
        shapes: [x.shape],
        remedy: "Use less padding: a window has no greatest element, and no average, without elements",
      },
    );
  });
}

/** Each window over `axes` as one element. A mean counts what is there, or with `all` the padding too. */
export function reduceWindows(
  operation: string,
  reducer: WindowReducer,
  x: Tensor,
  axes: readonly number[],
  slide: Slide,
  all = false,
): Tensor {
  if (!all && reducer !== "sum" && reducer !== "prod") checkElements(operation, x, axes, slide);
  const windows = windowsOver(x, axes, slide, neutral(reducer, x.dtype));
  const inner = slide.window.map((_, i) => x.rank + i);
  if (reducer !== "mean") return builder.reduce(reducer, windows, inner);
  const total = builder.reduce("sum", windows, inner);
  if (all || [...slide.low, ...slide.high].every((n) => n === 0))
    return builder.div(total, sizeOf(slide.window));
  return builder.div(total, builder.broadcast(counts(x, axes, slide), total.shape));
}

/** The sizes of a window and its axes, counted from the front. @throws StateError, ShapeError, IndexError */
function windowAxes(
  operation: string,
  x: Tensor,
  given: PerAxis,
  named: number | readonly number[] | undefined,
): { window: number[]; axes: number[] } {
  const listed = named === undefined ? undefined : listOf(operation, "axes", named);
  const count = listed?.length ?? (typeof given === "number" ? 1 : axesIn(operation, "the window", given));
  const window = perAxis(operation, "the window", given, count);
  if (count > x.rank) {
    throw new ShapeError(`${formatShape(x.shape)} has fewer axes than the window ${formatShape(window)}`, {
      operation,
      shapes: [x.shape, window],
      remedy: "Give the window a size for each axis over which it slides",
    });
  }
  const axes = (listed ?? window.map((_, i) => i - count)).map((axis) =>
    normalizeAxis(operation, axis, x.rank),
  );
  if (new Set(axes).size === axes.length) return { window, axes };
  throw new IndexError(`axes ${formatShape(axes)} name an axis twice`, {
    operation,
    remedy: "A window slides over an axis once",
  });
}

/**
 * All windows of x, as NumPy's `sliding_window_view`: the axes over which the window slides keep their places, with an
 * element for each window, and the window's own axes are the last ones. `slidingWindow(x, 3)` of [10] is [8, 3]. Engines
 * look at x itself; nothing is copied unless the result is read.
 * @throws ShapeError where the window does not fit, StateError for a window or options that are none, IndexError for axes
 * that are not there
 */
export function slidingWindow(x: TensorLike, window: PerAxis, options: SlidingWindowOptions = {}): Tensor {
  const operation = "slidingWindow";
  checkOptions(operation, options, ["axes", "strides", "dilation"]);
  const tensor = asTensor(x, operation);
  const own = windowAxes(operation, tensor, window, options.axes);
  const sizes = own.axes.map((axis) => tensor.shape[axis]);
  const { strides, dilation } = options;
  const slide = slideOf(operation, sizes, own.window, { strides, dilation });
  return windowsOver(tensor, own.axes, slide, 0);
}

const REDUCERS: readonly unknown[] = ["sum", "mean", "prod", "max", "min"] satisfies WindowReducer[];

/**
 * Each window of x reduced to one element: its sum, mean, product, greatest or smallest element. The window slides by one
 * element unless `strides` are given; padding takes no part, also not in the count of a mean. Means of integers are float32;
 * equal greatest or smallest elements share the gradient, as in `max` and `min`.
 * @throws ShapeError where the window does not fit, StateError for a window, reducer or options that are none, IndexError
 * for axes that are not there
 */
export function reduceWindow(
  x: TensorLike,
  reducer: WindowReducer,
  window: PerAxis,
  options: ReduceWindowOptions = {},
): Tensor {
  const operation = "reduceWindow";
  checkOptions(operation, options, ["axes", "strides", "padding", "dilation"]);
  if (!REDUCERS.includes(reducer)) {
    throw new StateError(`${shown(reducer)} does not reduce windows`, {
      operation,
      remedy: `Use one of ${REDUCERS.join(", ")}`,
    });
  }
  const tensor = reducer === "mean" ? floatingOperand(operation, x) : countable(operation, x);
  const own = windowAxes(operation, tensor, window, options.axes);
  const sizes = own.axes.map((axis) => tensor.shape[axis]);
  const { axes: _, ...rest } = options;
  return reduceWindows(operation, reducer, tensor, own.axes, slideOf(operation, sizes, own.window, rest));
}
