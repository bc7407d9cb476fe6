import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { FAULTS } from "./faults/index.ts";
import { HARD } from "./hard/index.ts";
import { firstFound } from "./support/cases.ts";
import { encodedCases } from "./support/encode.ts";
import { PAGE, pageOf } from "./support/page.ts";
import type { Results, TorchResults } from "./support/results.ts";
import { HEADING, lineOf, sharesOf, tallyOf, totalOf } from "./support/tally.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    /** Only the functions whose names contain it. */
    only: { type: "string", default: "" },
    /** Keeps what came out, with the cases that faults take, and writes the page about it. */
    write: { type: "boolean", default: false },
    /** Writes the inputs of the cases to this file instead of checking anything. */
    inputs: { type: "string" },
  },
});

/** Runs the functions and prints the table; how it went. */
function campaign(): Results["hard"] {
  const rows = HARD.filter(({ name }) => name.includes(values.only));
  const shares = sharesOf(rows, Number(values.runs));
  console.log(`Correct functions that are hard to check, from seed ${values.seed}\n\n${HEADING}`);
  const tallies = rows.map((row, i) => {
    const tally = tallyOf(row, shares[i], Number(values.seed));
    console.log(lineOf(tally));
    return tally;
  });
  const total = totalOf(tallies);
  console.log(`${lineOf(total)}\n`);
  for (const line of total.unexpected) console.log(line);
  if (total.counts.wrong > 0) process.exitCode = 1;
  return Object.fromEntries(tallies.map(({ name, runs, counts }) => [name, { runs, ...counts }]));
}

/** How many cases each fault takes; null for what is not found. */
const faults = (): Results["faults"] =>
  Object.fromEntries(
    FAULTS.flatMap(({ rows }) => rows.map((row) => [row.name, firstFound(row)?.cases ?? null])),
  );

/** Keeps the results, and writes the page from them. */
function keep(results: Results): void {
  const folder = "test/gradcheck/results";
  writeFileSync(`${folder}/cotangent.json`, `${JSON.stringify(results, null, 1)}\n`);
  const torch = JSON.parse(readFileSync(`${folder}/torch.json`, "utf8")) as TorchResults;
  writeFileSync(PAGE, pageOf(results, torch));
}

if (values.inputs !== undefined) {
  writeFileSync(values.inputs, JSON.stringify(encodedCases()));
} else {
  const hard = campaign();
  if (values.write) keep({ faults: faults(), hard });
}
