/**
 * Gradient checks: whether the derivatives that a program computes are those of its functions.
 * @packageDocumentation
 */
export { checkGradients } from "./check/checkGradients.ts";
export type { CheckOptions } from "./check/options.ts";
export type { CheckedFunction } from "./check/subject.ts";
export {
  type CheckedInput,
  type CheckName,
  type CheckSummary,
  type Culprit,
  type Finding,
  type GradientReport,
  type Kink,
  type Mode,
  mergedReport,
  type Property,
  type Verdict,
} from "./report/report.ts";
