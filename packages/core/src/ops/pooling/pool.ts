import type { Tensor } from "../../ir/tensor.ts";
import type { TensorLike } from "../../prims/convert.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape } from "../../types/shape.ts";
import type { PoolShape, Settled, ShapeOf } from "../../types/static/index.ts";
import { ShapeError, StateError } from "../../util/errors.ts";
import {
  axesIn,
  type PerAxis,
  perAxis,
  type Slide,
  type SlideOptions,
  slideOf,
} from "../convolution/geometry.ts";
import {
  type DataFormat,
  isChannelsLast,
  type Layout,
  layoutOf,
  spatialCountOf,
} from "../convolution/layout.ts";
import { norm } from "../norm.ts";
import { countable, floatingOperand } from "../operands.ts";
import { reduceWindows, windowsOver } from "./windows.ts";

export interface PoolOptions extends SlideOptions {
  /** From one window to the next: the sizes of the window unless given. */
  readonly strides?: PerAxis;
  /** Where the channels of x and of the result are: "channelsLast" unless given. */
  readonly dataFormat?: DataFormat;
}

export interface AveragePoolOptions extends PoolOptions {
  /** Whether padding counts as zeros. Not unless given: an average is one of what is there. */
  readonly countIncludePad?: boolean;
}

export interface LpPoolOptions extends PoolOptions {
  /** A number above 0; 2 unless given. */
  readonly ord?: number;
}

const OPTIONS = ["strides", "padding", "dilation", "dataFormat"];

/** Where the axes of x are, of which so many are spatial: with a number, all but the batch and the channels. */
export function pooledLayout(
  operation: string,
  x: Tensor,
  sizes: PerAxis,
  format: DataFormat | undefined,
): Layout {
  const last = isChannelsLast(operation, format);
  if (typeof sizes !== "number") return layoutOf(operation, x, axesIn(operation, "the window", sizes), last);
  if (spatialCountOf(x) > 0) return layoutOf(operation, x, spatialCountOf(x), last);
  throw new ShapeError(`${formatShape(x.shape)} has no spatial axes between a batch and channels`, {
    operation,
    shapes: [x.shape],
    remedy: `Give a list with a size for each spatial axis, such as [${sizes}], where there is no batch`,
  });
}

/** The spatial axes of x, counted from the front. */
export const spatialAxes = ({ leading, spatial, last }: Layout): number[] =>
  spatial.map((_, i) => leading.length + i + (last ? 0 : 1));

/** A window on the spatial axes of x. */
function pooled(
  operation: string,
  x: Tensor,
  window: PerAxis,
  { dataFormat, ...options }: PoolOptions,
): { axes: number[]; slide: Slide } {
  const layout = pooledLayout(operation, x, window, dataFormat);
  const sizes = perAxis(operation, "the window", window, layout.spatial.length);
  return { axes: spatialAxes(layout), slide: slideOf(operation, layout.spatial, sizes, options, sizes) };
}

/**
 * The greatest element of each window. x is [..., ...spatial, channels] with any leading axes, or with dataFormat
 * "channelsFirst" [..., channels, ...spatial]; a number as window is for all axes between the first, the batch, and the
 * channels. Windows lie side by side unless `strides` are given. Padding is never the greatest.
 *
 * Equal greatest elements of a window share the gradient, as in `max` (PyTorch and JAX give all to one of them). NaN wins.
 * @throws ShapeError where the window does not fit or lies in the padding, StateError for a window or options that are none
 */
export function maxPool<
  X extends TensorLike,
  const W extends PerAxis,
  const O extends PoolOptions = Record<never, never>,
>(x: X, window: W, options?: O): Tensor<Settled<PoolShape<ShapeOf<X>, W, O>>>;
export function maxPool(x: TensorLike, window: PerAxis, options: PoolOptions = {}): Tensor {
  checkOptions("maxPool", options, OPTIONS);
  const tensor = countable("maxPool", x);
  const { axes, slide } = pooled("maxPool", tensor, window, options);
  return reduceWindows("maxPool", "max", tensor, axes, slide);
}

/**
 * The average of each window, of axes as in `maxPool`. Padding does not count, as in Keras and TensorFlow, unless
 * `countIncludePad` is true, as in PyTorch. Integers give float32.
 * @throws ShapeError where the window does not fit or lies in the padding, StateError for a window or options that are none
 */
export function averagePool<
  X extends TensorLike,
  const W extends PerAxis,
  const O extends AveragePoolOptions = Record<never, never>,
>(x: X, window: W, options?: O): Tensor<Settled<PoolShape<ShapeOf<X>, W, O>>>;
export function averagePool(x: TensorLike, window: PerAxis, options: AveragePoolOptions = {}): Tensor {
  checkOptions("averagePool", options, [...OPTIONS, "countIncludePad"]);
  const { countIncludePad = false, ...own } = options;
  const tensor = floatingOperand("averagePool", x);
  const { axes, slide } = pooled("averagePool", tensor, window, own);
  return reduceWindows("averagePool", "mean", tensor, axes, slide, countIncludePad);
}

/**
 * The length of each window as a vector, (sum |x|^ord)^(1/ord), of axes as in `maxPool`: for `ord` 1 the sum of absolute
 * values, for Infinity the greatest. Derivatives are 0 where a window holds zeros alone, as in `norm`. (PyTorch's `lp_pool`
 * takes powers of x instead of |x|.) Integers give float32.
 * @throws ShapeError where the window does not fit, StateError for a window or options that are none
 */
export function lpPool<
  X extends TensorLike,
  const W extends PerAxis,
  const O extends LpPoolOptions = Record<never, never>,
>(x: X, window: W, options?: O): Tensor<Settled<PoolShape<ShapeOf<X>, W, O>>>;
export function lpPool(x: TensorLike, window: PerAxis, options: LpPoolOptions = {}): Tensor {
  checkOptions("lpPool", options, [...OPTIONS, "ord"]);
  const { ord = 2, ...own } = options;
  if (typeof ord !== "number" || !(ord > 0)) {
    throw new StateError(`ord is ${JSON.stringify(ord)}`, {
      operation: "lpPool",
      remedy: "Use a number above 0",
    });
  }
  const tensor = floatingOperand("lpPool", x);
  const { axes, slide } = pooled("lpPool", tensor, window, own);
  const windows = windowsOver(tensor, axes, slide, 0);
  return norm(windows, { ord, axes: slide.window.map((_, i) => tensor.rank + i) });
}
