import { StateError } from "@cotangent/core";
import type { GradientReport } from "../report/report.ts";
import { type CheckOptions, settingsOf } from "./options.ts";

/** Any function of tensors and trees of tensors. */
export type CheckedFunction = (...args: never[]) => unknown;

/**
 * Checks the derivatives of f at the inputs.
 * @throws StateError for inputs or options that make no sense
 */
export function checkGradients(
  f: CheckedFunction,
  inputs: unknown,
  options: CheckOptions = {},
): GradientReport {
  settingsOf("checkGradients", options);
  throw new StateError(`to be written: ${f.name} ${String(inputs)}`, {
    operation: "checkGradients",
    remedy: "Wait",
  });
}
