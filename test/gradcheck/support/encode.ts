import { isTensor } from "@cotangent/core";
import { FAULTS } from "../faults/index.ts";
import { HARD } from "../hard/index.ts";
import { CASES, inputsOf } from "./cases.ts";
import type { FaultRow, HardRow } from "./rows.ts";

/** More than this takes minutes to compare element by element: one case has to do. */
const LARGE = 10_000;
const HARD_CASES = 25;

/** A tree of tensors as plain data. */
function encoded(tree: unknown): unknown {
  if (isTensor(tree)) return { shape: tree.shape, dtype: tree.dtype, values: [...tree.dataSync()] };
  if (Array.isArray(tree)) return tree.map(encoded);
  return {
    fields: Object.fromEntries(Object.entries(tree as object).map(([key, one]) => [key, encoded(one)])),
  };
}

const largest = (tree: unknown): number =>
  isTensor(tree) ? tree.size : Math.max(0, ...Object.values(tree as object).map(largest));

function casesOf(row: FaultRow | HardRow, count: number) {
  const first = inputsOf(row, 0);
  const cases = largest(first) > LARGE ? 1 : count;
  return {
    order: row.options?.order ?? 1,
    cases: Array.from({ length: cases }, (_, seed) => encoded(inputsOf(row, seed))),
  };
}

/** The inputs of the random cases of both tables, for others to be judged by the same. */
export const encodedCases = (): object => ({
  faults: Object.fromEntries(
    FAULTS.flatMap(({ rows }) => rows.map((row) => [row.name, casesOf(row, CASES)])),
  ),
  hard: Object.fromEntries(HARD.map((row) => [row.name, casesOf(row, HARD_CASES)])),
});
