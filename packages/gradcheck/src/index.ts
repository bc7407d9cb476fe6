/**
 * Gradient checks: whether the derivatives that a program computes are those of its functions.
 * @packageDocumentation
 */
export { assertCloseToTensor, type CloseOptions } from "./assert/close.ts";
export { GradientCheckError, TensorMismatchError } from "./assert/errors.ts";
export { assertGradients } from "./assert/gradients.ts";
export { assertShape } from "./assert/shape.ts";
export { assertWithinUlp, type UlpOptions } from "./assert/ulp.ts";
export type { CheckOptions } from "./check/options.ts";
export type { CheckedFunction } from "./check/subject.ts";
export { checkGradients } from "./checkGradients.ts";
export { checkModule } from "./module/checkModule.ts";
export type { CheckableModule } from "./module/layer.ts";
export type { ModuleCheckOptions, ModuleInput } from "./module/options.ts";
export type { ModulePart } from "./module/parts.ts";
export { type HtmlOptions, reportHtml } from "./report/html.ts";
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
export { type FormatOptions, formatReport } from "./report/text.ts";
