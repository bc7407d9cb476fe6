import { getEngine, referenceEngine } from "@cotangent/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Census } from "./census.ts";
import type { Property } from "./properties.ts";
import { hashOf } from "./random.ts";
import { casesOf, type Row } from "./row.ts";

/** All random cases follow from this number and the names of the rows; `npm run gradients` takes others. */
export const SEED = Number(process.env.COTANGENT_SEED ?? 20261124);
/** Cases that find any fault that is put into a rule. */
const ALL_RUNS = 100;
/**
 * Random cases for each row and property, as many as there is time for where all tests run (`npm run gradients` runs more). Rules
 * do not depend on the engine: on others than the reference engine, which compiles fastest, some will do.
 */
export const RUNS = Number(process.env.COTANGENT_CASES ?? (getEngine() === referenceEngine ? 40 : 8));

/** The number of cases of a row, given that of most. */
const runsOf = ({ share = 1 }: Row, runs: number): number => Math.max(4, Math.round(runs * share));

const parameters = (row: Row, runs: number) => ({
  seed: (SEED ^ hashOf(row.name)) | 0,
  numRuns: runsOf(row, runs),
  // A row that rejects one case in two is a mistake in its domain.
  maxSkipsPerRun: 1,
});

const asFastCheck = (row: Row, property: Property, census: Census) =>
  fc.property(casesOf(row), (item) => {
    const conclusive = property(item);
    census.note(item, conclusive);
    fc.pre(conclusive);
  });

/** @throws Error with the smallest failing case when the property does not hold for the row */
export const checkRow = (row: Row, property: Property, census = new Census()): void =>
  fc.assert(asFastCheck(row, property, census), parameters(row, RUNS));

/** Whether the property finds something wrong with the row. */
export const finds = (row: Row, property: Property): boolean =>
  fc.check(asFastCheck(row, property, new Census()), { ...parameters(row, ALL_RUNS), endOnFailure: true })
    .failed;

/** A test for each row, and one for the shares of the cases that were drawn. */
export function testRows(name: string, rows: readonly Row[], property: Property): void {
  const census = new Census();
  test.each(rows.map((row) => [row.name, row] as const))(`${name}: %s`, (_, row) => {
    checkRow(row, property, census);
  });
  test(`${name}: what was drawn`, () => {
    const { checked, small, aliased, deep, rejected } = census.shares();
    console.log(`${name}: seed ${SEED}, ${rows.length} rows, ${census}`);
    expect(checked).toBeGreaterThanOrEqual(rows.reduce((total, row) => total + runsOf(row, RUNS), 0));
    expect(small).toBeGreaterThanOrEqual(0.1);
    expect(aliased).toBeGreaterThanOrEqual(0.05);
    expect(deep).toBeGreaterThanOrEqual(0.15);
    expect(rejected).toBeLessThan(0.2);
  });
}
