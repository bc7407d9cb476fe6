/**
 * Gradient checks: whether the derivatives that a program computes are those of its functions.
 * @packageDocumentation
 */
export { type CheckedFunction, checkGradients } from "./check/checkGradients.ts";
export type { CheckOptions } from "./check/options.ts";
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
