import { type Tensor, vjp } from "@cotangent/core";
import { Runner } from "../numeric/runner.ts";
import { concatenated, parted, sizeOf } from "../numeric/vectors.ts";
import { float64, type Target, valuesOf } from "./float64.ts";

/** Rounding in float32. */
const UNIT = 2 ** -24;
/** What float32 cannot hold, however good the arithmetic is. */
const LARGEST = 3.4028234663852886e38;
/** Numbers below this lose digits in float32, or are 0. */
export const SMALLEST = 1.2e-38;
/** Engines add up in other orders, and their functions are off by an ULP: several roundings instead of one. */
const SAFETY = 2;

/** One list of numbers in float32, beside what they are in float64 and how far apart rounding may bring them. */
export interface Float32Comparison {
  readonly actual: Float64Array;
  readonly exact: Float64Array;
  readonly tolerance: Float64Array;
}

/** Values and gradients in float32. */
export interface Float32Result {
  readonly values: Float32Comparison;
  readonly gradients: Float32Comparison;
}

/**
 * What a function computes in float32, on the engine in use, against the same graph in float64: values, and the gradient
 * of the results weighted by `weights`. How far rounding in float32 may bring them apart is told by running the float64
 * graph with rounding errors of that size drawn at random: no tolerances to choose, and functions that cancel are allowed
 * what they lose.
 *
 * For a single rule (`strict`), gradients are allowed what they lose by roundings of inputs, of cotangents and of values on
 * the way forward, as if they were exact for slightly others; not what the rule loses by a poor formula of its own.
 */
export function compareFloat32(
  call: (leaves: readonly Tensor[]) => Tensor[],
  leaves: readonly Tensor[],
  target: Target,
  weights: Float64Array,
  { strict = false } = {},
): Float32Result {
  const outputs = target.call(target.xs);
  const sizes = outputs.map(({ shape }) => sizeOf(shape));
  const rounded = weights.map(Math.fround);
  const ws = outputs.map(({ shape }, i) => float64(parted(rounded, sizes)[i].slice(), shape));
  const narrow = vjp((...all: Tensor[]) => call(all), ...leaves);
  const cotangents = narrow[0].map((output, i) => ws[i].cast(output.dtype));
  const actual = [...narrow[0], ...narrow[1](cotangents as never)].map(valuesOf);
  const pulled = vjp((...all: Tensor[]) => target.call(all), ...target.xs);
  const given = [...target.xs, ...ws];
  const runner = new Runner([...pulled[0], ...pulled[1](ws as never)], given);
  const point = given.map(valuesOf);
  const exact = runner.run(point) as Float64Array[];
  const ofValues = runner.noise(point, { unit: UNIT });
  const forward = strict ? outputs.length : undefined;
  const ofGradients = runner.noise(point, { unit: UNIT, rounded: given.length, forward });
  const noise = [...ofValues.slice(0, outputs.length), ...ofGradients.slice(outputs.length)];
  const compared = (from: number, to: number): Float32Comparison => {
    const wide = concatenated(exact.slice(from, to));
    const spread = concatenated(noise.slice(from, to));
    const tolerance = wide.map((x, i) => SAFETY * (spread[i] + 2 * UNIT * Math.abs(x)) + SMALLEST);
    return { actual: concatenated(actual.slice(from, to)), exact: wide, tolerance };
  };
  return { values: compared(0, outputs.length), gradients: compared(outputs.length, actual.length) };
}

/** The first element that is too far off; null when there is none, NaN where both are. */
export function firstDifference({ actual, exact, tolerance }: Float32Comparison): number | null {
  for (let i = 0; i < exact.length; i++) {
    if (Object.is(actual[i], exact[i]) || Math.abs(actual[i] - exact[i]) <= tolerance[i]) continue;
    // Beyond what float32 holds there is only infinity.
    if (Math.abs(exact[i]) + tolerance[i] >= LARGEST && Math.abs(actual[i]) === Number.POSITIVE_INFINITY)
      continue;
    if (!Number.isFinite(exact[i]) && Number.isNaN(tolerance[i])) continue;
    return i;
  }
  return null;
}
