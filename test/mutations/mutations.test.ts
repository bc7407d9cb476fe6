import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EQUIVALENT } from "./equivalent.ts";
import { mutantsOf } from "./generate.ts";
import { hunt, type Reach, ruleOf } from "./hunt.ts";
import { type Mutant, nameOf } from "./mutant.ts";
import { allRules, rulesWithout, WITHOUT_MUTANTS } from "./rules.ts";
import { Survey } from "./survey.ts";
import { LOOKS, trialsOf } from "./trials.ts";

/** Mutants of all kinds, each of which must be found: the whole table is what `npm run mutate` hunts. */
const SAMPLE = 24;

/** The rule in the name of a mutant, or of a rule for one operand. */
const ruleIn = (name: string): string => name.replace(/( of \d+)?(: .*)?$/, "");

/** Cases of each row, at most: further ones are for rules that no case before has called. */
const MOST_CASES = 8;

/** The properties that take the least time, and call all kinds of rules. */
const CHEAP = ["firstOrder", "mappedValues", "partlyMasked"];

const survey = new Survey();
const reaches: Record<string, Reach[]> = {};

function look(item: number): void {
  LOOKS.forEach((one, i) => {
    if (item > 0 && !CHEAP.includes(one.finder)) return;
    const { rules, calls } = survey.run(trialsOf(one, item + 1, item)[0]);
    for (const rule of rules) {
      reaches[rule] ??= [];
      reaches[rule].push({ look: i, item, cost: calls });
    }
  });
}

const uncalled = (): boolean => {
  const called = new Set(Object.keys(reaches).map(ruleIn));
  return allRules().some((rule) => !called.has(rule) && !(rule in WITHOUT_MUTANTS));
};

for (let item = 0; item < MOST_CASES && uncalled(); item++) look(item);
const mutants = mutantsOf(survey.seen);

describe("mutants of rules", () => {
  test("every rule has some, or a reason why not", () => {
    expect(rulesWithout(mutants)).toEqual([]);
    expect(Object.keys(WITHOUT_MUTANTS).filter((rule) => !allRules().includes(rule))).toEqual([]);
  });

  test("the table of equivalent ones names only rules that there are", () => {
    const rules = new Set(allRules());
    expect(Object.keys(EQUIVALENT).filter((name) => !rules.has(ruleIn(name)))).toEqual([]);
  });

  test("the command runs all tests of boundary points", () => {
    const list = readFileSync(new URL("boundaries.ts", import.meta.url), "utf8");
    const files = readdirSync(new URL("../gradients/boundaries", import.meta.url));
    expect(files.filter((file) => !list.includes(`/${file}"`))).toEqual([]);
  });

  // What compares numbers may be wrong at ties alone, which only the boundary points of the whole command show.
  const others = mutants.filter(
    (mutant) => !(nameOf(mutant) in EQUIVALENT) && !/compare|bitwise/.test(nameOf(mutant)),
  );
  const sample: readonly Mutant[] = Array.from(
    { length: SAMPLE },
    (_, i) => others[Math.floor(((i + 0.5) / SAMPLE) * others.length)],
  );

  test.each(sample.map((mutant) => [nameOf(mutant), mutant] as const))("found: %s", (_, mutant) => {
    expect(reaches[ruleOf(mutant)]).not.toEqual([]);
    expect(hunt(mutant, reaches, [])).not.toBeNull();
  });
});
