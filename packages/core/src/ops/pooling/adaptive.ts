import type { Tensor } from "../../ir/tensor.ts";
import { fromValues, type TensorLike } from "../../prims/convert.ts";
import { builder } from "../../transform/vjp.ts";
import type { DType } from "../../types/dtype.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape, type Shape } from "../../types/shape.ts";
import type { ResizedShape, Settled, ShapeOf } from "../../types/static/index.ts";
import { ShapeError } from "../../util/errors.ts";
import { type PerAxis, perAxis, type Slide } from "../convolution/geometry.ts";
import type { DataFormat } from "../convolution/layout.ts";
import { take } from "../gather.ts";
import { countable, floatingOperand } from "../operands.ts";
import { pooledLayout, spatialAxes } from "./pool.ts";
import { neutral, reduceWindows } from "./windows.ts";

export interface AdaptivePoolOptions {
  /** Where the channels of x and of the result are: "channelsLast" unless given. */
  readonly dataFormat?: DataFormat;
}

/** The sections of an axis, from floor(i * size / count) to ceil((i + 1) * size / count): they may overlap. */
function sections(size: number, count: number): [from: number, to: number][] {
  return Array.from({ length: count }, (_, i) => [
    Math.floor((i * size) / count),
    Math.ceil(((i + 1) * size) / count),
  ]);
}

function adaptivePool(
  operation: string,
  reducer: "max" | "mean",
  x: Tensor,
  outputSize: PerAxis,
  options: AdaptivePoolOptions,
): Tensor {
  checkOptions(operation, options, ["dataFormat"]);
  const layout = pooledLayout(operation, x, outputSize, options.dataFormat);
  const counts = perAxis(operation, "outputSize", outputSize, layout.spatial.length);
  const axes = spatialAxes(layout);
  if (layout.spatial.includes(0)) {
    throw new ShapeError(`${formatShape(x.shape)} has a spatial axis without elements`, {
      operation,
      shapes: [x.shape],
      remedy: "Every spatial axis has one element or more",
    });
  }
  if (layout.spatial.every((size, i) => size % counts[i] === 0)) {
    const window = layout.spatial.map((size, i) => size / counts[i]);
    const zeros = window.map(() => 0);
    const slide: Slide = { window, strides: window, dilation: window.map(() => 1), low: zeros, high: zeros };
    return reduceWindows(operation, reducer, x, axes, slide);
  }
  return unevenly(reducer, x, axes, counts);
}

/** Sections of different lengths: each filled up to the longest one, with elements that do not count. */
function unevenly(
  reducer: "max" | "mean",
  x: Tensor,
  axes: readonly number[],
  counts: readonly number[],
): Tensor {
  const parts = axes.map((axis, i) => sections(x.shape[axis], counts[i]));
  const longest = parts.map((list) => Math.max(0, ...list.map(([from, to]) => to - from)));
  let picked = x;
  // From the last axis on, whose [count, length] leaves the places of those before it as they are.
  for (let i = axes.length - 1; i >= 0; i--) {
    const indices = parts[i].flatMap(([from, to]) =>
      Array.from({ length: longest[i] }, (_, k) => Math.min(from + k, to - 1)),
    );
    picked = take(picked, literals(indices, [counts[i], longest[i]], "int32"), { axis: axes[i] });
  }
  const placeOf = (i: number): number => axes[i] + i;
  let masked = picked;
  parts.forEach((list, i) => {
    if (list.every(([from, to]) => to - from === longest[i])) return;
    const inside = list.flatMap(([from, to]) =>
      Array.from({ length: longest[i] }, (_, k) => Number(from + k < to)),
    );
    const mask = literals(inside, [counts[i], longest[i]], "bool");
    masked = builder.where(spread(mask, picked, placeOf(i)), masked, neutral(reducer, x.dtype));
  });
  const inner = axes.map((_, i) => placeOf(i) + 1);
  if (reducer === "max") return builder.reduce("max", masked, inner);
  return parts.reduce(
    (total, list, i) => {
      const lengths = literals(
        list.map(([from, to]) => to - from),
        [counts[i]],
        x.dtype,
      );
      return builder.div(total, spread(lengths, total, axes[i]));
    },
    builder.reduce("sum", masked, inner),
  );
}

const literals = (values: readonly number[], shape: Shape, dtype: DType): Tensor =>
  fromValues(Float64Array.from(values), { shape, dtype });

/** The axes of `t`, which are those of `like` from one of them on, repeated along the others. */
function spread(t: Tensor, like: Tensor, axis: number): Tensor {
  const ones = new Array<number>(like.rank - axis - t.rank).fill(1);
  return builder.broadcast(builder.reshape(t, [...t.shape, ...ones]), like.shape);
}

/**
 * The average of each of `outputSize` sections of every spatial axis, whatever their sizes: section i of n goes from
 * floor(i * size / n) to ceil((i + 1) * size / n), as in PyTorch, so that sections may overlap. Axes are as in `averagePool`;
 * a number as `outputSize` is for all between the first, the batch, and the channels. Integers give float32.
 * @throws ShapeError where x has no such axes or no elements on them, StateError for options that are none
 */
export function adaptiveAveragePool<
  X extends TensorLike,
  const S extends PerAxis,
  const O extends AdaptivePoolOptions = Record<never, never>,
>(x: X, outputSize: S, options?: O): Tensor<Settled<ResizedShape<ShapeOf<X>, S, O>>>;
export function adaptiveAveragePool(
  x: TensorLike,
  outputSize: PerAxis,
  options: AdaptivePoolOptions = {},
): Tensor {
  const operation = "adaptiveAveragePool";
  return adaptivePool(operation, "mean", floatingOperand(operation, x), outputSize, options);
}

/**
 * The greatest element of each of `outputSize` sections of every spatial axis; sections and axes are those of
 * `adaptiveAveragePool`. Equal greatest elements share the gradient.
 * @throws ShapeError where x has no such axes or no elements on them, StateError for options that are none
 */
export function adaptiveMaxPool<
  X extends TensorLike,
  const S extends PerAxis,
  const O extends AdaptivePoolOptions = Record<never, never>,
>(x: X, outputSize: S, options?: O): Tensor<Settled<ResizedShape<ShapeOf<X>, S, O>>>;
export function adaptiveMaxPool(
  x: TensorLike,
  outputSize: PerAxis,
  options: AdaptivePoolOptions = {},
): Tensor {
  const operation = "adaptiveMaxPool";
  return adaptivePool(operation, "max", countable(operation, x), outputSize, options);
}
