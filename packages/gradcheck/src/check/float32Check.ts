import type { Shape, Tensor } from "@cotangent/core";
import { indexOf, sizeOf } from "../numeric/vectors.ts";
import { finding } from "../report/finding.ts";
import type { CheckSummary, Culprit, Finding } from "../report/report.ts";
import { compareFloat32, type Float32Comparison, firstDifference } from "./float32.ts";
import type { Target } from "./float64.ts";
import type { Subject } from "./subject.ts";

/**
 * What float32 gives, against the same graph in float64: a summary, and a finding for values and for gradients. Where both
 * are right as a whole, functions with a rule of their own are looked at one by one: a poor formula may hide in a long sum.
 */
export function float32Check(
  subject: Subject,
  leaves: readonly Tensor[],
  target: Target,
  weights: Float64Array,
  culprit: (among: { readonly rulesOnly: boolean }) => Culprit | null,
): { readonly summary: CheckSummary; readonly findings: readonly Finding[] } {
  const { values, gradients } = compareFloat32(subject.call, leaves, target, weights);
  const shapes = target.call(target.xs).map(({ shape }) => shape);
  const ofValues = findingOf(values, subject.resultPaths, shapes, "The value of");
  const ofGradients = findingOf(gradients, subject.paths, leaves.map(({ shape }) => shape), "The gradient by"); // biome-ignore format: one call
  const whole = [ofValues, ofGradients].filter((one) => one !== null);
  const cause = culprit({ rulesOnly: whole.length === 0 });
  const found = whole.length === 0 && cause !== null ? [findingOfRule(cause)] : whole;
  return {
    summary: {
      check: "float32",
      order: 1,
      verdict: found.length === 0 ? "right" : "wrong",
      compared: values.exact.length + gradients.exact.length,
      worst: Math.max(worstOf(values), worstOf(gradients)),
      note: null,
    },
    findings: found.map((one) => ({ ...one, culprit: cause })),
  };
}

const findingOfRule = ({ operation, detail }: Culprit): Finding =>
  finding(
    "float32",
    `The rule of ${operation} loses more digits in float32 than roundings of its operands explain: ${detail}`,
    { order: 1 },
  );

function worstOf({ actual, exact, tolerance }: Float32Comparison): number {
  let worst = 0;
  for (let i = 0; i < exact.length; i++) {
    if (!Object.is(actual[i], exact[i]))
      worst = Math.max(worst, Math.abs(actual[i] - exact[i]) / tolerance[i] || 0);
  }
  return worst;
}

function findingOf(
  comparison: Float32Comparison,
  paths: readonly string[],
  shapes: readonly Shape[],
  what: string,
): Finding | null {
  const at = firstDifference(comparison);
  if (at === null) return null;
  let rest = at;
  const which = shapes.findIndex((shape) => {
    if (rest < sizeOf(shape)) return true;
    rest -= sizeOf(shape);
    return false;
  });
  const index = indexOf(rest, shapes[which]);
  const path = paths[which];
  const [analytic, numeric, error] = [comparison.actual[at], comparison.exact[at], comparison.tolerance[at]];
  const isValue = what.startsWith("The value");
  const named = index.length === 0 ? path : `${path} at [${index.join(", ")}]`;
  return {
    verdict: "wrong",
    check: "float32",
    order: 1,
    input: isValue ? null : path,
    element: isValue ? null : index,
    output: isValue ? path : null,
    outputElement: isValue ? index : null,
    analytic,
    numeric,
    error,
    relativeError: Math.abs(analytic - numeric) / Math.max(Math.abs(analytic), Math.abs(numeric)),
    message: `${what} ${named} is ${analytic} in float32, but ${numeric} by the same graph in float64: rounding explains ${error.toExponential(1)} of that`, // biome-ignore format: a sentence
    culprit: null,
  };
}
