import {
  createArray,
  isFloating,
  type NDArray,
  type Program,
  type ProgramNode,
  type TypedArray,
} from "@cotangent/core";
import type { Random } from "./random.ts";
import { sizeOf } from "./vectors.ts";

/** Primitives that hand numbers on as they are, or make whole ones. */
const EXACT = new Set([
  "constant", "iota", "reshape", "permute", "broadcast", "slice", "flip", "pad", "concat", "windows", "gather", "scatterSet",
  "reduceMax", "reduceMin", "cumulativeMax", "cumulativeMin", "scatterMax", "scatterMin", "where", "barrier",
  "max", "min", "abs", "neg", "sign", "floor", "ceil", "round", "trunc",
]); // biome-ignore format: a list

/** For each place of a program, whether its value is exactly what its inputs make of it, without a rounding on the way. */
export function exactPlaces({ nodes }: Program): boolean[] {
  const exact: boolean[] = [];
  for (const { prim, inputs, dtype } of nodes) {
    const hands = prim === null || prim.alias === true || EXACT.has(prim.name) || !isFloating(dtype);
    exact.push(hands && inputs.every((source) => exact[source]));
  }
  return exact;
}

/** Primitives whose results are whole numbers, and the same ones all around nearly every point. */
const STEPS = new Set(["floor", "ceil", "round", "trunc", "sign", "constant", "iota"]);

/** Whether a value is made of such results alone: what is whole about it is computed without a rounding. */
const isStep = ({ prim, inputs, dtype }: ProgramNode, before: readonly boolean[]): boolean =>
  !isFloating(dtype) ||
  (prim !== null &&
    (STEPS.has(prim.name) || (inputs.length > 0 && inputs.every((source) => before[source]))));

/** Primitives of which each element is a sum of many terms. */
const SUMS = new Set(["reduceSum", "dot", "conv", "fold", "cumulativeSum", "scatterAdd"]);

/** For each place of a program, whether some of its places are made of it. */
export function neededFor({ nodes }: Program, ends: readonly number[]): Uint8Array {
  const needed = new Uint8Array(nodes.length);
  for (const place of ends) needed[place] = 1;
  for (let place = nodes.length - 1; place >= 0; place--) {
    if (needed[place] === 1) for (const source of nodes[place].inputs) needed[source] = 1;
  }
  return needed;
}

interface Roundings {
  /** The relative size of a rounding. */
  readonly unit: number;
  readonly random: Random;
  /** The places with roundings of their own: all, unless given. The others are off only where they add up. */
  readonly onWay: Uint8Array | null;
}

/**
 * The outputs of a program where each rounding is off by a random share of `unit`. A sum of n terms is off by
 * sqrt(n) * unit * (sum of absolute terms), as is likely in whatever order it is added up (N. J. Higham and T. Mary, "A new
 * approach to probabilistic rounding error analysis", 2019, theorem 2.4).
 */
export function roundedNodes(
  { nodes, inputs, outputs }: Program,
  bound: readonly TypedArray[],
  { unit, random, onWay }: Roundings,
): TypedArray[] {
  const values = new Array<TypedArray>(nodes.length);
  const steps: boolean[] = [];
  inputs.forEach(({ node }, slot) => {
    values[node] = bound[slot];
  });
  nodes.forEach((node, place) => {
    steps.push(isStep(node, steps));
    if (node.prim === null) return;
    const operands = node.inputs.map(
      (source): NDArray => ({ data: values[source], shape: nodes[source].shape, dtype: nodes[source].dtype }),
    );
    const data = referenceValue(node, operands);
    values[place] = data;
    if (!isFloating(node.dtype) || node.prim.alias === true) return;
    if (EXACT.has(node.prim.name) && !isRoundedLiteral(node.prim.name, data, unit)) return;
    if (onWay === null || onWay[place] === 1) roundAll(data, unit, random, steps[place]);
    if (SUMS.has(node.prim.name)) addSumError(node, operands, data, unit, random);
  });
  return outputs.map((place) => values[place]);
}

/** Whole numbers that are `steps` stay as they are. */
function roundAll(data: TypedArray, unit: number, random: Random, steps: boolean): void {
  for (let k = 0; k < data.length; k++) {
    const error = unit * random.between(-1, 1);
    if (!(steps && Number.isInteger(data[k]))) data[k] *= 1 + error;
  }
}

/** Whether this is a number such as pi, which is another one in float32: `unit` tells that float32 is meant. */
const isRoundedLiteral = (primitive: string, data: TypedArray, unit: number): boolean =>
  primitive === "constant" && unit > 2 ** -53 && data.some((x) => Math.fround(x) !== x);

/** A node's value by the reference function of its primitive. */
export function referenceValue(
  { prim, params, shape, dtype }: ProgramNode,
  operands: readonly NDArray[],
): TypedArray {
  const data = createArray(dtype, sizeOf(shape));
  prim?.reference(operands, params, { data, shape, dtype });
  return data;
}

function addSumError(
  node: ProgramNode,
  operands: readonly NDArray[],
  data: TypedArray,
  unit: number,
  random: Random,
): void {
  if (data.length === 0) return;
  const terms = operands.reduce((product, operand) => product * Math.max(1, operand.data.length), 1);
  // For a product of matrices this is the length of the rows and more; a sum has one operand.
  const count = operands.length > 1 ? Math.sqrt(terms / data.length) : Math.max(1, terms / data.length);
  const sizes = referenceValue(
    node,
    operands.map((operand) =>
      isFloating(operand.dtype) ? { ...operand, data: operand.data.map(Math.abs) } : operand,
    ),
  );
  const factor = unit * Math.sqrt(count);
  for (let k = 0; k < data.length; k++) data[k] += factor * sizes[k] * random.between(-1, 1);
}
