import { commonDType } from "../ir/apply.ts";
import type { Builder, ConvParams } from "../ir/builder.ts";
import { callForm, latexCall } from "../ir/form.ts";
import { definePrimitive, type NDArray } from "../ir/primitive.ts";
import type { Tensor } from "../ir/tensor.ts";
import { isFloating } from "../types/dtype.ts";
import { formatShape, type Shape, sizeOf, toShape } from "../types/shape.ts";
import { DTypeError, ShapeError } from "../util/errors.ts";
import { FAULT } from "../util/fault.ts";

/** The size of an axis whose elements stand `step` apart. */
const spreadOut = (size: number, step: number): number => (size === 0 ? 0 : (size - 1) * step + 1);

/** How many places a kernel axis has on an axis of x; none where it does not fit. */
function places(size: number, kernel: number, params: ConvParams, axis: number): number {
  const { strides, low, high, inputDilation, kernelDilation } = params;
  const room = spreadOut(size, inputDilation[axis]) + low[axis] + high[axis];
  const span = spreadOut(kernel, kernelDilation[axis]);
  return room < span ? 0 : Math.floor((room - span) / strides[axis]) + 1;
}

/**
 * Cross-correlation: x [G, N, C, ...S] with kernels w [G, O, C, ...K] gives [G, N, O, ...T], where
 * `y[g, n, o, t] = sum over c and k of w[g, o, c, k] * x[g, n, c, (t * stride + k * kernelDilation - low) / inputDilation]`
 * over all places that exist. Groups of channels are the leading axis, which x and w have in common; which axis is last,
 * flipped kernels and everything else about layouts is movement around it. Closed under its own derivatives: both
 * transposes are a `conv` again, so that every order meets a fast kernel.
 */
export const conv = definePrimitive<ConvParams>({
  name: "conv",
  shape: ([x, w], params) => {
    const spatial = params.strides.length;
    if (
      x.rank !== spatial + 3 ||
      w.rank !== x.rank ||
      x.shape[0] !== w.shape[0] ||
      x.shape[2] !== w.shape[2]
    ) {
      throw new ShapeError(`${formatShape(x.shape)} and kernels ${formatShape(w.shape)} do not go together`, {
        operation: "conv",
        shapes: [x.shape, w.shape],
        remedy: FAULT,
      });
    }
    const [groups, batch] = x.shape;
    const sizes = params.strides.map((_, i) => places(x.shape[3 + i], w.shape[3 + i], params, i));
    return toShape([groups, batch, w.shape[1], ...sizes], "conv");
  },
  dtype: (inputs) => {
    const dtype = commonDType("conv", inputs);
    if (dtype !== "bool") return dtype;
    throw new DTypeError("dtype bool is not accepted", {
      operation: "conv",
      dtypes: [dtype],
      remedy: "Cast to int32 or float32",
    });
  },
  derivative: {
    kind: "multilinear",
    transpose: (b, ct, [x, w], params, index) => {
      // Nothing meets nothing: also where a kernel does not fit, so that no size below is that of an empty axis.
      const operand = index === 0 ? x : w;
      if (ct.size === 0 || x.size === 0 || w.size === 0) return b.literal(0, operand);
      return index === 0 ? transposeInput(b, ct, x, w, params) : transposeKernel(b, ct, x, w, params);
    },
  },
  batch: (b, [x, w], [xBatched, wBatched], params) => {
    if (xBatched && wBatched) return batchBoth(b, x, w, params);
    return xBatched ? batchInput(b, x, w, params) : batchKernel(b, x, w, params);
  },
  reference: ([x, w], params, out) => correlate(x, w, params, out),
  text: callForm("conv"),
  latex: latexCall("\\operatorname{conv}"),
});

/**
 * The cotangent of x: ct, its elements apart by the strides, with the flipped kernels, whose outputs and channels change
 * places. Place i of x gets what its kernel places t * stride + k * kernelDilation = i * inputDilation + low send back.
 */
function transposeInput(b: Builder, ct: Tensor, x: Tensor, w: Tensor, params: ConvParams): Tensor {
  const { strides, low, inputDilation, kernelDilation } = params;
  const spatial = strides.map((_, i) => 3 + i);
  const kernel = b.flip(b.permute(w, [0, 2, 1, ...spatial]), spatial);
  return b.conv(ct, kernel, {
    strides: inputDilation,
    low: strides.map((_, i) => (w.shape[3 + i] - 1) * kernelDilation[i] - low[i]),
    high: strides.map(
      (stride, i) => (x.shape[3 + i] - 1) * inputDilation[i] + low[i] - (ct.shape[3 + i] - 1) * stride,
    ),
    inputDilation: strides,
    kernelDilation,
  });
}

/**
 * The cotangent of w: x with ct as kernels, contracted over the batch, which changes places with the channels; what were
 * strides is now the kernels' dilation. Padding is cut to the places of w.
 */
function transposeKernel(b: Builder, ct: Tensor, x: Tensor, w: Tensor, params: ConvParams): Tensor {
  const { strides, low, inputDilation, kernelDilation } = params;
  const swapped = [0, 2, 1, ...strides.map((_, i) => 3 + i)];
  const byChannel = b.conv(b.permute(x, swapped), b.permute(ct, swapped), {
    strides: kernelDilation,
    low,
    high: strides.map((stride, i) => {
      const reach = (ct.shape[3 + i] - 1) * stride + (w.shape[3 + i] - 1) * kernelDilation[i];
      return reach - (x.shape[3 + i] - 1) * inputDilation[i] - low[i];
    }),
    inputDilation,
    kernelDilation: strides,
  });
  return b.permute(byChannel, swapped);
}

/** The axes of a node with `at` moved to `to`, the others in order. */
function moved(rank: number, at: number, to: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== at);
  axes.splice(to, 0, at);
  return axes;
}

/** Both vary: more groups. */
function batchBoth(b: Builder, x: Tensor, w: Tensor, params: ConvParams): Tensor {
  const merged = ({ shape: [lanes, groups, ...rest] }: Tensor) => [lanes * groups, ...rest];
  const y = b.conv(b.reshape(x, merged(x)), b.reshape(w, merged(w)), params);
  return b.reshape(y, [x.shape[0], x.shape[1], ...y.shape.slice(1)]);
}

/** Only x varies: a larger batch. */
function batchInput(b: Builder, x: Tensor, w: Tensor, params: ConvParams): Tensor {
  const [lanes, groups, batch, ...rest] = x.shape;
  const inGroups = b.reshape(b.permute(x, moved(x.rank, 0, 1)), [groups, lanes * batch, ...rest]);
  const y = b.conv(inGroups, w, params);
  const apart = b.reshape(y, [groups, lanes, batch, ...y.shape.slice(2)]);
  return b.permute(apart, moved(apart.rank, 1, 0));
}

/** Only the kernels vary: more outputs. */
function batchKernel(b: Builder, x: Tensor, w: Tensor, params: ConvParams): Tensor {
  const [lanes, groups, outputs, ...rest] = w.shape;
  const inGroups = b.reshape(b.permute(w, moved(w.rank, 0, 1)), [groups, lanes * outputs, ...rest]);
  const y = b.conv(x, inGroups, params);
  const apart = b.reshape(y, [groups, y.shape[1], lanes, outputs, ...y.shape.slice(3)]);
  return b.permute(apart, moved(apart.rank, 2, 0));
}

/**
 * The elements of x and of the kernel that meet in one place of the result, of one channel: offsets in pairs, NaN for x where the
 * kernel meets padding, which is 0 (and 0 times infinity is NaN). Between elements that `inputDilation` moves apart there is nothing.
 */
function meetings(place: number, out: Shape, x: Shape, w: Shape, params: ConvParams): number[] {
  const { strides, low, inputDilation, kernelDilation } = params;
  let pairs = [0, 0];
  for (let axis = strides.length - 1, rest = place, xStep = 1, wStep = 1; axis >= 0; axis--) {
    const t = rest % out[axis];
    rest = (rest - t) / out[axis];
    const wider: number[] = [];
    for (let k = 0; k < w[axis]; k++) {
      const i = (t * strides[axis] + k * kernelDilation[axis] - low[axis]) / inputDilation[axis];
      if (!Number.isInteger(i)) continue;
      const offset = i < 0 || i >= x[axis] ? Number.NaN : i * xStep;
      for (let at = 0; at < pairs.length; at += 2) wider.push(pairs[at] + offset, pairs[at + 1] + k * wStep);
    }
    pairs = wider;
    xStep *= x[axis];
    wStep *= w[axis];
  }
  return pairs;
}

/** Every element summed over channels and kernel places in float64 and rounded once; integers modulo 2^32. */
function correlate(x: NDArray, w: NDArray, params: ConvParams, out: NDArray): void {
  const [xSizes, wSizes, sizes] = [x, w, out].map(({ shape }) => shape.slice(3));
  const [xCount, wCount, count] = [xSizes, wSizes, sizes].map(sizeOf);
  const [groups, batch, channels] = x.shape;
  const outputs = w.shape[1];
  const add = isFloating(out.dtype)
    ? (total: number, a: number, b: number) => total + a * b
    : (total: number, a: number, b: number) => (total + Math.imul(a, b)) | 0;
  for (let place = 0; place < count; place++) {
    const pairs = meetings(place, sizes, xSizes, wSizes, params);
    for (let row = 0; row < groups * batch; row++) {
      const group = Math.floor(row / batch);
      for (let output = 0; output < outputs; output++) {
        let total = 0;
        for (let channel = 0; channel < channels; channel++) {
          const xStart = (row * channels + channel) * xCount;
          const wStart = ((group * outputs + output) * channels + channel) * wCount;
          for (let at = 0; at < pairs.length; at += 2) {
            const value = Number.isNaN(pairs[at]) ? 0 : x.data[xStart + pairs[at]];
            total = add(total, value, w.data[wStart + pairs[at + 1]]);
          }
        }
        out.data[(row * outputs + output) * count + place] = total;
      }
    }
  }
}
