import { isFloating, type ProgramNode, type TypedArray } from "@cotangent/core";
import { ulps } from "../../oracle/support/compare.ts";
import { accumulationBounds } from "./accumulation.ts";
import { type Tolerance, toleranceOf } from "./tolerances.ts";

/** What a comparison found: how far apart the worst elements are, and the first that is too far. */
export interface Comparison {
  /** In ULP, or as a share of what is allowed for sums and products. */
  readonly worst: number;
  readonly wrong: string | null;
}

const NUMBER = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

const differs = (i: number, actual: number, expected: number, why: string): Comparison => ({
  worst: Number.POSITIVE_INFINITY,
  wrong: `element ${i} is ${NUMBER(actual)}, not ${NUMBER(expected)}${why}`,
});

const EXACT: Comparison = { worst: 0, wrong: null };

/** Whether both hold the same bits; all NaN are one. */
export function sameBits(actual: TypedArray, expected: TypedArray): Comparison {
  if (actual.length !== expected.length || actual.constructor !== expected.constructor) {
    const what = `${actual.constructor.name} of ${actual.length} elements`;
    return { worst: 0, wrong: `${what} instead of ${expected.constructor.name} of ${expected.length}` };
  }
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(actual[i], expected[i])) return differs(i, actual[i], expected[i], "");
  }
  return EXACT;
}

/** Whether what an engine computed for a node is near enough to what the reference function says of the same inputs. */
export function compareNode(
  node: ProgramNode,
  inputs: readonly ProgramNode[],
  operands: readonly TypedArray[],
  actual: TypedArray,
  expected: TypedArray,
): Comparison {
  const bits = sameBits(actual, expected);
  const tolerance = toleranceOf(node.prim?.name ?? "", node.params);
  if (bits.wrong === null || !isFloating(node.dtype) || actual.length !== expected.length) return bits;
  if (tolerance.kind === "exact") return bits;
  if (tolerance.kind === "ulp") return withinUlps(node, tolerance, actual, expected);
  const bounds = accumulationBounds(node, inputs, operands, tolerance.kind, expected);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const share = bounds.share(i, actual[i], expected[i]);
    if (!(share <= 1)) {
      const error = Math.abs(actual[i] - expected[i]).toExponential(1);
      return differs(i, actual[i], expected[i], ` (off by ${error}, ${bounds.allowed(i)})`);
    }
    worst = Math.max(worst, share);
  }
  return { worst, wrong: null };
}

function withinUlps(
  { dtype }: ProgramNode,
  tolerance: Extract<Tolerance, { kind: "ulp" }>,
  actual: TypedArray,
  expected: TypedArray,
): Comparison {
  const most = tolerance[dtype as "float32" | "float64"];
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i])) continue;
    const distance = ulps(actual[i], expected[i], dtype);
    // Zeros of different signs are no step apart, and yet not the same.
    const cancelled = distance !== 0 && Math.abs(actual[i] - expected[i]) <= (tolerance.difference ?? 0);
    if (!(distance <= most || cancelled) || distance === 0) {
      return differs(i, actual[i], expected[i], ` (${distance} ulp, ${most} allowed)`);
    }
    if (!cancelled) worst = Math.max(worst, distance);
  }
  return { worst, wrong: null };
}
