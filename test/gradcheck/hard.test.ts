import { describe, expect, test } from "vitest";
import { HARD } from "./hard/index.ts";
import { sharesOf, type Tally, tallyOf, totalOf } from "./support/tally.ts";

/** All of them together: the whole campaign has ten times as many (`npm run check:hard`). */
const RUNS = 1_000;
const INCONCLUSIVE = 0.02;

describe("correct functions that are hard to check", () => {
  const tallies: Tally[] = [];
  const shares = sharesOf(HARD, RUNS);

  test.each(HARD.map((row, i) => [row.name, row, shares[i]] as const))("%s", (_, row, runs) => {
    const tally = tallyOf(row, runs, 1);
    tallies.push(tally);
    expect(tally.counts.wrong, tally.unexpected.join("\n")).toBe(0);
    if (row.kinks === undefined) expect(tally.counts.kink, tally.unexpected.join("\n")).toBe(0);
  });

  test("are hardly ever inconclusive", () => {
    const { runs, counts, unexpected } = totalOf(tallies);
    expect(runs).toBeGreaterThanOrEqual(RUNS);
    expect(counts.inconclusive / runs, unexpected.join("\n")).toBeLessThanOrEqual(INCONCLUSIVE);
  });

  test("there are enough of them, each with a name of its own", () => {
    expect(HARD.length).toBeGreaterThanOrEqual(45);
    expect(new Set(HARD.map(({ name }) => name)).size).toBe(HARD.length);
  });
});
