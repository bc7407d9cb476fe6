import type { ConvParams, FoldParams, Shape } from "@cotangent/core";
import type { ConvAxis, ConvProblem } from "../library/conv/index.ts";
import { rowMajor, sizeOf } from "./affine.ts";
import { viewOf } from "./contraction.ts";
import type { Node } from "./graph.ts";
import type { ConvItem, FoldItem, StridedOperand } from "./items.ts";
import type { Materializer } from "./materialize.ts";
import { isMovement } from "./position.ts";

/** A convolution of views of stored values. */
export function convItem(m: Materializer, id: number, node: Node): ConvItem {
  const { order, ...params } = node.params as unknown as ConvParams & { readonly order: readonly number[] };
  const sizes = new Array<number>(order.length);
  order.forEach((axis, i) => {
    sizes[axis] = node.shape[i];
  });
  const [x, w] = node.inputs.map((input) => stridedOperand(m, input));
  return { kind: "conv", buffer: id, x, w, dtype: node.dtype, params, order, sizes };
}

/** Sums of sliding windows. */
export function foldItem(m: Materializer, id: number, node: Node): FoldItem {
  const { order, ...params } = node.params as unknown as FoldParams & { readonly order: readonly number[] };
  return {
    kind: "fold",
    buffer: id,
    x: stridedOperand(m, node.inputs[0]),
    dtype: node.dtype,
    params,
    order,
    sizes: order.map((_, axis) => node.shape[order.indexOf(axis)]),
  };
}

/** The operand as a view of what is stored: of the value before all movement, where index arithmetic leads there. */
function stridedOperand(m: Materializer, id: number): StridedOperand {
  const { shape } = m.graph.nodes[id];
  let view = viewOf(m, id);
  if (view === null) {
    let source = id;
    while (isMovement(m.graph.nodes[source]) && !m.isWanted(source)) [source] = m.graph.nodes[source].inputs;
    m.want(source);
    view = viewOf(m, id);
  }
  if (view !== null) {
    m.want(view.buffer);
    return { ...view, shape };
  }
  m.want(id);
  return { buffer: id, offset: 0, shape, strides: rowMajor(shape) };
}

/** The axes of a convolution's result as those of a matrix: "batch" for groups, rows, columns for outputs. */
export function convRoles({ sizes }: Pick<ConvItem, "sizes">, w: Shape): ("batch" | "m" | "n")[] {
  const isDepthwise = sizes[2] === 1 && (w[2] === 1 || sizes[1] === 1) && sizes[0] > 1;
  return sizes.map((_, axis) => (axis === 0 ? (isDepthwise ? "n" : "batch") : axis === 2 ? "n" : "m"));
}

/** What the library is asked to compute. */
export function convProblem(item: ConvItem, epilogue: boolean): ConvProblem {
  const { x, w, params, order, sizes, dtype } = item;
  const { strides, low, inputDilation, kernelDilation } = params;
  const plainAxis = { stride: 1, dilation: 1, low: 0, spread: 1 };
  const axes: ConvAxis[] = [
    { ...plainAxis, results: sizes[1], taps: 1, size: x.shape[1], xStride: x.strides[1], wStride: 0 },
    {
      ...plainAxis,
      results: 1,
      taps: x.shape[2],
      size: x.shape[2],
      xStride: x.strides[2],
      wStride: w.strides[2],
    },
    ...strides.map((stride, i) => ({
      results: sizes[3 + i],
      taps: w.shape[3 + i],
      stride,
      dilation: kernelDilation[i],
      low: low[i],
      size: x.shape[3 + i],
      spread: inputDilation[i],
      xStride: x.strides[3 + i],
      wStride: w.strides[3 + i],
    })),
  ];
  const natural = rowMajor(order.map((axis) => sizes[axis]));
  const cStride = (axis: number): number => natural[order.indexOf(axis)];
  // Rows: examples in slot 0, space from slot 2 on.
  const slotOf = (axis: number): number => (axis === 1 ? 0 : axis - 1);
  const rowOrder = order.filter((axis) => axis === 1 || axis > 2);
  return {
    dtype: dtype as ConvProblem["dtype"],
    groups: sizes[0],
    columns: sizes[2],
    axes,
    xGroup: x.strides[0],
    wGroup: w.strides[0],
    wColumn: w.strides[1],
    rowAxes: rowOrder.map(slotOf),
    cRow: cStride(rowOrder[rowOrder.length - 1]),
    cGroup: cStride(0),
    epilogue,
  };
}

/** Multiplications and additions of a convolution. */
export const convFlops = ({ sizes, w }: ConvItem): number => 2 * sizeOf(sizes) * sizeOf(w.shape.slice(2));
