import type { CheckOptions } from "../check/options.ts";
import type { CheckedFunction } from "../check/subject.ts";
import { checkGradients } from "../checkGradients.ts";
import { adviceFor } from "../report/words.ts";
import { GradientCheckError } from "./errors.ts";

/**
 * Checks the derivatives of f at the inputs, as `checkGradients` does, for tests of any runner: passes only where the
 * verdict is `right`.
 * @throws GradientCheckError where it is not, with the report, printed, as its message
 * @throws StateError for inputs or options that make no sense
 */
export function assertGradients(f: CheckedFunction, inputs: unknown, options: CheckOptions = {}): void {
  const report = checkGradients(f, inputs, options);
  if (report.ok) return;
  throw new GradientCheckError(report, { operation: "assertGradients", remedy: adviceFor(report) });
}
