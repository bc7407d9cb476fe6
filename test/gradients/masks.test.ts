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
const CONTRACTIONS = [
  "matmul",
  "dot",
  "dot of NumPy",
  "inner",
  "tensordot",
  "einsum",
  "eye",
  "attention",
  "Dense",
  "Sequential",
];

testRows(
  "branches that are not chosen",
  TABLE.filter(({ name }) => !CONTRACTIONS.includes(name)),
  maskedBranch,
);

test.each(CONTRACTIONS)("%s is left out because it contracts", (name) => {
  // Some calls of products only scale or multiply element by element.
  const made = fc.sample(casesOf(rowOf(name)), { seed: 1, numRuns: 8 }).map((item) => {
    const point = new Point(item);
    return point.f(...point.args);
  });
  expect(primitivesIn(made)).toContain("dot");
});
