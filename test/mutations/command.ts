import { parseArgs } from "node:util";
import { EQUIVALENT } from "./equivalent.ts";
import { Figures } from "./figures.ts";
import type { Reach, Reaches } from "./hunt.ts";
import { type Mutant, nameOf } from "./mutant.ts";
import { rulesWithout } from "./rules.ts";
import { Team } from "./team.ts";
import type { Hunted, Surveyed } from "./worker.ts";

/** Cases of each row and property that are looked at for which rules they call. */
const SURVEYED = "6";

/** Parts of the survey, each of which keeps calls of its own: which mutants there are does not depend on the workers. */
const SHARES = 8;

const { values } = parseArgs({
  options: {
    /** Primitives, or beginnings of names of mutants (`mul, partial of 0`); all unless given. */
    only: { type: "string", multiple: true },
    list: { type: "boolean", default: false },
    workers: { type: "string", default: "2" },
    cases: { type: "string", default: SURVEYED },
  },
});

const begun = performance.now();
const minutes = (): string => `${((performance.now() - begun) / 60_000).toFixed(1)} min`;
const team = new Team(new URL("worker.mjs", import.meta.url), Number(values.workers));

/** What all workers found together. */
function together(found: readonly Surveyed[]): { reaches: Reaches; mutants: readonly Mutant[] } {
  const reaches: Record<string, Reach[]> = {};
  for (const one of found) {
    for (const [rule, trials] of Object.entries(one.reaches))
      reaches[rule] = [...(reaches[rule] ?? []), ...trials];
  }
  const mutants = new Map(found.flatMap((one) => one.mutants).map((mutant) => [nameOf(mutant), mutant]));
  return { reaches, mutants: [...mutants.keys()].sort().map((name) => mutants.get(name) as Mutant) };
}

/** Whether a mutant is asked for: by its primitive, or by the beginning of its name. */
const chosen = (mutant: Mutant): boolean =>
  values.only?.some((one) => mutant.prim === one || (one.includes(",") && nameOf(mutant).startsWith(one))) ??
  true;

/** Hunts the mutants with all workers, printing those that live. */
async function huntAll(mutants: readonly Mutant[], figures: Figures): Promise<void> {
  let printed = performance.now();
  await team.each<Hunted>(
    mutants.map((mutant) => ({ kind: "hunt", mutant })),
    (i, { kill, ms }) => {
      figures.note(mutants[i], kill, ms);
      if (kill === null)
        console.log(`lives: ${nameOf(mutants[i])}${nameOf(mutants[i]) in EQUIVALENT ? " (equivalent)" : ""}`);
      if (performance.now() - printed < 20_000) return;
      printed = performance.now();
      console.log(`${minutes()}: ${figures.progress(mutants.length)}`);
    },
  );
}

/** What is wrong, a line for each: empty when every mutant is found, or equivalent. */
function complaints(all: readonly Mutant[], figures: Figures): string[] {
  const names = new Set(all.map(nameOf));
  return [
    ...rulesWithout(all).map((rule) => `no mutants of the rule "${rule}"`),
    ...figures.alive.filter((name) => !(name in EQUIVALENT)).map((name) => `not found: ${name}`),
    ...figures.killed
      .filter((name) => name in EQUIVALENT)
      .map((name) => `found, but in the table of equivalents: ${name}`),
    ...Object.keys(EQUIVALENT)
      .filter((name) => !names.has(name))
      .map((name) => `equivalent, but no mutant: ${name}`),
  ];
}

console.log(`Looking which rules the gradient tests call, with ${team.size} workers`);
const surveyed: Surveyed[] = [];
await team.each<Surveyed>(
  Array.from({ length: SHARES }, (_, share) => ({
    kind: "survey",
    share,
    of: SHARES,
    cases: Number(values.cases),
  })),
  (share, found) => {
    surveyed[share] = found;
  },
);
const { reaches, mutants } = together(surveyed);
const wanted = mutants.filter(chosen);
console.log(`${minutes()}: ${mutants.length} mutants, ${wanted.length} of them chosen`);
if (wanted.length === 0) {
  console.error(`There is no mutant of ${values.only?.join(", ")}: --list prints all names`);
  process.exit(2);
}
if (values.list) {
  for (const mutant of wanted) console.log(nameOf(mutant));
  await team.end();
  process.exit(0);
}
await team.all({ kind: "reaches", reaches });
const figures = new Figures();
await huntAll(wanted, figures);
await team.end();
console.log(`\n${figures.report()}\n\nIn ${minutes()}`);
const wrong = complaints(mutants, figures);
for (const line of wrong) console.error(line);
process.exit(wrong.length === 0 ? 0 : 1);
