import type { Verdict } from "@cotangent/gradcheck";
import { reportOf } from "./cases.ts";
import type { HardRow } from "./rows.ts";

/** What became of the runs of one function. */
export interface Tally {
  readonly name: string;
  runs: number;
  /** Milliseconds of all runs together. */
  time: number;
  readonly counts: Record<Verdict, number>;
  /** The seeds of the runs that came out other than they should, and what was said of them. */
  readonly unexpected: string[];
}

/** How often each row runs so that all of them run `runs` times together: as many as their weights allow. */
export function sharesOf(rows: readonly HardRow[], runs: number): number[] {
  const parts = rows.map(({ weight = 1 }) => 1 / weight);
  const unit = runs / parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => Math.max(1, Math.ceil(part * unit)));
}

const SEEDS_PER_RUN = 1_000_000;

/** Runs a row so often, from a seed. */
export function tallyOf(row: HardRow, runs: number, seed: number): Tally {
  const counts = { right: 0, kink: 0, inconclusive: 0, wrong: 0 };
  const tally: Tally = { name: row.name, runs, time: 0, counts, unexpected: [] };
  const begun = performance.now();
  for (let i = 0; i < runs; i++) {
    const one = (seed * SEEDS_PER_RUN + i) | 0;
    const { verdict, findings } = reportOf(row, one);
    counts[verdict]++;
    const expected = verdict === "right" || (verdict === "kink" && row.kinks === true);
    if (!expected) tally.unexpected.push(`${row.name}, seed ${one}: ${verdict}: ${findings[0]?.message}`);
  }
  tally.time = performance.now() - begun;
  return tally;
}

/** The sums of all. */
export function totalOf(tallies: readonly Tally[]): Tally {
  const total: Tally = {
    name: "together",
    runs: 0,
    time: 0,
    counts: { right: 0, kink: 0, inconclusive: 0, wrong: 0 },
    unexpected: tallies.flatMap(({ unexpected }) => unexpected),
  };
  for (const { runs, time, counts } of tallies) {
    total.runs += runs;
    total.time += time;
    for (const verdict of Object.keys(counts) as Verdict[]) total.counts[verdict] += counts[verdict];
  }
  return total;
}

/** A line of the printed table. */
export const lineOf = ({ name, runs, time, counts }: Tally): string =>
  [
    name.padEnd(30),
    ...[runs, counts.right, counts.inconclusive, counts.kink, counts.wrong].map((n) =>
      String(n).padStart(12),
    ),
    `${(time / 1000).toFixed(1)} s`.padStart(10),
  ].join("");

export const HEADING = [
  "function".padEnd(30),
  ...["runs", "right", "inconclusive", "kinks", "wrong"].map((word) => word.padStart(12)),
  "time".padStart(10),
].join("");
