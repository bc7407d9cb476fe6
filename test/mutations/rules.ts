import { primitives } from "@cotangent/core";
import type { Mutant } from "./mutant.ts";
import { type Part, partsOf } from "./rule.ts";

/** Only nodes with an operand that differs from lane to lane are mapped. */
const NO_OPERAND = "a leaf has no operand, so that it is the same in all lanes and its rule is never asked";

/** packages/core/test/control compares derivatives and lanes of loops and branches with what they unroll to. */
const BY_CALL = "a loop or a branch and its parts have rules of their own, and are mapped together";

/** Rules that no mutant can be made of, and why. */
export const WITHOUT_MUTANTS: Readonly<Record<string, string>> = {
  "data, batch": NO_OPERAND,
  "input, batch": NO_OPERAND,
  "read, batch": NO_OPERAND,
  "constant, batch": NO_OPERAND,
  "iota, batch": NO_OPERAND,
  "loop, batch": BY_CALL,
  "branch, batch": BY_CALL,
  "part, batch": BY_CALL,
  "compiledResult, batch": "made of values that are computed already, among which no lane can be",
  "alternative, transpose": "both modes pass an alternative by themselves, before any rule is asked",
  "alternative, mask": "both modes pass an alternative by themselves, before any rule is asked",
};

/** A rule of a primitive, as WITHOUT_MUTANTS names it. */
export const ruleTitle = (prim: string, part: Part): string => `${prim}, ${part}`;

/** Every rule of every primitive. */
export const allRules = (): readonly string[] =>
  primitives().flatMap((prim) => partsOf(prim).map((part) => ruleTitle(prim.name, part)));

/** The rules of which there is no mutant, although there should be. */
export function rulesWithout(mutants: readonly Mutant[]): readonly string[] {
  const mutated = new Set(mutants.map(({ prim, part }) => ruleTitle(prim, part)));
  return allRules().filter((rule) => !mutated.has(rule) && !(rule in WITHOUT_MUTANTS));
}
