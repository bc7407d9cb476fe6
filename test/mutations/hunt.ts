import { ruleName } from "./generate.ts";
import { type Mutant, whileMutated } from "./mutant.ts";
import { LOOKS, type Trial, trialsOf } from "./trials.ts";

/** A trial by its place: a look (or, from LOOKS.length on, a boundary test) and the number of the case. */
export interface TrialPlace {
  readonly look: number;
  readonly item: number;
}

/** A trial that calls a rule, and how many calls of rules it makes: the fewer, the sooner it is tried. */
export interface Reach extends TrialPlace {
  readonly cost: number;
}

/** By the name of a rule: the trials that call it. */
export type Reaches = Readonly<Record<string, readonly Reach[]>>;

/** What found a mutant. */
export interface Kill {
  readonly finder: string;
  readonly place: string;
}

/** How many looks at a rule are deepened for what survived all trials of the survey. */
const DEEPENED = 24;
/** How many cases of each: as many as the gradient tests draw. */
const CASES = 100;

/** The rule that a mutant changes. */
export const ruleOf = ({ prim, part, mutation }: Mutant): string => {
  if (part !== "partial") return ruleName(prim, part, null);
  return ruleName(
    prim,
    part,
    "of" in mutation ? mutation.of : "operand" in mutation ? mutation.operand : null,
  );
};

/** The trial at a place. */
export const trialAt = ({ look, item }: TrialPlace, others: readonly Trial[]): Trial =>
  look < LOOKS.length ? trialsOf(LOOKS[look], item + 1, item)[0] : others[look - LOOKS.length];

/** What finds a mutant, or null: the trials that call its rule, from the cheapest on, then more cases of the same rows. */
export function hunt(mutant: Mutant, reaches: Reaches, others: readonly Trial[]): Kill | null {
  const known = inTurns([...(reaches[ruleOf(mutant)] ?? [])].sort((x, y) => x.cost - y.cost));
  return firstKill(mutant, surveyed(known, others)) ?? firstKill(mutant, deepened(known));
}

/** The trials in an order in which all ways to look take turns: what one does not see another may. */
function inTurns(reaches: readonly Reach[]): readonly Reach[] {
  const turns = new Map<string, number>();
  const turn = ({ look }: Reach): number => {
    const finder = LOOKS[look]?.finder ?? "boundary";
    const next = turns.get(finder) ?? 0;
    turns.set(finder, next + 1);
    return next;
  };
  return reaches
    .map((reach) => ({ reach, turn: turn(reach) }))
    .sort((x, y) => x.turn - y.turn)
    .map(({ reach }) => reach);
}

/** The trials of the survey, each made when it is its turn. */
function* surveyed(known: readonly Reach[], others: readonly Trial[]): Iterable<Trial> {
  for (const place of known) yield trialAt(place, others);
}

/** More cases of the rows that reach a rule, those first that reach it at the least cost. */
function* deepened(known: readonly Reach[]): Iterable<Trial> {
  const looks = [...new Set(known.map(({ look }) => look))].filter((look) => look < LOOKS.length);
  for (const look of looks.slice(0, DEEPENED)) yield* trialsOf(LOOKS[look], CASES);
}

function firstKill(mutant: Mutant, trials: Iterable<Trial>): Kill | null {
  return whileMutated(mutant, () => {
    for (const { run, finder, place } of trials) {
      try {
        run();
      } catch {
        return { finder, place };
      }
    }
    return null;
  });
}
