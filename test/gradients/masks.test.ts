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
  "Dropout in a model",
  "jacobian of both modes",
];

/** A rule of a user's own, and a checkpoint that is mapped, are given the cotangent as a value: the mask ends there. */
const RULES = [
  "customVjp",
  "customVjp of trees",
  "customVjp under vmap",
  "gradient of customVjp",
  "nested checkpoints",
  "checkpoint under vmap",
];

testRows(
  "branches that are not chosen",
  TABLE.filter(({ name }) => !CONTRACTIONS.includes(name) && !RULES.includes(name)),
  maskedBranch,
);

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
  expect([...primitivesOf(name)]).toContain("dot");
});

test.each(RULES)("%s is left out because it has a rule of its own", (name) => {
  expect([...primitivesOf(name)]).toContain("customCall");
});
