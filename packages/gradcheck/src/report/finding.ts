import type { CheckName, Finding } from "./report.ts";

const NOWHERE = {
  input: null,
  element: null,
  output: null,
  outputElement: null,
  analytic: null,
  numeric: null,
  error: null,
  relativeError: null,
  culprit: null,
} as const;

/** A finding: wrong, not about derivatives, and about nothing in particular, but for what `details` say. */
export const finding = (check: CheckName, message: string, details: Partial<Finding> = {}): Finding => ({
  ...NOWHERE,
  verdict: "wrong",
  check,
  order: 0,
  message,
  ...details,
});
