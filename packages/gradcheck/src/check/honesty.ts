import { type Tensor, tensor } from "@cotangent/core";
import { traced } from "../graph/calls.ts";
import { Random } from "../numeric/random.ts";
import { concatenated, parted } from "../numeric/vectors.ts";
import { finding } from "../report/finding.ts";
import type { CheckSummary, Finding } from "../report/report.ts";
import { SMALLEST } from "./float32.ts";
import { valuesOf } from "./float64.ts";
import type { Probe } from "./probe.ts";
import type { Subject } from "./subject.ts";

/** How far inputs are moved, relative to their sizes. */
const MOVE = 2 ** -6;
/** Engines are allowed other roundings than the reference engine. */
const SAFETY = 16;
/** Beyond this, float32 may have overflowed. */
const LARGEST = 1e38;

/**
 * Differences are taken of the graph that the function has made at the point. Here the function itself is called at a
 * moved point, and must give what its graph gives: if not, it draws random numbers at each call, or has read values
 * (`item`, `dataSync`) and built on them, and derivatives do not see that.
 */
export function honestyCheck(
  subject: Subject,
  leaves: readonly Tensor[],
  probe: Probe,
  scales: Float64Array,
  isNarrow: boolean,
  seed: number,
): { readonly summary: CheckSummary; readonly findings: readonly Finding[] } {
  const random = new Random(~seed);
  const steps = parted(scales.map((scale) => MOVE * scale * random.between(-1, 1)), leaves.map(({ size }) => size)); // biome-ignore format: one call
  const moved = leaves.map((leaf, i) => {
    const values = valuesOf(leaf).map((x, k) => x + steps[i][k]);
    return tensor(values, { shape: leaf.shape, dtype: leaf.dtype });
  });
  const point = moved.map(valuesOf);
  const expected = probe.at(point).values;
  const actual = concatenated(traced(subject.call, moved).map(valuesOf));
  const unit = isNarrow ? 2 ** -24 : 2 ** -53;
  const least = isNarrow ? SMALLEST : 0;
  const noise = (i: number): number => SAFETY * probe.noise(point, { unit })[i] + least;
  const differs = (i: number): boolean => {
    const [x, y] = [actual[i], expected[i]];
    if (Object.is(x, y) || !Number.isFinite(y) || Math.abs(y) > LARGEST) return false;
    return !(Math.abs(x - y) <= noise(i));
  };
  const first = actual.length === expected.length ? actual.findIndex((_, i) => differs(i)) : 0;
  const verdict = first < 0 ? "right" : "wrong";
  const summary: CheckSummary = { check: "purity", order: 0, verdict, compared: actual.length, worst: null, note: "at moved inputs" }; // biome-ignore format: one object
  if (first < 0) return { summary, findings: [] };
  const { name } = subject;
  const message = `${name} gives ${actual[first]} at moved inputs, where the graph that it made before gives ${expected[first]}: it draws random numbers at each call (pass a key), or reads values (item, dataSync) and builds on them (write the operation instead)`; // biome-ignore format: a sentence
  const values = { analytic: actual[first], numeric: expected[first], error: noise(first) };
  return { summary, findings: [finding("purity", message, values)] };
}
