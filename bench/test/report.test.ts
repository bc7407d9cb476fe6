import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { IterationLine } from "../lines/line.ts";
import { resultsSection, withResults } from "../runner/docs.ts";
import {
  agreementSentence,
  formatNumber,
  meanRatio,
  remarks,
  renderMarkdown,
  renderText,
  rivalsSentence,
  tableOf,
} from "../runner/report.ts";
import { type Cell, inUnit, isMet, type Report, type Row, ratio } from "../runner/results.ts";

const line = (parts: Partial<IterationLine> = {}): IterationLine => ({
  name: "step",
  title: "A step",
  measure: "iteration",
  unit: "us",
  work: { kind: "elementwiseGrad", size: 1 },
  ...parts,
});
const row = (parts: Partial<IterationLine>, values: Record<string, number | Cell>): Row => ({
  line: line(parts),
  cells: Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === "number" ? { value } : value]),
  ),
});
const step = row({ target: { atMost: 100 } }, { cotangent: 80, tfjs: 1600, jaxjs: 160 });
const product = row(
  { name: "product", title: "A product", unit: "GFLOP/s", flops: 2e9, target: { atLeast: 85 } },
  { cotangent: 60, tfjs: 30, jaxjs: { unsupported: true } },
);
const report: Report = {
  date: "2026-11-24T10:00:00.000Z",
  machine: "a processor, 2 cores",
  quick: false,
  participants: [
    { name: "cotangent", title: "Cotangent", version: "0.1.0", note: "the engine is wasm" },
    { name: "tfjs", title: "tfjs wasm", version: "4.22.0" },
    { name: "jaxjs", title: "jax-js wasm", version: "0.1.25" },
  ],
  rows: [step, product],
  warnings: [],
};

describe("numbers", () => {
  test.each([
    [0.014, "0.01"],
    [1.234, "1.23"],
    [9.999, "10.0"],
    [12.34, "12.3"],
    [99.97, "100"],
    [123.4, "123"],
    [1008719, "1,008,719"],
  ])("%d is written %s", (value, text) => expect(formatNumber(value)).toBe(text));

  test("microseconds turn into the unit of the line", () => {
    expect(inUnit(line(), 50)).toBe(50);
    expect(inUnit(line({ unit: "us/op", operations: 100 }), 50)).toBe(0.5);
    expect(inUnit(line({ unit: "GFLOP/s", flops: 2e9 }), 20_000)).toBe(100);
  });
});

describe("ratios", () => {
  test("are above 1 where Cotangent is ahead, whatever the unit", () => {
    expect(ratio(step, "tfjs")).toBe(20);
    expect(ratio(product, "tfjs")).toBe(2);
  });

  test("are not made of what is missing or of other work", () => {
    expect(ratio(product, "jaxjs")).toBeUndefined();
    const other = row({}, { cotangent: 1, tfjs: { value: 2, difference: 0.01 } });
    expect(ratio(other, "tfjs")).toBeUndefined();
  });

  test("have their geometric mean over what both have", () => {
    expect(meanRatio(report.rows, ["tfjs"]).mean).toBeCloseTo(Math.sqrt(40), 10);
    expect(meanRatio(report.rows, ["jaxjs"]).lines).toBe(1);
    expect(rivalsSentence(report)).toBe(
      "tfjs wasm and jax-js wasm: geometric mean x4.31 over 3 comparisons.",
    );
  });

  test("of first steps and sizes are left out of the mean", () => {
    const first: Row = { ...step, line: { ...line(), measure: "first", unit: "us" } };
    expect(meanRatio([first], ["tfjs"]).lines).toBe(0);
  });
});

test("a target is a limit from above or from below", () => {
  expect([isMet(10, { atMost: 10 }), isMet(11, { atMost: 10 })]).toEqual([true, false]);
  expect([isMet(85, { atLeast: 85 }), isMet(84, { atLeast: 85 })]).toEqual([true, false]);
});

describe("the table", () => {
  test("shows values, ratios, targets and means", () => {
    expect(tableOf(report)).toEqual([
      ["line", "unit", "Cotangent", "tfjs wasm", "jax-js wasm", "target", "met"],
      ["A step", "us", "80.0", "1,600 (x20.0)", "160 (x2.00)", "<= 100", "yes"],
      ["A product", "GFLOP/s", "60.0", "30.0 (x2.00)", "-", ">= 85.0", "no"],
      ["geometric mean of the ratios (of how many lines)", "", "", "x6.32 (2)", "x2.00 (1)", "", ""],
    ]);
  });

  test("says what failed and what did other work, and the remarks say why", () => {
    const rows = [
      row(
        {},
        { cotangent: 80, tfjs: { error: "ended" }, jaxjs: { value: 1, results: [[3]], difference: 0.5 } },
      ),
    ];
    const part = { participants: report.participants, rows };
    expect(tableOf(part)[1].slice(3, 5)).toEqual(["failed", "1.00 (differs)"]);
    expect(remarks(part)).toEqual([
      "step, tfjs wasm, failed: ended",
      "step, jax-js wasm, did other work: results are 50.0 % from the first peer's, or from its own first ([[3]])",
    ]);
  });

  test("is followed by how well the results agree", () => {
    const cell = (difference: number): Cell => ({ value: 1, difference });
    const rows = [row({}, { cotangent: cell(0), tfjs: cell(3.2e-6) }), product];
    expect(agreementSentence({ rows })).toBe(
      "Losses and gradients of all peers agree within 3.2e-6, relatively.",
    );
    expect(agreementSentence({ rows: [product] })).toBeUndefined();
  });

  test("does without Cotangent", () => {
    const part = { participants: report.participants.slice(1), rows: [row({}, { tfjs: 5, jaxjs: 6 })] };
    expect(tableOf(part)).toEqual([
      ["line", "unit", "tfjs wasm", "jax-js wasm", "target", "met"],
      ["A step", "us", "5.00", "6.00", "", ""],
    ]);
    expect(rivalsSentence(part)).toBeUndefined();
  });

  test("is padded as text and ruled as Markdown", () => {
    const table = [
      ["line", "unit"],
      ["a long one", "us"],
    ];
    expect(renderText(table)).toBe("line        unit\n----------------\na long one    us");
    expect(renderMarkdown(table)).toBe("| line | unit |\n| --- | ---: |\n| a long one | us |");
  });
});

describe("the page", () => {
  const page = "before\n<!-- benchmark:begin -->\nold\n<!-- benchmark:end -->\nafter\n";

  test("gets the section between its markers, and again", () => {
    const once = withResults(page, "new");
    expect(once).toBe("before\n<!-- benchmark:begin -->\nnew\n<!-- benchmark:end -->\nafter\n");
    expect(withResults(once, "newer")).toContain("\nnewer\n");
  });

  test.each(["no markers", page.replace("begin", "start"), page + page])("must have them once", (text) => {
    expect(() => withResults(text, "new")).toThrow("the page must hold");
  });

  test("of the docs has its markers", () => {
    const file = new URL("../../docs/performance.md", import.meta.url);
    const page = readFileSync(file, "utf8");
    const both = withResults(withResults(page, "new"), "with AVX2", "avx2");
    expect(both).toContain("\nnew\n");
    expect(both).toContain("\nwith AVX2\n");
  });

  test("says when, where, who", () => {
    const section = resultsSection(report);
    expect(section).toContain("Measured on 2026-11-24: a processor, 2 cores.");
    expect(section).toContain("- Cotangent 0.1.0 (the engine is wasm)\n- tfjs wasm 4.22.0\n");
    expect(section).toContain("| A step | us | 80.0 | 1,600 (x20.0) |");
  });
});
