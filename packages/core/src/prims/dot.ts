import { commonDType } from "../ir/apply.ts";
import type { Builder, DotAxes } from "../ir/builder.ts";
import { atom, type Formula, infix, Level, raised } from "../ir/form.ts";
import { definePrimitive, type NDArray } from "../ir/primitive.ts";
import type { Tensor } from "../ir/tensor.ts";
import { createArray, isFloating, type TypedArray } from "../types/dtype.ts";
import { formatShape, type Shape, sizeOf, stridesOf, toShape } from "../types/shape.ts";
import { DTypeError, ShapeError } from "../util/errors.ts";
import { FAULT } from "../util/fault.ts";
import { matmulKernel } from "./matmulKernel.ts";

/** The axes of one operand that are neither contracted nor walked in step. */
function freeAxes(rank: number, contract: readonly number[], batch: readonly number[]): number[] {
  const free: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    if (!contract.includes(axis) && !batch.includes(axis)) free.push(axis);
  }
  return free;
}

const pick = (shape: Shape, axes: readonly number[]): number[] => axes.map((axis) => shape[axis]);

function range(start: number, length: number): number[] {
  const axes: number[] = [];
  for (let i = 0; i < length; i++) axes.push(start + i);
  return axes;
}

/** @throws ShapeError where axes that go together differ in size */
function checkPairs(
  x: Tensor,
  y: Tensor,
  left: readonly number[],
  right: readonly number[],
  what: string,
): void {
  for (let i = 0; i < left.length; i++) {
    const [m, n] = [x.shape[left[i]], y.shape[right[i]]];
    if (m === n) continue;
    throw new ShapeError(`${what} differ: ${formatShape(x.shape)} x ${formatShape(y.shape)} (${m} vs ${n})`, {
      operation: "dot",
      shapes: [x.shape, y.shape],
      remedy: FAULT,
    });
  }
}

/**
 * The sum of products over contracted axes: axes of the result are the batch axes, the free axes of x, those of y.
 * Closed under its own derivatives: each of them is a `dot` (and a permute where the layout asks for one).
 */
export const dot = definePrimitive<DotAxes>({
  name: "dot",
  shape: ([x, y], { contract, batch }) => {
    checkPairs(x, y, contract[0], contract[1], "inner dimensions");
    checkPairs(x, y, batch[0], batch[1], "batch dimensions");
    const sizes: number[] = [];
    for (const axis of batch[0]) sizes.push(x.shape[axis]);
    for (const axis of freeAxes(x.rank, contract[0], batch[0])) sizes.push(x.shape[axis]);
    for (const axis of freeAxes(y.rank, contract[1], batch[1])) sizes.push(y.shape[axis]);
    return toShape(sizes);
  },
  dtype: (inputs) => {
    const dtype = commonDType("dot", inputs);
    if (dtype !== "bool") return dtype;
    throw new DTypeError("dtype bool is not accepted", {
      operation: "dot",
      dtypes: [dtype],
      remedy: "Cast to int32 or float32",
    });
  },
  derivative: {
    kind: "multilinear",
    transpose: (b, ct, [x, y], axes, index) =>
      index === 0 ? transposeLeft(b, ct, x, y, axes) : transposeRight(b, ct, x, y, axes),
  },
  batch: (b, [x, y], [xBatched, yBatched], axes, size) => batchDot(b, x, y, xBatched, yBatched, axes, size),
  reference: ([x, y], axes, out) => contractArrays(x, y, axes, out),
  text: (operands, axes, node) => dotForm(operands, axes, node, false),
  latex: (operands, axes, node) => dotForm(operands, axes, node, true),
});

/** `x @ y`, with matrices transposed where the axes say so; `dot(x, y)` for what is no product of matrices. */
function dotForm(
  operands: readonly Formula[],
  { contract, batch }: DotAxes,
  { inputs: [x, y] }: Tensor,
  latex: boolean,
): Formula {
  const [left, right] = [x.rank - contract[0][0], y.rank - contract[1][0]];
  const walked = batch.every((list) => list.every((axis, i) => axis === i));
  const matrices =
    contract[0].length === 1 &&
    walked &&
    [x, y].every(({ rank }, k) => rank - batch[k].length <= 2 && rank > batch[k].length) &&
    left + right <= 4;
  if (!matrices) {
    const text = operands.map((operand) => operand.text).join(", ");
    return atom(latex ? `\\operatorname{dot}\\left(${text}\\right)` : `dot(${text})`);
  }
  const transposed = (formula: Formula): Formula =>
    latex ? raised(formula, "{\\top}", true) : atom(`transpose(${formula.text})`);
  const first = left === 2 ? transposed(operands[0]) : operands[0];
  const isMatrix = y.rank - batch[1].length === 2;
  const second = isMatrix && right === 1 ? transposed(operands[1]) : operands[1];
  return infix(latex ? " " : " @ ", Level.product, latex, latex)([first, second], {}, undefined as never);
}

/** The cotangent of x: ct, contracted with y over y's free axes; back into x's order of axes. */
function transposeLeft(b: Builder, ct: Tensor, x: Tensor, y: Tensor, { contract, batch }: DotAxes): Tensor {
  const xFree = freeAxes(x.rank, contract[0], batch[0]);
  const yFree = freeAxes(y.rank, contract[1], batch[1]);
  const n = batch[0].length;
  const product = b.dot(ct, y, {
    contract: [range(n + xFree.length, yFree.length), yFree],
    batch: [range(0, n), batch[1]],
  });
  // Axes of the product: batch, free of x, then y's contracted axes in ascending order.
  const partner = [...contract[1]]
    .sort((p, q) => p - q)
    .map((axis) => contract[0][contract[1].indexOf(axis)]);
  return restore(b, product, [...batch[0], ...xFree, ...partner]);
}

/** The cotangent of y: x, contracted with ct over x's free axes; back into y's order of axes. */
function transposeRight(b: Builder, ct: Tensor, x: Tensor, y: Tensor, { contract, batch }: DotAxes): Tensor {
  const xFree = freeAxes(x.rank, contract[0], batch[0]);
  const yFree = freeAxes(y.rank, contract[1], batch[1]);
  const n = batch[0].length;
  const product = b.dot(x, ct, {
    contract: [xFree, range(n, xFree.length)],
    batch: [batch[0], range(0, n)],
  });
  const partner = [...contract[0]]
    .sort((p, q) => p - q)
    .map((axis) => contract[1][contract[0].indexOf(axis)]);
  return restore(b, product, [...batch[1], ...partner, ...yFree]);
}

/** Axis i of `product` is axis `places[i]` of the result. */
function restore(b: Builder, product: Tensor, places: readonly number[]): Tensor {
  const axes = new Array<number>(places.length);
  places.forEach((place, axis) => {
    axes[place] = axis;
  });
  return b.permute(product, axes);
}

/** Both operands varying: a batch axis more. One: a free axis more, which is then moved to the front. */
function batchDot(
  b: Builder,
  x: Tensor,
  y: Tensor,
  xBatched: boolean,
  yBatched: boolean,
  axes: DotAxes,
  _size: number,
): Tensor {
  const shift = (list: readonly number[], by: boolean) => (by ? list.map((axis) => axis + 1) : list);
  const contract = [shift(axes.contract[0], xBatched), shift(axes.contract[1], yBatched)] as const;
  const batch = [shift(axes.batch[0], xBatched), shift(axes.batch[1], yBatched)] as const;
  if (xBatched && yBatched)
    return b.dot(x, y, {
      contract,
      batch: [
        [0, ...batch[0]],
        [0, ...batch[1]],
      ],
    });
  const product = b.dot(x, y, { contract, batch });
  const xFree = x.rank - contract[0].length - batch[0].length;
  const from = batch[0].length + (xBatched ? 0 : xFree);
  return b.permute(product, [from, ...range(0, product.rank).filter((axis) => axis !== from)]);
}

/** Both operands as [batch, rows, inner] and [batch, inner, columns], multiplied. */
function contractArrays(x: NDArray, y: NDArray, { contract, batch }: DotAxes, out: NDArray): void {
  const xFree = freeAxes(x.shape.length, contract[0], batch[0]);
  const yFree = freeAxes(y.shape.length, contract[1], batch[1]);
  const left = arranged(x, [...batch[0], ...xFree, ...contract[0]]);
  const right = arranged(y, [...batch[1], ...contract[1], ...yFree]);
  const rows = sizeOf(pick(x.shape, xFree));
  const columns = sizeOf(pick(y.shape, yFree));
  const inner = sizeOf(pick(x.shape, contract[0]));
  const count = sizeOf(pick(x.shape, batch[0]));
  const integer = !isFloating(x.dtype);
  for (let i = 0; i < count; i++) {
    const a = left.subarray(i * rows * inner, (i + 1) * rows * inner);
    const c = right.subarray(i * inner * columns, (i + 1) * inner * columns);
    const to = out.data.subarray(i * rows * columns, (i + 1) * rows * columns);
    if (integer) integerMatmul(a, c, to, rows, inner, columns);
    else matmulKernel(a, c, to, rows, inner, columns);
  }
}

/** x's elements with its axes in the given order; x's own array when that is the order already. */
function arranged(x: NDArray, order: readonly number[]): TypedArray {
  if (order.every((axis, i) => axis === i)) return x.data;
  const strides = stridesOf(x.shape);
  const sizes = pick(x.shape, order);
  const steps = order.map((axis) => strides[axis]);
  const result = createArray(x.dtype, x.data.length);
  const index = new Array<number>(order.length).fill(0);
  const last = order.length - 1;
  let from = 0;
  for (let to = 0; to < result.length; ) {
    for (let i = 0, position = from; i < sizes[last]; i++, position += steps[last])
      result[to++] = x.data[position];
    for (let axis = last - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < sizes[axis]) break;
      from -= steps[axis] * sizes[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/** Modulo 2^32, as integers multiply and add. */
function integerMatmul(
  a: TypedArray,
  b: TypedArray,
  out: TypedArray,
  rows: number,
  inner: number,
  columns: number,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let total = 0;
      for (let k = 0; k < inner; k++) total = (total + Math.imul(a[i * inner + k], b[k * columns + j])) | 0;
      out[i * columns + j] = total;
    }
  }
}
