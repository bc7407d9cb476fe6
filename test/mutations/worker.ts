import { parentPort } from "node:worker_threads";
import { BOUNDARIES } from "./boundaries.ts";
import { mutantsOf } from "./generate.ts";
import { hunt, type Kill, type Reach, type Reaches, trialAt } from "./hunt.ts";
import type { Mutant } from "./mutant.ts";
import { Survey } from "./survey.ts";
import { LOOKS } from "./trials.ts";

/** What a worker is asked: which rules its share of the trials calls, or what finds a mutant. */
export type Question =
  | { readonly kind: "survey"; readonly share: number; readonly of: number; readonly cases: number }
  | { readonly kind: "reaches"; readonly reaches: Reaches }
  | { readonly kind: "hunt"; readonly mutant: Mutant };

/** The answer to a survey. */
export interface Surveyed {
  readonly reaches: Reaches;
  readonly mutants: readonly Mutant[];
}

/** The answer to a hunt. */
export interface Hunted {
  readonly kill: Kill | null;
  readonly ms: number;
}

function surveyed(share: number, of: number, cases: number): Surveyed {
  const survey = new Survey();
  const reaches: Record<string, Reach[]> = {};
  for (let look = share; look < LOOKS.length + BOUNDARIES.length; look += of) {
    for (let item = 0; item < (look < LOOKS.length ? cases : 1); item++) {
      const { rules, calls } = survey.run(trialAt({ look, item }, BOUNDARIES));
      for (const rule of rules) {
        reaches[rule] ??= [];
        reaches[rule].push({ look, item, cost: calls });
      }
    }
  }
  return { reaches, mutants: mutantsOf(survey.seen) };
}

let known: Reaches = {};

function answer(question: Question): Surveyed | Hunted | null {
  switch (question.kind) {
    case "survey":
      return surveyed(question.share, question.of, question.cases);
    case "reaches":
      known = question.reaches;
      return null;
    case "hunt": {
      const begun = performance.now();
      const kill = hunt(question.mutant, known, BOUNDARIES);
      return { kill, ms: performance.now() - begun };
    }
  }
}

parentPort?.on("message", (question: Question) => parentPort?.postMessage(answer(question)));
