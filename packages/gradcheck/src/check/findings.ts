import type { Shape } from "@cotangent/core";
import { indexOf, sizeOf } from "../numeric/vectors.ts";
import type { CheckSummary, Culprit, Finding, Verdict } from "../report/report.ts";
import type { Failure, Outcome } from "./examine.ts";

interface Named {
  readonly path: string;
  readonly shape: Shape;
}

/** What inputs and results are called in findings. */
export interface Naming {
  readonly inputs: readonly Named[];
  readonly outputs: readonly Named[];
}

/** What a report says of one mode. */
export function summaryOf({ source, verdict, compared, worst }: Outcome): CheckSummary {
  const { check, order } = source;
  return { check, order, verdict, compared, worst: compared === 0 ? null : worst, note: null };
}

/** Everything that is not right about one mode, as findings. */
export function findingsOf(
  { source, failures }: Outcome,
  naming: Naming,
  culprit: Culprit | null,
): Finding[] {
  // The derivative of a gradient has an element for each element of the inputs.
  const results = source.order === 2 ? naming.inputs : naming.outputs;
  return failures.map((failure) => {
    const { judgement, analytic } = failure;
    const verdict = judgement.verdict as Exclude<Verdict, "right">;
    const input = failure.element === null ? null : placeIn(naming.inputs, failure.element);
    const output = placeOf(failure, results);
    const outputPath =
      output === null ? null : source.order === 2 ? `gradient of ${output.path}` : output.path;
    const larger = Math.max(Math.abs(analytic), Math.abs(judgement.numeric));
    return {
      verdict,
      check: source.check,
      order: source.order,
      input: input?.path ?? null,
      element: input?.index ?? null,
      output: outputPath,
      outputElement: output?.index ?? null,
      analytic,
      numeric: judgement.numeric,
      error: judgement.tolerance,
      relativeError: larger === 0 ? 0 : Math.abs(analytic - judgement.numeric) / larger,
      message: messageOf(verdict, failure, outputPath, output?.index ?? null, input),
      culprit: verdict === "wrong" ? culprit : null,
    };
  });
}

/** Which result a comparison is about; null where it is about a weighted sum of them. */
function placeOf({ source, component }: Failure, results: readonly Named[]) {
  const { weights } = source;
  if (weights === null) return placeIn(results, component);
  const own = weights[component];
  const first = own.findIndex((x) => x !== 0);
  const isUnit = own.every((x, i) => (i === first ? x === 1 : x === 0));
  return isUnit || own.length === 1 ? placeIn(results, first) : null;
}

/** Path and index of an element among several tensors, counted through all of them. */
function placeIn(
  tensors: readonly Named[],
  element: number,
): { readonly path: string; readonly index: number[] } {
  let rest = element;
  for (const { path, shape } of tensors) {
    const size = sizeOf(shape);
    if (rest < size) return { path, index: indexOf(rest, shape) };
    rest -= size;
  }
  return { path: "", index: [] };
}

const indexed = (path: string, index: readonly number[] | null): string =>
  index === null || index.length === 0 ? path : `${path} at [${index.join(", ")}]`;

const shown = (x: number): string => Number(x.toPrecision(10)).toString();

function messageOf(
  verdict: Verdict,
  { source, analytic, judgement }: Failure,
  output: string | null,
  outputIndex: readonly number[] | null,
  input: { readonly path: string; readonly index: number[] } | null,
): string {
  const of = output === null ? "a weighted sum of the results" : indexed(output, outputIndex);
  const by = input === null ? "along a random direction" : `by ${indexed(input.path, input.index)}`;
  const what = `The derivative of ${of} ${by}`;
  const { numeric, tolerance } = judgement;
  switch (verdict) {
    case "wrong":
      return `${what} is ${shown(analytic)} in mode ${source.check}, but ${shown(numeric)} by differences (+-${tolerance.toExponential(1)})`; // biome-ignore format: a sentence
    case "kink":
      return `${what} does not exist: the function has a kink or a jump at this point. Move the inputs off it, or pass { kinks: "move" }`; // biome-ignore format: a sentence
    default:
      return Number.isFinite(numeric)
        ? `${what} is ${shown(analytic)}, and ${shown(numeric)} by differences, which may be off by ${tolerance.toExponential(1)}: that decides nothing`
        : `${what} has no finite value by differences: the function is not finite on both sides of this point`;
  }
}
