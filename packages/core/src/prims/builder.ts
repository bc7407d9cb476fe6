import { apply } from "../ir/apply.ts";
import type { BinaryName, Builder, CumulativeOp, Operand, ReduceOp, UnaryName } from "../ir/builder.ts";
import type { Params, Primitive } from "../ir/primitive.ts";
import type { Tensor } from "../ir/tensor.ts";
import { removeAxes, sameShape, toShape } from "../types/shape.ts";
import { conv } from "./conv.ts";
import {
  type CumulativeParams,
  cumulativeAffine,
  cumulativeMax,
  cumulativeMin,
  cumulativeProd,
  cumulativeSum,
} from "./cumulative.ts";
import { type CustomCallParams, customCall, customResult } from "./custom.ts";
import { dot } from "./dot.ts";
import { gather } from "./gather.ts";
import { alternative, barrier, identity, stopGradient } from "./identity.ts";
import { type ConstantParams, constant, constantLeaf, iotaLeaf } from "./leaves.ts";
import { broadcast, concat, flip, pad, permute, reshape, slice } from "./movement.ts";
import { randomBits } from "./random.ts";
import {
  argReduce,
  type ReduceParams,
  reduceAnd,
  reduceMax,
  reduceMin,
  reduceOr,
  reduceProd,
  reduceSum,
} from "./reduce.ts";
import * as binary from "./scalar/binary.ts";
import { bitcast, shift } from "./scalar/bits.ts";
import { applyTo, type NoParams } from "./scalar/define.ts";
import { bitwise, cast, compare, where } from "./scalar/logic.ts";
import { polygamma } from "./scalar/polygamma.ts";
import * as unary from "./scalar/unary.ts";
import { scatters } from "./scatter.ts";
import { argSort } from "./sort.ts";
import { fold, windows } from "./windows.ts";

const UNARY: Record<UnaryName, Primitive<NoParams>> = unary;
const BINARY: Record<BinaryName, Primitive<NoParams>> = binary;
const REDUCE: Record<ReduceOp, Primitive<ReduceParams>> = {
  sum: reduceSum,
  prod: reduceProd,
  max: reduceMax,
  min: reduceMin,
  and: reduceAnd,
  or: reduceOr,
};
const CUMULATIVE: Record<CumulativeOp, Primitive<CumulativeParams>> = {
  sum: cumulativeSum,
  prod: cumulativeProd,
  max: cumulativeMax,
  min: cumulativeMin,
  affine: cumulativeAffine,
};

const fromEnd = (axes: readonly number[], rank: number): number[] => axes.map((axis) => axis - rank);
const all = (list: readonly number[], value: number): boolean => list.every((n) => n === value);

function isRange(axes: readonly number[]): boolean {
  for (let i = 0; i < axes.length; i++) if (axes[i] !== i) return false;
  return true;
}

const literal = (value: number, like: Tensor): Tensor => constantLeaf(value, like.shape, like.dtype);

/** The number that every element of x is known to be when the graph is built, or null. */
export function literalValue(x: Tensor): number | null {
  let node = x;
  while (
    node.prim === (broadcast as unknown as Primitive) ||
    node.prim === (reshape as unknown as Primitive)
  ) {
    node = node.inputs[0];
  }
  return node.prim === (constant as unknown as Primitive) ? (node.params as ConstantParams).value : null;
}

/** Both operands as tensors, numbers as literals like the other one. */
function operands(x: Operand, y: Operand): [Tensor, Tensor] {
  if (typeof x === "number") return [literal(x, y as Tensor), y as Tensor];
  return [x, typeof y === "number" ? literal(y, x) : y];
}

const table = <Name extends string, T>(
  prims: Record<Name, unknown>,
  names: readonly Name[],
  make: (name: Name) => T,
) =>
  Object.fromEntries(names.filter((name) => name in prims).map((name) => [name, make(name)])) as Record<
    Name,
    T
  >;

const unaryFunctions = table(
  UNARY,
  Object.keys(UNARY) as UnaryName[],
  (name) => (x: Tensor) => applyTo(UNARY[name], x),
);
const binaryFunctions = table(
  BINARY,
  Object.keys(BINARY) as BinaryName[],
  (name) => (x: Operand, y: Operand) => {
    const [left, right] = operands(x, y);
    return applyTo(BINARY[name], left, right);
  },
);

/** Whether `x` is the literal `value`; numbers count. */
const isLiteral = (x: Operand, value: number): boolean =>
  (typeof x === "number" ? x : literalValue(x)) === value;

/** What rules build with; `vjp` comes from the layer above. */
export const makeBuilder = (vjp: Builder["vjp"]): Builder => ({
  ...unaryFunctions,
  ...binaryFunctions,
  mul: (x, y) => {
    if (typeof y !== "number" && isLiteral(x, 1)) return y;
    if (typeof x !== "number" && isLiteral(y, 1)) return x;
    return binaryFunctions.mul(x, y);
  },
  pow: (x, y) => {
    if (typeof x !== "number" && isLiteral(y, 1)) return x;
    if (typeof x !== "number" && isLiteral(y, 0)) return literal(1, x);
    return binaryFunctions.pow(x, y);
  },
  constant: (value, shape, dtype) => constantLeaf(value, toShape(shape), dtype),
  literal,
  literalValue,
  compare: (op, x, y) => apply(compare, operands(x, y), { op }),
  bitwise: (op, x, y) => apply(bitwise, [x, y], { op }),
  not: (x) => apply(compare, [x, literal(0, x)], { op: "equal" }),
  shift: (op, x, count) => apply(shift, [x, count], { op }),
  bitcast: (x, dtype) => (x.dtype === dtype ? x.node : apply(bitcast, [x], { dtype })),
  polygamma: (n, x) => apply(polygamma, [x], { n }),
  where: (condition, x, y) => {
    const [left, right] = operands(x, y);
    return applyTo(where, condition, left, right);
  },
  cast: (x, dtype) => (x.dtype === dtype ? x.node : apply(cast, [x], { dtype })),
  reshape: (x, shape) =>
    sameShape(x.shape, shape) ? x.node : apply(reshape, [x], { shape: toShape(shape, "reshape") }),
  permute: (x, axes) => (isRange(axes) ? x.node : apply(permute, [x], { axes: fromEnd(axes, x.rank) })),
  broadcast: (x, shape) =>
    sameShape(x.shape, shape) ? x.node : apply(broadcast, [x], { shape: toShape(shape) }),
  slice: (x, start, end, step = start.map(() => 1)) => {
    const full = all(start, 0) && all(step, 1) && sameShape(end, x.shape);
    return full ? x.node : apply(slice, [x], { start, end, step });
  },
  pad: (x, low, high, interior = low.map(() => 0)) =>
    all(low, 0) && all(high, 0) && all(interior, 0) ? x.node : apply(pad, [x], { low, high, interior }),
  flip: (x, axes) => (axes.length === 0 ? x.node : apply(flip, [x], { axes: fromEnd(axes, x.rank) })),
  concat: (xs, axis) => (xs.length === 1 ? xs[0].node : apply(concat, xs, { axis: axis - xs[0].rank })),
  reduce: (op, x, axes, keepDims = false) => {
    if (axes.length === 0) return x.node;
    const negative = fromEnd(axes, x.rank);
    if (negative.length > 1) negative.sort((p, q) => p - q);
    const reduced = apply(REDUCE[op], [x], { axes: negative });
    return keepDims ? apply(reshape, [reduced], { shape: removeAxes(x.shape, axes, true) }) : reduced;
  },
  argReduce: (op, x, axis) => apply(argReduce, [x], { op, axis: axis - x.rank }),
  cumulative: (op, x, axis, reverse = false) => apply(CUMULATIVE[op], [x], { axis: axis - x.rank, reverse }),
  affine: (a, c, axis, reverse = false) => apply(cumulativeAffine, [a, c], { axis: axis - a.rank, reverse }),
  argSort: (x, axis, descending = false) => apply(argSort, [x], { axis: axis - x.rank, descending }),
  dot: (x, y, axes) => apply(dot, [x, y], axes),
  conv: (x, w, params) => apply(conv, [x, w], params),
  windows: (x, params) => apply(windows, [x], params),
  fold: (x, params) => apply(fold, [x], params),
  iota: (size, dtype) => iotaLeaf(toShape([size]), 0, dtype),
  gather: (x, indices, params) => apply(gather, [x, indices], params),
  scatter: (op, x, indices, updates, params) => apply(scatters[op], [x, indices, updates], params),
  randomBits: (key, shape, pair = false, start?) =>
    apply(randomBits, start === undefined ? [key] : [key, start], { shape: toShape(shape, "random"), pair }),
  identity: (x) => applyTo(identity, x),
  stopGradient: (x) => applyTo(stopGradient, x),
  alternative: (value, original, operand) => applyTo(alternative, value, original, operand),
  barrier: (x, after) => apply(barrier, [x, ...after], {}),
  customCall: (inputs, params) => apply(customCall, inputs, params as CustomCallParams),
  customResult: (value, call, index) => apply(customResult, [value, call], { index }),
  vjp,
});

/** True when the node applies `prim`. */
export const applies = <P extends Params>(node: Tensor, prim: Primitive<P>): boolean =>
  node.prim === (prim as unknown as Primitive);
