import type { GemmProblem } from "../library/gemm/index.ts";
import { type Affine, domainOf, sizeOf } from "./affine.ts";
import type { Node } from "./graph.ts";
import type { DotItem, Operand } from "./items.ts";
import type { Materializer } from "./materialize.ts";
import { ownPosition } from "./position.ts";
import { traceNode } from "./trace.ts";

interface DotAxes {
  readonly contract: readonly [readonly number[], readonly number[]];
  readonly batch: readonly [readonly number[], readonly number[]];
}

/** A contraction as a product of matrices in stored values: views of them where strides can say it. */
export function dotItem(m: Materializer, id: number, node: Node): DotItem {
  const [x, y] = node.inputs;
  const { contract, batch } = node.params as DotAxes;
  const xShape = m.graph.nodes[x].shape;
  const yShape = m.graph.nodes[y].shape;
  const free = (shape: readonly number[], side: 0 | 1): number[] =>
    shape
      .map((_, axis) => axis)
      .filter((axis) => !contract[side].includes(axis) && !batch[side].includes(axis));
  const xFree = free(xShape, 0);
  const yFree = free(yShape, 1);
  const pick = (shape: readonly number[], axes: readonly number[]): number[] =>
    axes.map((axis) => shape[axis]);
  return {
    kind: "dot",
    buffer: id,
    x: operand(m, x, batch[0], xFree, contract[0]),
    y: operand(m, y, batch[1], yFree, contract[1]),
    dtype: node.dtype,
    batch: pick(xShape, batch[0]),
    m: pick(xShape, xFree),
    n: pick(yShape, yFree),
    k: pick(xShape, contract[0]),
  };
}

function operand(
  m: Materializer,
  id: number,
  batch: readonly number[],
  free: readonly number[],
  contract: readonly number[],
): Operand {
  const { shape } = m.graph.nodes[id];
  const view = viewOf(m, id);
  if (view !== null) {
    const freeStride = oneStride(view.strides, shape, free);
    const contractStride = oneStride(view.strides, shape, contract);
    if (freeStride !== null && contractStride !== null) {
      m.want(view.buffer);
      return {
        buffer: view.buffer,
        offset: view.offset,
        batch: batch.map((axis) => view.strides[axis]),
        free: freeStride,
        contract: contractStride,
      };
    }
  }
  return m.arrange(id, batch, free, contract);
}

export interface View {
  readonly buffer: number;
  readonly offset: number;
  /** For each axis. */
  readonly strides: readonly number[];
}

/** The operand as a view of something stored, if it is one. */
export function viewOf(m: Materializer, id: number): View | null {
  const { shape } = m.graph.nodes[id];
  const domain = domainOf(shape);
  const wants = new Set<number>();
  const trace = m.isWanted(id)
    ? null
    : traceNode(m.graph, id, domain, m.isWanted, (wanted) => wants.add(wanted));
  const access: { buffer: number; access: Affine } | null =
    trace === null ? { buffer: id, access: ownPosition(shape, domain).linear } : loadAt(trace);
  if (access === null) return null;
  let d = 0;
  const strides = shape.map((n) => (n === 1 ? 0 : access.access.strides[d++]));
  return { buffer: access.buffer, offset: access.access.offset, strides };
}

function loadAt({ values, root }: ReturnType<typeof traceNode>): { buffer: number; access: Affine } | null {
  const value = values.list[root];
  return value.op === "load" ? value : null;
}

/** The stride of several axes taken as one, in their order; 0 for no axes, null where there is none. */
export function oneStride(
  strides: readonly number[],
  shape: readonly number[],
  axes: readonly number[],
): number | null {
  const real = axes.filter((axis) => shape[axis] !== 1);
  if (real.length === 0) return 0;
  let expected = strides[real[real.length - 1]];
  const stride = expected;
  for (let i = real.length - 1; i >= 0; i--) {
    if (strides[real[i]] !== expected) return null;
    expected *= shape[real[i]];
  }
  return stride;
}

/** What the library is asked to compute. */
export function gemmProblem(item: DotItem, epilogue: boolean): GemmProblem {
  const [m, n, k] = [item.m, item.n, item.k].map(sizeOf);
  return {
    dtype: item.dtype as GemmProblem["dtype"],
    m,
    n,
    k,
    batch: sizeOf(item.batch),
    a: { row: item.x.free, column: item.x.contract },
    b: { row: item.y.contract, column: item.y.free },
    cRow: n,
    ...batchOffsets(item, m * n),
    epilogue,
  };
}

/** Where each matrix of a batch begins: by one stride where that is so, else one by one. */
function batchOffsets({ batch, x, y }: DotItem, c: number) {
  const strides = [x.batch, y.batch].map((list) => oneStride(list, batch, [...batch.keys()]));
  if (strides[0] !== null && strides[1] !== null) {
    return { aBatch: strides[0], bBatch: strides[1], cBatch: c };
  }
  const count = sizeOf(batch);
  const offsets = (list: readonly number[]): number[] =>
    Array.from({ length: count }, (_, i) => {
      let rest = i;
      let offset = 0;
      for (let d = batch.length - 1; d >= 0; d--) {
        offset += (rest % batch[d]) * list[d];
        rest = Math.floor(rest / batch[d]);
      }
      return offset;
    });
  return { aOffsets: offsets(x.batch), bOffsets: offsets(y.batch), cBatch: c };
}
