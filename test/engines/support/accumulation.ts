import type { DType, NDArray, ProgramNode, TypedArray } from "@cotangent/core";
import { primitiveOf } from "./case.ts";

/** How far a sum or a product over many elements may be off. */
export interface Bounds {
  /** The error as a share of what is allowed; more than 1 (or NaN) is wrong. */
  share(i: number, actual: number, expected: number): number;
  /** What is allowed, in words. */
  allowed(i: number): string;
}

interface Format {
  /** Half the distance from 1 to its neighbour: the relative error of one rounding. */
  readonly rounding: number;
  readonly largest: number;
  /** Exponents of the largest and the smallest normal number. */
  readonly exponents: readonly [low: number, high: number];
  readonly smallest: number;
}

const FORMATS: Partial<Record<DType, Format>> = {
  float32: {
    rounding: 2 ** -24,
    largest: 3.4028234663852886e38,
    exponents: [-126, 127],
    smallest: 2 ** -149,
  },
  float64: { rounding: 2 ** -53, largest: Number.MAX_VALUE, exponents: [-1022, 1023], smallest: 2 ** -1074 },
};

/** The node computed again in float64 from changed inputs. */
function recomputed(
  { prim, params, shape }: ProgramNode,
  inputs: readonly ProgramNode[],
  operands: readonly TypedArray[],
  size: number,
  change: (x: number) => number,
): Float64Array {
  const changed = operands.map(
    (data, i): NDArray => ({
      data: Float64Array.from(data, change),
      shape: inputs[i].shape,
      dtype: "float64",
    }),
  );
  const data = new Float64Array(size);
  prim?.reference(changed, params, { data, shape, dtype: "float64" });
  return data;
}

/** How many terms or factors make one element. */
function termCount({ prim, params, shape }: ProgramNode, inputs: readonly ProgramNode[]): number {
  const sizes = inputs[0].shape;
  if (prim?.name === "dot") {
    const { contract } = params as { contract: readonly (readonly number[])[] };
    return contract[0].reduce((product, axis) => product * sizes[axis], 1);
  }
  // Channels and places of the kernel, which is [groups, outputs, channels, ...kernel]; windows are the last axes.
  if (prim?.name === "conv") return inputs[1].shape.slice(2).reduce((product, n) => product * n, 1);
  if (prim?.name === "fold") {
    const { sizes: folded } = params as { sizes: readonly number[] };
    return sizes.slice(sizes.length - folded.length).reduce((product, n) => product * n, 1);
  }
  const total = sizes.reduce((product, n) => product * n, 1);
  return total / Math.max(1, shape.reduce((product, n) => product * n, 1)); // biome-ignore format: a quotient
}

/** The bounds for all elements of one result. */
export function accumulationBounds(
  node: ProgramNode,
  inputs: readonly ProgramNode[],
  operands: readonly TypedArray[],
  kind: "sum" | "product",
  expected: TypedArray,
): Bounds {
  const format = FORMATS[node.dtype] as Format;
  const redo = (change: (x: number) => number, by = node) =>
    recomputed(by, inputs, operands, expected.length, change);
  // Two more, for the product in a term and for rounding the total; in float64 the reference is no better than others.
  const roundings = (termCount(node, inputs) + 2) * (node.dtype === "float64" ? 2 : 1);
  return kind === "sum" ? sumBounds(format, roundings, redo) : productBounds(format, roundings, node, redo);
}

type Redo = (change: (x: number) => number, by?: ProgramNode) => Float64Array;

/**
 * |error| <= n * rounding * sum of absolute terms, for any order and with or without fused multiply-add (Higham,
 * "Accuracy and stability of numerical algorithms", 2002, section 4.2); products may underflow by the smallest number
 * each. Where absolute terms sum up to more than the dtype holds, a partial sum may overflow, so that anything goes.
 */
function sumBounds({ rounding, largest, smallest }: Format, roundings: number, redo: Redo): Bounds {
  const sizes = redo(Math.abs);
  let finite: Float64Array | null = null;
  const tolerance = (i: number) => roundings * (rounding * sizes[i] + smallest);
  const share = (i: number, actual: number, expected: number): number => {
    const size = sizes[i];
    if (Number.isNaN(size)) return Number.isNaN(actual) ? 0 : Number.POSITIVE_INFINITY;
    if (size === Number.POSITIVE_INFINITY) {
      // An infinite term, unless it is the sum of huge ones.
      finite ??= redo((x) => (Number.isFinite(x) ? Math.abs(x) : 0));
      if (!(finite[i] < largest)) return 0;
      return Object.is(actual, expected) ? 0 : Number.POSITIVE_INFINITY;
    }
    if (size * (1 + roundings * rounding) >= largest) return 0;
    return actual === expected ? 0 : Math.abs(actual - expected) / tolerance(i);
  };
  return { share, allowed: (i) => `${tolerance(i).toExponential(1)} allowed` };
}

const positive = (x: number): number => Math.max(0, x);

/**
 * |error| <= n * rounding * |product|, as long as no partial product can overflow or underflow, in whatever order the
 * factors are taken: otherwise anything goes, except that NaN stays NaN.
 */
function productBounds(format: Format, roundings: number, node: ProgramNode, redo: Redo): Bounds {
  const sum: ProgramNode = { ...node, prim: primitiveOf("reduceSum") };
  const exponent = (x: number) => (x === 0 || !Number.isFinite(x) ? 0 : Math.log2(Math.abs(x)));
  const high = redo((x) => positive(exponent(x)), sum);
  const low = redo((x) => positive(-exponent(x)), sum);
  const unknown = redo((x) => (Number.isNaN(x) ? 1 : 0), sum);
  const tolerance = (expected: number) => roundings * format.rounding * Math.abs(expected);
  const share = (i: number, actual: number, expected: number): number => {
    if (unknown[i] > 0) return Number.isNaN(actual) ? 0 : Number.POSITIVE_INFINITY;
    if (high[i] >= format.exponents[1] || low[i] >= -format.exponents[0]) return 0;
    if (Object.is(actual, expected)) return 0;
    if (expected === 0 || !Number.isFinite(expected)) return Number.POSITIVE_INFINITY;
    return Math.abs(actual - expected) / tolerance(expected);
  };
  return { share, allowed: () => `${roundings} roundings allowed` };
}
