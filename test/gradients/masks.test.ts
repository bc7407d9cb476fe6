import fc from "fast-check";
import { expect, test } from "vitest";
import { Point } from "./support/point.ts";
import { primitivesIn } from "./support/primitive.ts";
import { maskedBranch, partlyMasked } from "./support/properties.ts";
import { casesOf } from "./support/row.ts";
import { testRows } from "./support/run.ts";
import { CONTRACTIONS, CONTROL, carriesMasks, RULES } from "./support/unmasked.ts";
import { rowOf, TABLE } from "./table/index.ts";

testRows(
  "branches that are not chosen",
  TABLE.filter(({ name }) => carriesMasks(name)),
  maskedBranch,
);

testRows("masks that let some elements through", TABLE, partlyMasked);

/** The names of the primitives in some calls of a row. */
function primitivesOf(name: string): Iterable<string> {
  // Some calls of products only scale or multiply element by element.
  const made = fc.sample(casesOf(rowOf(name)), { seed: 1, numRuns: 8 }).map((item) => {
    const point = new Point(item);
    return point.f(...point.args);
  });
  return primitivesIn(made);
}

test.each(CONTRACTIONS)("%s is left out because it contracts", (name) => {
  const made = new Set(primitivesOf(name));
  expect(made.has("dot") || made.has("conv")).toBe(true);
});

test.each(CONTROL)("%s is left out because it is a loop or a branch", (name) => {
  const made = new Set(primitivesOf(name));
  expect(made.has("loop") || made.has("branch")).toBe(true);
});

test.each(RULES)("%s is left out because it has a rule of its own", (name) => {
  expect([...primitivesOf(name)]).toContain("customCall");
});
