import type { DType, Shape } from "@cotangent/core";

/**
 * What is said of a comparison, or of a whole check:
 * - `right`: analytic and numeric value agree, and the numeric one is known well enough to tell;
 * - `wrong`: they differ by more than the numeric error, in two independent estimates;
 * - `kink`: the function has a kink or a jump at the point, so there is no derivative to compare with;
 * - `inconclusive`: the numeric side cannot decide.
 *
 * Everything but `right` fails matchers and the command line. The worst one is the verdict of the whole.
 */
export type Verdict = "right" | "wrong" | "inconclusive" | "kink";

/** How a derivative is computed; those of second order name the outer transform first. */
export type Mode =
  | "reverse"
  | "forward"
  | "reverseOverReverse"
  | "forwardOverReverse"
  | "reverseOverForward"
  | "forwardOverForward";

/** What can be checked besides derivatives, on request. */
export type Property =
  /** Two calls with the same inputs give the same bits, and the graph holds no numbers that were read out of the inputs. */
  | "purity"
  /** vmap equals a loop whose results are stacked: values and gradients. */
  | "vmap"
  /** The same tensor in the places of several inputs of one shape gets the sum of their gradients. */
  | "aliasing"
  /** Inputs that a result does not depend on get gradients of zeros. */
  | "unused"
  /** What was saved for the backward pass serves it again, for any cotangents, and is differentiated in its turn. */
  | "doubleBackward"
  /** What `where` does not choose leaks no NaN into gradients. */
  | "maskedNaN"
  /** Leading axes of size 0 and 1 work: for functions that take batches. */
  | "batchSizes";

/** The name of one comparison in a report. */
export type CheckName =
  | Mode
  | Property
  /** f(x + hv) - f(x) - h f'(x) v falls with the square of h. */
  | "taylor"
  /** <v, J u> = <J^T v, u>. */
  | "dotProduct"
  /** What float32 gives, against the same graph in float64. */
  | "float32"
  /** At a kink of a single primitive: between the one-sided derivatives. */
  | "subgradient"
  /** Of a module: state, training and evaluation, batches, repeated calls. */
  | "state"
  | "evaluation"
  | "batchIndependence"
  | "determinism";

/** The operation whose rule is at fault. */
export interface Culprit {
  /** The primitive, or the user's function with a rule of its own. */
  readonly operation: string;
  /** The line that made it, in the host's notation; null where that is not known. */
  readonly line: string | null;
  /** The operation as text, with the shapes of its operands: `mul([2, 3], [2, 3])`. */
  readonly call: string;
  /** Which operand's derivative is wrong, counted from 0; null where that says nothing. */
  readonly operand: number | null;
  /** What is wrong with it, in a sentence. */
  readonly detail: string;
}

/** One comparison that did not come out right. */
export interface Finding {
  readonly verdict: Exclude<Verdict, "right">;
  readonly check: CheckName;
  /** 1 or 2: of which order the derivative is; 0 for what is not about derivatives. */
  readonly order: 0 | 1 | 2;
  /** The path of the input: `inputs[0]`, `inputs[1].weights`. Null where it is about all of them. */
  readonly input: string | null;
  /** The index of the element in that input. */
  readonly element: readonly number[] | null;
  /** The path of the output: `output`, `output.loss`. */
  readonly output: string | null;
  readonly outputElement: readonly number[] | null;
  readonly analytic: number | null;
  readonly numeric: number | null;
  /** How far off the numeric value may be. */
  readonly error: number | null;
  /** |analytic - numeric|, relative to the larger of both. */
  readonly relativeError: number | null;
  /** What is wrong, in a sentence. */
  readonly message: string;
  readonly culprit: Culprit | null;
}

/** What became of one kind of comparison. */
export interface CheckSummary {
  readonly check: CheckName;
  readonly order: 0 | 1 | 2;
  readonly verdict: Verdict;
  /** How many numbers were compared. */
  readonly compared: number;
  /** The largest difference, as a share of what is allowed; null where nothing is measured. */
  readonly worst: number | null;
  /** More about it: `slope 2.00`. */
  readonly note: string | null;
}

/** A place where the function has a kink or a jump, and how far from it the inputs are. */
export interface Kink {
  /** The primitive. */
  readonly operation: string;
  readonly line: string | null;
  /** The least distance of its operand from the place where it bends, in units of the operand: 0 at the kink. */
  readonly distance: number;
}

/** An input that derivatives were taken by. */
export interface CheckedInput {
  readonly path: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Everything that a check has found out. Plain data: it survives `JSON.stringify`. */
export interface GradientReport {
  /** What was checked: the function's name. */
  readonly name: string;
  readonly verdict: Verdict;
  /** Whether the verdict is `right`. */
  readonly ok: boolean;
  readonly inputs: readonly CheckedInput[];
  /** What is not right, the worst first. */
  readonly findings: readonly Finding[];
  readonly checks: readonly CheckSummary[];
  /** Kinks near the point, the nearest first. */
  readonly kinks: readonly Kink[];
  /** Whether the inputs were moved off kinks. */
  readonly moved: boolean;
  /** Random directions follow from it. */
  readonly seed: number;
}

const SEVERITY: readonly Verdict[] = ["right", "kink", "inconclusive", "wrong"];

/** The worst of some verdicts; `right` for none. */
export const worstOf = (verdicts: Iterable<Verdict>): Verdict =>
  [...verdicts].reduce<Verdict>((worst, next) => (SEVERITY.indexOf(next) > SEVERITY.indexOf(worst) ? next : worst), "right"); // biome-ignore format: one call

/** The worst findings first. */
export const bySeverity = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((a, b) => SEVERITY.indexOf(b.verdict) - SEVERITY.indexOf(a.verdict));

/** Reports of several checks of one function as one, under the name of the first. */
export function mergedReport(reports: readonly [GradientReport, ...GradientReport[]]): GradientReport {
  const [first] = reports;
  const verdict = worstOf(reports.map((one) => one.verdict));
  return {
    ...first,
    verdict,
    ok: verdict === "right",
    findings: bySeverity(reports.flatMap(({ findings }) => findings)),
    checks: reports.flatMap(({ checks }) => checks),
    kinks: reports.flatMap(({ kinks }) => kinks).toSorted((a, b) => a.distance - b.distance),
    moved: reports.some(({ moved }) => moved),
  };
}
