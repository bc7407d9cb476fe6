import { type DType, formatShape, type Shape } from "@cotangent/core";
import type { CheckName, CheckSummary, Finding, GradientReport, Verdict } from "./report.ts";

/** What reports call the verdicts. */
export const VERDICTS: Readonly<Record<Verdict, string>> = {
  right: "right",
  wrong: "WRONG",
  kink: "at a kink",
  inconclusive: "inconclusive",
};

/** What reports call the checks. */
const CHECKS: Readonly<Record<CheckName, string>> = {
  reverse: "reverse mode",
  forward: "forward mode",
  reverseOverReverse: "reverse over reverse",
  forwardOverReverse: "forward over reverse",
  reverseOverForward: "reverse over forward",
  forwardOverForward: "forward over forward",
  purity: "purity",
  vmap: "vmap",
  aliasing: "aliased inputs",
  unused: "unused inputs",
  doubleBackward: "double backward",
  maskedNaN: "masked NaN",
  batchSizes: "batch sizes",
  taylor: "Taylor remainder",
  dotProduct: "dot product",
  float32: "float32",
  subgradient: "subgradient",
  state: "state",
  evaluation: "evaluation mode",
  batchIndependence: "batch independence",
  determinism: "determinism",
};

/** A check's name in words, with the order where it is the second: `Taylor remainder, order 2`. */
export const checkWords = ({ check, order }: Pick<Finding | CheckSummary, "check" | "order">): string =>
  order === 2 && !/ over /.test(CHECKS[check]) ? `${CHECKS[check]}, order 2` : CHECKS[check];

/** `1 element`, `12 elements`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/**
 * What was checked, without the name: `gradients of first and second order`; where gradients are right and something else
 * is not, what that is: `batch independence`.
 */
export function subjectOf({ checks, findings }: GradientReport): string {
  if (findings.length > 0 && findings.every(({ order }) => order === 0)) {
    return [...new Set(findings.map(({ check }) => CHECKS[check]))].join(", ");
  }
  const orders = new Set(checks.map(({ order }) => order));
  if (orders.has(2)) return "gradients of first and second order";
  return orders.has(1) || orders.size === 0 ? "gradients" : "properties";
}

/** An input as text: `inputs[0] float64 [2, 3]`. */
export const inputWords = ({ path, dtype, shape }: { path: string; dtype: DType; shape: Shape }): string =>
  `${path} ${dtype} ${formatShape(shape)}`;

/** The place of an element: `inputs[0][1, 2]`; the path alone where there is no element. */
export function placeOf(path: string | null, element: readonly number[] | null): string | null {
  if (path === null || element === null || element.length === 0) return path;
  return `${path}[${element.join(", ")}]`;
}

/** What to do about a report that is not right. */
export function adviceFor({ verdict }: Pick<GradientReport, "verdict">): string {
  if (verdict === "wrong") return "Correct the rule or the function that the findings name.";
  if (verdict === "kink") {
    return 'There is no derivative at a kink: check at other inputs, or pass { kinks: "move" } to have them moved.';
  }
  return "The numeric derivative is too uncertain here: check at inputs where the function is less steep or large.";
}
