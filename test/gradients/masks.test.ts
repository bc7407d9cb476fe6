import fc from "fast-check";
import { expect, test } from "vitest";
import { Point } from "./support/point.ts";
import { primitivesIn } from "./support/primitive.ts";
import { maskedBranch } from "./support/properties.ts";
import { casesOf } from "./support/row.ts";
import { testRows } from "./support/run.ts";
import { rowOf, TABLE } from "./table/index.ts";

/**
 * A mask ends at a contraction. Carried through, it would cost every layer behind a relu (whose cotangent is a mask) a
 * second contraction.
 */
const CONTRACTIONS = ["matmul", "dot", "eye", "attention", "Dense", "Sequential"];

testRows(
  "branches that are not chosen",
  TABLE.filter(({ name }) => !CONTRACTIONS.includes(name)),
  maskedBranch,
);

test.each(CONTRACTIONS)("%s is left out because it contracts", (name) => {
  const [item] = fc.sample(casesOf(rowOf(name)), { seed: 1, numRuns: 1 });
  const point = new Point(item);
  expect(primitivesIn([point.f(...point.args)])).toContain("dot");
});
