import { StateError } from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { formatReport, type Verdict } from "../src/index.ts";
import { valueText } from "../src/report/numbers.ts";
import { culprit, finding, report, summary, wrongReport } from "./support/reports.ts";

test("a report that is right says what was checked, how, and how to repeat it", () => {
  expect(formatReport(report({ seed: 7 }))).toBe(`\
Right: gradients of cube by inputs[0] float64 [2, 3]

check             verdict  compared  worst/allowed
reverse mode      right           6          0.031
forward mode      right           6         2.1e-6
Taylor remainder  right           3                 slope 2.00

Seed 7: the options { seed: 7 } repeat this.`);
});

test("a report of wrong gradients shows the worst element, both values, and the rule at fault", () => {
  expect(formatReport(wrongReport())).toBe(`\
WRONG: gradients of cube by inputs[0] float64 [2, 3]

1. WRONG: inputs[0][1, 2] -> output, reverse mode
   the gradient in reverse mode is 4 times the numeric one.
     analytic       12
     numeric         3 +- 2.1e-10
     relative error 0.55
     at fault       mul([2, 3], [2, 3]), derivative by operand 1
     made at        src/cube.ts:12:20
                    its vjp gives 12 where differences of the operation give 3.
   and 5 more elements of inputs[0]: [0, 0], [0, 1], [0, 2], [1, 0] ...

check             verdict  compared  worst/allowed
reverse mode      WRONG           6          4.3e9
forward mode      right           6          0.031
Taylor remainder  WRONG           6             51  slope 1.00

Seed 0: the options { seed: 0 } repeat this.`);
});

test.each<[Verdict, string]>([
  ["right", "Right: "],
  ["wrong", "WRONG: "],
  ["kink", "At a kink: "],
  ["inconclusive", "Inconclusive: "],
])("the first line says that the verdict is %s", (verdict, start) => {
  const [first] = formatReport(report({ verdict, ok: verdict === "right" })).split("\n");
  expect(first.startsWith(start)).toBe(true);
});

test("the first line says what is not right where gradients are", () => {
  const findings = [finding({ check: "purity", order: 0 }), finding({ check: "vmap", order: 0 })];
  const [first] = formatReport(wrongReport({ findings })).split("\n");
  expect(first).toBe("WRONG: purity, vmap of cube by inputs[0] float64 [2, 3]");
});

describe("findings", () => {
  test("of other checks, inputs or rules are not folded into one", () => {
    const findings = [
      finding(),
      finding({ check: "forward" }),
      finding({ input: "inputs[1]" }),
      finding({ culprit: culprit({ line: "src/other.ts:1:1" }) }),
      finding({ verdict: "inconclusive" }),
    ];
    const text = formatReport(wrongReport({ findings }));
    expect(text.match(/^\d\. /gm)).toHaveLength(5);
    expect(text).not.toContain("more element");
  });

  test("of one element by several outputs are counted as comparisons", () => {
    const same = [0, 1, 2].map((at) => finding({ outputElement: [at] }));
    expect(formatReport(wrongReport({ findings: same }))).toContain("and 2 more comparisons of inputs[0]\n");
    const more = [...same, finding({ element: [1, 1] })];
    expect(formatReport(wrongReport({ findings: more }))).toContain(
      "and 1 more element of inputs[0]: [1, 1]\n",
    );
  });

  test("beyond maxFindings are counted, with their inputs", () => {
    const findings = ["a", "b", "c", "c"].map((name, at) => finding({ input: name, element: [at, 0] }));
    const text = formatReport(wrongReport({ findings }), { maxFindings: 1 });
    expect(text).toContain("1. WRONG: a[0, 0]");
    expect(text).toContain("And 3 findings more, about b, c.");
    expect(text).not.toContain("2. ");
    expect(formatReport(wrongReport({ findings }), { maxFindings: 0 })).toContain("And 4 findings more");
  });

  test("of NaN are shown before those of numbers", () => {
    const findings = [
      finding(),
      finding({ element: [1, 1], relativeError: Number.NaN, analytic: Number.NaN }),
    ];
    const text = formatReport(wrongReport({ findings }));
    expect(text).toContain("1. WRONG: inputs[0][1, 1]");
    expect(text).toContain("analytic       NaN");
  });

  test("without values or places are a sentence", () => {
    const bare = { input: null, element: null, output: null, analytic: null, numeric: null };
    const text = formatReport(
      wrongReport({
        findings: [finding({ ...bare, error: null, relativeError: null, check: "purity", order: 0 })],
      }),
    );
    expect(text).toContain("1. WRONG: purity\n   the gradient");
    expect(text).not.toContain("analytic");
  });

  test("show the digits in which the values differ, their points below each other", () => {
    const findings = [finding({ analytic: 123.4567891, numeric: -1.4567892, error: 1e-9 })];
    const lines = formatReport(wrongReport({ findings })).split("\n");
    const [analytic, numeric] = ["analytic", "numeric"].map((name) =>
      lines.find((line) => line.trim().startsWith(name)),
    );
    expect(analytic).toContain("123.4567891");
    expect(analytic?.indexOf(".")).toBe(numeric?.indexOf("."));
  });
});

test("a numeric value whose error has no bound is unknown", () => {
  const findings = [
    finding({ verdict: "kink", analytic: 0.5, numeric: 0.25, error: Number.POSITIVE_INFINITY }),
  ];
  const text = formatReport(report({ verdict: "kink", ok: false, findings }));
  expect(text).toContain("     analytic       0.5\n     numeric        unknown\n\n");
});

test("values have the digits that their errors leave them", () => {
  expect(valueText(1 / 3, 1e-6)).toBe("0.3333333");
  expect(valueText(1 / 3, 1)).toBe("0.3333");
  expect(valueText(1 / 3, 0)).toBe("0.33333333333333331");
  expect(valueText(1 / 3, null)).toBe("0.3333333333");
  expect(valueText(1 / 3, Number.NaN)).toBe("0.3333333333");
  expect(valueText(1.5e-12, 1e-20)).toBe("1.5e-12");
  expect(valueText(-2500000000000, 1)).toBe("-2.5e12");
  expect(valueText(-0, 1e-9)).toBe("-0");
  expect(valueText(Number.NEGATIVE_INFINITY, null)).toBe("-Infinity");
});

describe("the layout", () => {
  const words = "several words ".repeat(20).trim();
  const inputs = Array.from({ length: 30 }, (_, at) => ({
    path: `inputs[0].layers[${at}]`,
    shape: [3, 4],
    dtype: "float32" as const,
  }));
  const wide = wrongReport({
    inputs,
    findings: [finding({ message: words, culprit: culprit({ detail: words, call: `sum(${words})` }) })],
    checks: [summary({ note: words }), summary({ order: 2, check: "taylor", note: "slope 2.00" })],
    kinks: Array.from({ length: 8 }, (_, at) => ({ operation: "relu", line: null, distance: 0.001 * at })),
    moved: true,
  });

  test("keeps to 100 columns", () => {
    for (const line of formatReport(wide).split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("keeps paths whole", () => {
    const line = `/a/${"very/".repeat(30)}long.ts:1:2`;
    const text = formatReport(wrongReport({ findings: [finding({ culprit: culprit({ line }) })] }));
    expect(text).toContain(line);
  });

  test("has no special characters", () => {
    expect(formatReport(wide)).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test("says orders, kinks and that inputs were moved", () => {
    const text = formatReport(wide);
    expect(text).toMatch(/^WRONG: gradients of first and second order of cube by /);
    expect(text).toContain("Taylor remainder, order 2");
    expect(text).toContain("and 3 more, further away");
    expect(text).toMatch(
      /off kinks\. Seed 0: the options \{ order: 2, kinks: "move", seed: 0 \} repeat\s+this\.$/,
    );
  });

  test("with colours is the same text", () => {
    const colored = formatReport(wide, { color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of colours
    expect(colored.replace(/\u001b\[[\d;]*m/g, "")).toBe(formatReport(wide));
    expect(colored).toContain("\u001b[1;31mWRONG:\u001b[0m");
  });
});

test("options are checked", () => {
  expect(() => formatReport(report(), { maxFindings: -1 })).toThrow(StateError);
  expect(() => formatReport(report(), { colour: true } as object)).toThrow(/unknown option colour/);
});
