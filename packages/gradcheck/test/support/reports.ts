import type { CheckSummary, Culprit, Finding, GradientReport } from "@cotangent/gradcheck";

/** A finding with what matters to a test; the rest as a wrong factor gives it. */
export const finding = (about: Partial<Finding> = {}): Finding => ({
  verdict: "wrong",
  check: "reverse",
  order: 1,
  input: "inputs[0]",
  element: [0, 1],
  output: "output",
  outputElement: null,
  analytic: 12,
  numeric: 3,
  error: 2.1e-10,
  relativeError: 0.75,
  message: "the gradient in reverse mode is 4 times the numeric one",
  culprit: null,
  ...about,
});

export const culprit = (about: Partial<Culprit> = {}): Culprit => ({
  operation: "mul",
  line: "src/cube.ts:12:20",
  call: "mul([2, 3], [2, 3])",
  operand: 1,
  detail: "its vjp gives 12 where differences of the operation give 3",
  ...about,
});

export const summary = (about: Partial<CheckSummary> = {}): CheckSummary => ({
  check: "reverse",
  order: 1,
  verdict: "right",
  compared: 6,
  worst: 0.031,
  note: null,
  ...about,
});

export const report = (about: Partial<GradientReport> = {}): GradientReport => ({
  name: "cube",
  verdict: "right",
  ok: true,
  inputs: [{ path: "inputs[0]", shape: [2, 3], dtype: "float64" }],
  findings: [],
  checks: [
    summary(),
    summary({ check: "forward", worst: 0.0000021 }),
    summary({ check: "taylor", note: "slope 2.00", worst: null, compared: 3 }),
  ],
  kinks: [],
  moved: false,
  seed: 0,
  ...about,
});

/** A report of a function with a wrong factor in all elements of its input. */
export const wrongReport = (about: Partial<GradientReport> = {}): GradientReport => {
  const elements = [0, 1].flatMap((row) => [0, 1, 2].map((column) => [row, column]));
  const found = elements.map((element, at) =>
    finding({ element, relativeError: 0.5 + at / 100, culprit: culprit() }),
  );
  return report({
    verdict: "wrong",
    ok: false,
    findings: found,
    checks: [
      summary({ verdict: "wrong", worst: 4.3e9 }),
      summary({ check: "forward" }),
      summary({ check: "taylor", verdict: "wrong", worst: 51, note: "slope 1.00" }),
    ],
    ...about,
  });
};
