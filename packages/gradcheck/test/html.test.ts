import { describe, expect, test } from "vitest";
import { reportHtml } from "../src/index.ts";
import { culprit, finding, report, summary, wrongReport } from "./support/reports.ts";

const bodyOf = (html: string): string => html.slice(html.indexOf("<body>"));

test("a page stands on its own: no scripts, nothing from elsewhere, light and dark", () => {
  const html = reportHtml([report(), wrongReport()]);
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:/i);
  expect(html).toContain("prefers-color-scheme: dark");
});

test("every function is in the table and has a section", () => {
  const html = bodyOf(
    reportHtml([report({ name: "first" }), wrongReport({ name: "second" })], { title: "Layers" }),
  );
  expect(html).toContain("<h1>Layers</h1>");
  expect(html).toMatch(/2 functions: .*1 WRONG.*1 right/);
  for (const [at, name] of ["first", "second"].entries()) {
    expect(html).toContain(`<a href="#check-${at + 1}"><code>${name}</code></a>`);
    expect(html).toMatch(new RegExp(`<section id="check-${at + 1}"><header><h2><code>${name}`));
  }
});

test("everything is escaped", () => {
  const evil = `<img src=x onerror="alert('&')">`;
  const one = wrongReport({
    name: evil,
    inputs: [{ path: evil, shape: [2, 3], dtype: "float32" }],
    findings: [
      finding({
        input: evil,
        output: evil,
        message: evil,
        culprit: culprit({ call: evil, line: evil, detail: evil }),
      }),
    ],
    checks: [summary({ note: evil })],
    kinks: [{ operation: evil, line: evil, distance: 0 }],
  });
  const html = reportHtml([one], { title: evil });
  expect(html).not.toContain("<img");
  expect(
    html.match(/&lt;img src=x onerror=&quot;alert\(&#39;&amp;&#39;\)&quot;&gt;/g)?.length,
  ).toBeGreaterThan(10);
});

test("findings show values, errors, the rule at fault, and what to do", () => {
  const html = bodyOf(reportHtml([wrongReport()]));
  for (const text of ["12", "3", "2.1e-10", "mul([2, 3], [2, 3])", "src/cube.ts:12:20"]) {
    expect(html).toContain(`<code>${text}</code>`);
  }
  expect(html).toContain("and 5 more findings like it");
  expect(html).toContain("Correct the rule");
});

describe("the picture of an input", () => {
  const hits = (html: string) => html.match(/<rect [^>]*class="hit"[^>]*>/g) ?? [];
  const withElements = (shape: number[], elements: number[][], about = {}) =>
    reportHtml([
      wrongReport({
        inputs: [{ path: "inputs[0]", shape, dtype: "float64" }],
        findings: elements.map((element) => finding({ element, ...about })),
      }),
    ]);

  test("marks the elements, leading axes as rows", () => {
    const html = withElements([2, 2, 3], [[1, 0, 2]]);
    expect(hits(html)).toHaveLength(1);
    expect(hits(html)[0]).toContain('x="24" y="24"');
    expect(html).toContain("1 of 12 elements");
  });

  test("counts an element once, however often it was compared", () => {
    expect(withElements([3], [[1], [1], [2]])).toContain("2 of 3 elements");
  });

  test("of a large input has several elements to a cell, and stays small", () => {
    const elements = Array.from({ length: 300 }, (_, at) => [(at * 331) % 1000, (at * 17) % 500]);
    const html = withElements([1000, 500], elements);
    expect(hits(html).length).toBeGreaterThan(100);
    expect(html).toContain("a cell stands for several");
    for (const [, x, y] of html.matchAll(/<rect x="(\d+)" y="(\d+)" [^>]*class="hit"/g)) {
      expect(Number(x)).toBeLessThan(60 * 12);
      expect(Number(y)).toBeLessThan(32 * 12);
    }
  });

  test("is stronger where errors are larger", () => {
    const opacity = (relativeError: number) =>
      Number(withElements([3], [[1]], { relativeError }).match(/fill-opacity="([\d.]+)"/)?.[1]);
    expect(opacity(1e-6)).toBeLessThan(opacity(1e-2));
    expect(opacity(Number.NaN)).toBe(1);
  });

  test("is left out for scalars", () => {
    expect(withElements([], [[]])).not.toContain("<figure");
  });
});

test("verdicts that are not about values have no bars", () => {
  const bare = {
    element: null,
    analytic: null,
    numeric: null,
    error: null,
    relativeError: null,
    culprit: null,
  };
  const html = bodyOf(
    reportHtml([report({ verdict: "kink", ok: false, findings: [finding({ verdict: "kink", ...bare })] })]),
  );
  expect(html).not.toContain('class="values"');
  expect(html).toContain('class="badge kink"');
});

test("no reports make a page that says so; options are checked", () => {
  expect(reportHtml([])).toContain("0 functions");
  expect(() => reportHtml([], { tittle: "x" } as object)).toThrow(/unknown option/);
});
