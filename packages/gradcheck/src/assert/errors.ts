import { CotangentError } from "@cotangent/core";
import type { GradientReport } from "../report/report.ts";
import { formatReport } from "../report/text.ts";

/** Gradients that are not right, or of which that cannot be said; the message is the report, printed. */
export class GradientCheckError extends CotangentError {
  override readonly name = "GradientCheckError";
  /** What the check has found out. */
  readonly report: GradientReport;
  override readonly remedy: string;

  constructor(report: GradientReport, { operation, remedy }: { operation: string; remedy: string }) {
    super(`${formatReport(report)}\n\n${remedy}`, { operation });
    this.report = report;
    this.remedy = remedy;
  }
}

/** A tensor that is not what a test expects. */
export class TensorMismatchError extends CotangentError {
  override readonly name = "TensorMismatchError";
}
