import { commonDType } from "../ir/apply.ts";
import type { Builder } from "../ir/builder.ts";
import { callForm, Level, latexCall, raised, transparent, within } from "../ir/form.ts";
import { definePrimitive, type NDArray } from "../ir/primitive.ts";
import type { Tensor } from "../ir/tensor.ts";
import { formatShape, type Shape, sameShape, sizeOf, stretches, stridesOf, toShape } from "../types/shape.ts";
import { IndexError, ShapeError } from "../util/errors.ts";

// Axes are counted from the end, and lists of axes speak of the last ones: a new leading axis changes nothing, so
// that most batching rules are "same".

/** Calls `visit(to, from)` for every element of `shape`, in row-major order; `from` moves by `strides` from `start`. */
function walk(
  shape: Shape,
  strides: readonly number[],
  start: number,
  visit: (to: number, from: number) => void,
): void {
  const total = sizeOf(shape);
  if (total === 0) return;
  const rank = shape.length;
  const inner = rank === 0 ? 1 : shape[rank - 1];
  const innerStride = rank === 0 ? 0 : strides[rank - 1];
  const index = new Array<number>(rank).fill(0);
  let from = start;
  for (let to = 0; to < total; ) {
    for (let i = 0, position = from; i < inner; i++, position += innerStride) visit(to++, position);
    for (let axis = rank - 2; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

const gather = (x: NDArray, out: NDArray, strides: readonly number[], start = 0): void => {
  const from = x.data;
  const to = out.data;
  walk(out.shape, strides, start, (t, f) => {
    to[t] = from[f];
  });
};

/** The other elements, in the same row-major order. */
export const reshape = definePrimitive<{ readonly shape: Shape }>({
  name: "reshape",
  shape: ([x], { shape }) => {
    if (sizeOf(shape) !== x.size) {
      throw new ShapeError(
        `${formatShape(x.shape)} has ${x.size} elements, ${formatShape(shape)} has ${sizeOf(shape)}`,
        {
          operation: "reshape",
          shapes: [x.shape, shape],
          remedy: "The number of elements must stay the same; one size may be -1",
        },
      );
    }
    return toShape(shape);
  },
  dtype: ([x]) => x.dtype,
  derivative: {
    kind: "linear",
    transpose: (b, ct, [x]) => [b.reshape(ct, x.shape)],
    mask: (b, mask, [x]) => [b.reshape(mask, x.shape)],
  },
  batch: (b, [x], _, { shape }, size) => b.reshape(x, [size, ...shape]),
  reference: ([x], _, out) => out.data.set(x.data),
  text: transparent,
  latex: transparent,
});

/** Axis -i of the result is axis `axes[rank - i]` of x; all are negative. */
export const permute = definePrimitive<{ readonly axes: readonly number[] }>({
  name: "permute",
  shape: ([x], { axes }) => {
    const { shape } = x;
    const sizes: number[] = [];
    for (let axis = 0; axis < shape.length - axes.length; axis++) sizes.push(shape[axis]);
    for (let i = 0; i < axes.length; i++) sizes.push(shape[shape.length + axes[i]]);
    return toShape(sizes, "transpose");
  },
  dtype: ([x]) => x.dtype,
  derivative: {
    kind: "linear",
    transpose: (b, ct, [x], { axes }) => [b.permute(ct, inversePermutation(axes, x.rank))],
    mask: (b, mask, [x], { axes }) => [b.permute(mask, inversePermutation(axes, x.rank))],
  },
  batch: "same",
  reference: ([x], { axes }, out) => {
    const strides = stridesOf(x.shape);
    const rank = x.shape.length;
    const leading = strides.slice(0, rank - axes.length);
    gather(x, out, [...leading, ...axes.map((axis) => strides[rank + axis])]);
  },
  text: callForm("transpose"),
  latex: ([x]) => raised(x, "{\\top}", true),
});

/** The permutation, counted from the front, that undoes one counted from the end. */
function inversePermutation(axes: readonly number[], rank: number): number[] {
  const full = axesFromFront(axes, rank);
  const inverse = new Array<number>(rank);
  full.forEach((from, to) => {
    inverse[from] = to;
  });
  return inverse;
}

const axesFromFront = (axes: readonly number[], rank: number): number[] => {
  const leading = rank - axes.length;
  return [...Array.from({ length: leading }, (_, axis) => axis), ...axes.map((axis) => axis + rank)];
};

/** Axes are aligned at the end; missing ones and those of size 1 are repeated. */
export const broadcast = definePrimitive<{ readonly shape: Shape }>({
  name: "broadcast",
  shape: ([x], { shape }) => {
    if (!stretches(x.shape, shape)) {
      throw new ShapeError(`${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`, {
        operation: "broadcastTo",
        shapes: [x.shape, shape],
        remedy: "Aligned at the end, each size must be equal or 1",
      });
    }
    return toShape(shape, "broadcastTo");
  },
  dtype: ([x]) => x.dtype,
  derivative: {
    kind: "linear",
    transpose: (b, ct, [x], { shape }) => {
      const spread = spreadAxes(x.shape, shape);
      return [spread.length === 0 ? ct : b.reshape(b.reduce("sum", ct, spread), x.shape)];
    },
    mask: (b, mask, [x], { shape }) => {
      const spread = spreadAxes(x.shape, shape);
      return [spread.length === 0 ? mask : b.reshape(b.reduce("or", mask, spread), x.shape)];
    },
    adds: true,
  },
  batch: (b, [x], _, { shape }, size) => {
    const ones = new Array<number>(shape.length + 1 - x.rank).fill(1);
    const aligned = ones.length === 0 ? x : b.reshape(x, [size, ...ones, ...x.shape.slice(1)]);
    return b.broadcast(aligned, [size, ...shape]);
  },
  reference: ([x], { shape }, out) => {
    if (x.data.length === 1) {
      out.data.fill(x.data[0]);
      return;
    }
    const own = stridesOf(x.shape);
    const offset = shape.length - x.shape.length;
    const strides = shape.map((_, axis) =>
      axis < offset || x.shape[axis - offset] === 1 ? 0 : own[axis - offset],
    );
    gather(x, out, strides);
  },
  text: transparent,
  latex: transparent,
});

/** The axes of `to` (from the front) along which `from` is repeated. */
function spreadAxes(from: Shape, to: Shape): number[] {
  const offset = to.length - from.length;
  const axes: number[] = [];
  for (let axis = 0; axis < to.length; axis++) {
    if (axis < offset || from[axis - offset] !== to[axis]) axes.push(axis);
  }
  return axes;
}

export interface SliceParams {
  readonly start: readonly number[];
  /** Exclusive. */
  readonly end: readonly number[];
  /** 1 or more. */
  readonly step: readonly number[];
}

/** A box of x, with positive steps, along the last axes. */
export const slice = definePrimitive<SliceParams>({
  name: "slice",
  shape: ([x], { start, end, step }) => {
    const leading = x.rank - start.length;
    return toShape(
      x.shape.map((size, axis) => {
        const i = axis - leading;
        if (i < 0) return size;
        if (start[i] < 0 || end[i] > size || start[i] > end[i] || step[i] < 1) {
          throw new IndexError(`${start[i]}:${end[i]}:${step[i]} leaves axis ${axis} of size ${size}`, {
            operation: "slice",
            shapes: [x.shape],
            remedy: "Start and end lie within the axis, start before end",
          });
        }
        return Math.ceil((end[i] - start[i]) / step[i]);
      }),
    );
  },
  dtype: ([x]) => x.dtype,
  derivative: {
    kind: "linear",
    transpose: (b, ct, [x], params) => [unslice(b.pad, ct, x.shape, params)],
    mask: (b, mask, [x], params) => [unslice(b.pad, mask, x.shape, params)],
  },
  batch: "same",
  reference: ([x], { start, step }, out) => {
    const own = stridesOf(x.shape);
    const leading = x.shape.length - start.length;
    const strides = own.map((stride, axis) => (axis < leading ? stride : stride * step[axis - leading]));
    const first = start.reduce((sum, s, i) => sum + s * own[leading + i], 0);
    gather(x, out, strides, first);
  },
  text: ([x], { start, end, step }) => ({
    text: `${within(x, Level.atom)}[${start.map((s, i) => `${s}:${end[i]}${step[i] === 1 ? "" : `:${step[i]}`}`).join(", ")}]`,
    level: 7,
  }),
  latex: ([x], { start, end, step }) => ({
    text: `${within(x, Level.atom, true)}_{${start.map((s, i) => `${s}:${end[i]}${step[i] === 1 ? "" : `:${step[i]}`}`).join(", ")}}`,
    level: 6,
  }),
});

type Pad = (
  x: Tensor,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[],
) => Tensor;

/** Puts a slice back where it was, in zeros. */
const unslice = (pad: Pad, ct: Tensor, shape: Shape, { start, step }: SliceParams) => {
  const leading = shape.length - start.length;
  const low = shape.map((_, axis) => (axis < leading ? 0 : start[axis - leading]));
  const interior = shape.map((_, axis) => (axis < leading ? 0 : step[axis - leading] - 1));
  const high = shape.map((size, axis) => size - low[axis] - dilated(ct.shape[axis], interior[axis]));
  return pad(ct, low, high, interior);
};

/** The size of an axis with `interior` zeros between its elements. */
const dilated = (size: number, interior: number): number => (size === 0 ? 0 : size + (size - 1) * interior);

export interface PadParams {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
}

/** Zeros before, after and between the elements of the last axes; a negative `low` or `high` cuts away. */
export const pad = definePrimitive<PadParams>({
  name: "pad",
  shape: ([x], { low, high, interior }) => {
    const leading = x.rank - low.length;
    return toShape(
      x.shape.map((size, axis) => {
        const i = axis - leading;
        if (i < 0) return size;
        const result = low[i] + dilated(size, interior[i]) + high[i];
        if (result >= 0 && interior[i] >= 0) return result;
        throw new ShapeError(
          `padding ${low[i]}, ${high[i]} cuts more than axis ${axis} of size ${size} has`,
          {
            operation: "pad",
            shapes: [x.shape],
            remedy: "Negative padding cuts at most what is there",
          },
        );
      }),
    );
  },
  dtype: ([x]) => x.dtype,
  derivative: {
    kind: "linear",
    transpose: (b, ct, [x], params) => [unpad(b, ct, x.rank, params)],
    mask: (b, mask, [x], params) => [unpad(b, mask, x.rank, params)],
  },
  batch: "same",
  reference: ([x], { low, interior }, out) => {
    const own = stridesOf(out.shape);
    const leading = out.shape.length - low.length;
    const spacing = (axis: number) => (axis < leading ? 1 : interior[axis - leading] + 1);
    const offset = (axis: number) => (axis < leading ? 0 : low[axis - leading]);
    const inSizes = x.shape;
    const index = new Array<number>(inSizes.length).fill(0);
    out.data.fill(0);
    for (let from = 0; from < x.data.length; from++) {
      let to = 0;
      let inside = true;
      for (let axis = 0; axis < inSizes.length; axis++) {
        const place = offset(axis) + index[axis] * spacing(axis);
        inside &&= place >= 0 && place < out.shape[axis];
        to += place * own[axis];
      }
      if (inside) out.data[to] = x.data[from];
      for (let axis = inSizes.length - 1; axis >= 0; axis--) {
        if (++index[axis] < inSizes[axis]) break;
        index[axis] = 0;
      }
    }
  },
  text: callForm("pad"),
  latex: latexCall("\\operatorname{pad}"),
});

/** The elements that a pad put in place, where they still are; zeros for those that it cut away. */
function unpad(b: Builder, ct: Tensor, rank: number, params: PadParams): Tensor {
  const leading = rank - params.low.length;
  const full = (list: readonly number[]) => [...new Array<number>(leading).fill(0), ...list];
  const negative = (list: readonly number[]) => full(list).map((n) => (n === 0 ? 0 : -n));
  const framed = b.pad(ct, negative(params.low), negative(params.high));
  const step = full(params.interior).map((n) => n + 1);
  if (step.every((s) => s === 1)) return framed;
  return b.slice(framed, new Array<number>(rank).fill(0), framed.shape, step);
}

/** The elements in reverse order along `axes` (negative). */
export const flip = definePrimitive<{ readonly axes: readonly number[] }>({
  name: "flip",
  shape: ([x]) => x.shape,
  dtype: ([x]) => x.dtype,
  derivative: {
    kind: "linear",
    transpose: (b, ct, [x], { axes }) => [
      b.flip(
        ct,
        axes.map((axis) => axis + x.rank),
      ),
    ],
    mask: (b, mask, [x], { axes }) => [
      b.flip(
        mask,
        axes.map((axis) => axis + x.rank),
      ),
    ],
  },
  batch: "same",
  reference: ([x], { axes }, out) => {
    const strides = stridesOf(x.shape);
    let start = 0;
    for (const negative of axes) {
      const axis = negative + x.shape.length;
      start += strides[axis] * (x.shape[axis] - 1);
      strides[axis] = -strides[axis];
    }
    gather(x, out, strides, start);
  },
  text: callForm("flip"),
  latex: latexCall("\\operatorname{flip}"),
});

/** All inputs behind one another along `axis` (negative). */
export const concat = definePrimitive<{ readonly axis: number }>({
  name: "concat",
  shape: (inputs, { axis }) => {
    const [first] = inputs;
    const place = first.rank + axis;
    const rest = (shape: Shape) => shape.filter((_, i) => i !== place);
    for (const x of inputs) {
      if (x.rank !== first.rank || !sameShape(rest(x.shape), rest(first.shape))) {
        throw new ShapeError(
          `shapes ${inputs.map((y) => formatShape(y.shape)).join(", ")} differ outside of axis ${place}`,
          {
            operation: "concat",
            shapes: inputs.map((y) => y.shape),
            remedy: "All sizes but that of the axis must be equal",
          },
        );
      }
    }
    const total = inputs.reduce((sum, x) => sum + x.shape[place], 0);
    return toShape(first.shape.map((size, i) => (i === place ? total : size)));
  },
  dtype: (inputs) => commonDType("concat", inputs),
  derivative: {
    kind: "linear",
    transpose: (b, ct, inputs, { axis }) => sections(b, ct, inputs, axis),
    mask: (b, mask, inputs, { axis }) => sections(b, mask, inputs, axis),
  },
  batch: "same",
  reference: (inputs, { axis }, out) => {
    const place = out.shape.length + axis;
    const outer = sizeOf(out.shape.slice(0, place));
    const row = sizeOf(out.shape.slice(place));
    let offset = 0;
    for (const x of inputs) {
      const width = sizeOf(x.shape.slice(place));
      for (let i = 0; i < outer; i++)
        out.data.set(x.data.subarray(i * width, (i + 1) * width), i * row + offset);
      offset += width;
    }
  },
  text: callForm("concat"),
  latex: latexCall("\\operatorname{concat}"),
});

function sections(b: Builder, whole: Tensor, inputs: readonly Tensor[], axis: number): Tensor[] {
  const place = whole.rank + axis;
  let offset = 0;
  return inputs.map((x) => {
    const start = whole.shape.map((_, i) => (i === place ? offset : 0));
    offset += x.shape[place];
    const end = whole.shape.map((size, i) => (i === place ? offset : size));
    return b.slice(whole, start, end);
  });
}
