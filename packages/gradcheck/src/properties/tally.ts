import type { Shape } from "@cotangent/core";
import { indexOf } from "../numeric/vectors.ts";
import { finding } from "../report/finding.ts";
import { type CheckName, type CheckSummary, type Culprit, type Finding, worstOf } from "../report/report.ts";

/** What one check says: a line of the report, and what is not right about it. */
export interface CheckResult {
  readonly summary: CheckSummary;
  readonly findings: readonly Finding[];
}

/** Where the numbers of a comparison belong, for findings. */
export interface Place {
  /** The shape of what is compared. */
  readonly shape: Shape;
  /** The input whose gradient it is. */
  readonly input?: string;
  /** The output whose value it is. */
  readonly output?: string;
}

/** Two lists of numbers that should agree. */
export interface Comparison extends Place {
  readonly actual: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
  /** How far apart they may be, element by element, asked where bits differ. Bits must be equal unless it is given. */
  readonly allowed?: () => ArrayLike<number>;
  /** What is compared, as the beginning of a sentence: `The value of output[1]`. */
  readonly what: string;
  /** The rest of the sentence after the expected number: `in a loop`. */
  readonly instead: string;
  readonly culprit?: () => Culprit | null;
}

/** Counts what a check compares, and notes what is not right. */
export class Tally {
  private compared = 0;
  private worst: number | null = null;
  private readonly findings: Finding[] = [];
  private readonly notes: string[] = [];

  constructor(private readonly check: CheckName) {}

  /** Notes the first element that differs by more than it may. @returns whether there is none */
  compare(comparison: Comparison): boolean {
    const { actual, expected, allowed } = comparison;
    this.compared += expected.length;
    let tolerance: ArrayLike<number> | null = null;
    let failed = -1;
    for (let i = 0; i < expected.length && failed < 0; i++) {
      if (Object.is(actual[i], expected[i])) continue;
      tolerance ??= allowed?.() ?? null;
      if (tolerance === null) {
        failed = i;
        continue;
      }
      const share = actual[i] === expected[i] ? 0 : Math.abs(actual[i] - expected[i]) / tolerance[i];
      this.worst = Math.max(this.worst ?? 0, Number.isNaN(share) ? Number.POSITIVE_INFINITY : share);
      if (!(share <= 1)) failed = i;
    }
    if (failed >= 0) this.differs(comparison, failed, tolerance?.[failed] ?? null);
    return failed < 0;
  }

  private differs(comparison: Comparison, i: number, error: number | null): void {
    const { what, instead, actual, expected, shape, input = null, output = null, culprit } = comparison;
    const index = indexOf(i, shape);
    const at = index.length === 0 ? "" : ` at [${index.join(", ")}]`;
    const larger = Math.max(Math.abs(actual[i]), Math.abs(expected[i]));
    this.fault(`${what}${at} is ${shown(actual[i])}, but ${shown(expected[i])} ${instead}`, {
      order: input === null ? 0 : 1,
      input,
      element: input === null ? null : index,
      output,
      outputElement: output === null ? null : index,
      analytic: actual[i],
      numeric: expected[i],
      error,
      relativeError: larger === 0 ? 0 : Math.abs(actual[i] - expected[i]) / larger,
      culprit: culprit?.() ?? null,
    });
  }

  /** Compares a shape, or another text. @returns whether both are equal */
  same(what: string, actual: string, expected: string, details: Partial<Finding> = {}): boolean {
    this.compared++;
    if (actual === expected) return true;
    this.fault(`${what} is ${actual}, but should be ${expected}`, details);
    return false;
  }

  /** Notes what is not right: wrong unless `details` say something else. */
  fault(message: string, details: Partial<Finding> = {}): void {
    this.findings.push(finding(this.check, message, details));
  }

  /** Runs a part of the check; what it throws is a finding, which begins with `what`. @returns whether it came through */
  attempt(what: string, body: () => void, details?: () => Partial<Finding>): boolean {
    try {
      body();
      return true;
    } catch (error) {
      this.fault(`${what}: ${error instanceof Error ? error.message : String(error)}`, details?.());
      return false;
    }
  }

  /** Says more about the check, once. */
  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  /** What there is to say, now that all is compared. */
  result(): CheckResult {
    const { check, compared, worst, notes, findings } = this;
    const verdict = worstOf(findings.map((one) => one.verdict));
    const note = notes.length === 0 ? null : notes.join("; ");
    return { summary: { check, order: 0, verdict, compared, worst, note }, findings };
  }
}

const shown = (x: number): string => Number(x.toPrecision(9)).toString();
