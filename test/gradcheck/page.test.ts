import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAULTS } from "./faults/index.ts";
import { HARD } from "./hard/index.ts";
import own from "./results/cotangent.json" with { type: "json" };
import torch from "./results/torch.json" with { type: "json" };
import { PAGE, pageOf } from "./support/page.ts";
import type { Results, TorchResults } from "./support/results.ts";

const results = { own: own as unknown as Results, torch: torch as unknown as TorchResults };

test("what the page says is what came out, for the rows of the tables", () => {
  const page = readFileSync(new URL(`../../${PAGE}`, import.meta.url), "utf8");
  expect(page, "write it again with npm run check:hard -- --write").toBe(pageOf(results.own, results.torch));
});

test("there are results for every row, and for nothing else", () => {
  const faults = FAULTS.flatMap(({ rows }) => rows.map(({ name }) => name)).sort();
  const hard = HARD.map(({ name }) => name).sort();
  for (const one of Object.values(results)) {
    expect(Object.keys(one.faults).sort()).toEqual(faults);
    expect(Object.keys(one.hard).sort()).toEqual(hard);
  }
});

test("all faults are found, no correct function is called wrong, and at most 2% of the runs are inconclusive", () => {
  const { faults, hard } = results.own;
  expect(Object.entries(faults).filter(([, cases]) => cases === null || cases > 200)).toEqual([]);
  const counts = Object.values(hard);
  const sum = (key: "runs" | "inconclusive" | "wrong") => counts.reduce((total, one) => total + one[key], 0);
  expect(sum("runs")).toBeGreaterThanOrEqual(10_000);
  expect(sum("wrong")).toBe(0);
  expect(sum("inconclusive") / sum("runs")).toBeLessThanOrEqual(0.02);
});
