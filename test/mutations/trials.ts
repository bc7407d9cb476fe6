import fc from "fast-check";
import { derivativesOfMapped, mappedDerivatives, mappedValues } from "../gradients/support/lanes.ts";
import {
  firstOrder,
  maskedBranch,
  type Property,
  partlyMasked,
  secondOrder,
} from "../gradients/support/properties.ts";
import { hashOf } from "../gradients/support/random.ts";
import { type Case, casesOf, type Row } from "../gradients/support/row.ts";
import { SEED } from "../gradients/support/run.ts";
import { carriesMasks } from "../gradients/support/unmasked.ts";
import { TABLE } from "../gradients/table/index.ts";

/** The properties of the gradient tests, those first that find most. */
export const PROPERTIES: Readonly<Record<string, Property>> = {
  firstOrder,
  secondOrder,
  mappedValues,
  maskedBranch,
  partlyMasked,
  mappedDerivatives,
  derivativesOfMapped,
};

/** One look at the rules: throws when they are wrong. */
export interface Trial {
  /** What finds a mutant: the name of a property. */
  readonly finder: string;
  /** Where: the name of a row. */
  readonly place: string;
  run(): void;
}

const sampled = new Map<string, readonly Case[]>();

/** The first cases that the gradient tests draw for a row. */
function casesFor(row: Row, count: number): readonly Case[] {
  const known = sampled.get(row.name);
  if (known !== undefined && known.length >= count) return known.slice(0, count);
  const drawn = fc.sample(casesOf(row), { seed: (SEED ^ hashOf(row.name)) | 0, numRuns: count });
  sampled.set(row.name, drawn);
  return drawn;
}

/** A row of the table with a property that holds for it. */
export interface Look {
  readonly row: Row;
  readonly finder: string;
  readonly property: Property;
}

/** Every row with every property that is tested of it. */
export const LOOKS: readonly Look[] = TABLE.flatMap((row) =>
  Object.entries(PROPERTIES)
    .filter(([finder]) => finder !== "maskedBranch" || carriesMasks(row.name))
    .map(([finder, property]) => ({ row, finder, property })),
);

/** The first `count` cases of a row, looked at by a property, from the case `start` on. */
export const trialsOf = ({ row, finder, property }: Look, count: number, start = 0): readonly Trial[] =>
  casesFor(row, count)
    .slice(start)
    .map((item) => ({ finder, place: row.name, run: () => void property(item) }));
