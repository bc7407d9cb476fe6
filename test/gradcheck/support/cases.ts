import { checkGradients, type GradientReport } from "@cotangent/gradcheck";
import { hashOf, randomFrom } from "../../gradients/support/random.ts";
import type { FaultRow, HardRow } from "./rows.ts";

type Row = FaultRow | HardRow;

/** The inputs of a random case of a row. */
export const inputsOf = ({ name, inputs }: Row, seed: number): readonly unknown[] =>
  inputs(randomFrom(hashOf(name) + seed));

/** What the checker says of one random case of a row. */
export function reportOf(row: Row, seed: number): GradientReport {
  const { name, f, options = {} } = row;
  const inputs = inputsOf(row, seed);
  const check = () => checkGradients(f, inputs, { ...options, name, seed });
  return "fault" in row && row.fault !== undefined ? row.fault.run(check) : check();
}

/** How many random cases a fault may take. */
export const CASES = 200;

/** The first case in which a fault is found, with its report; null when none of them shows it. */
export function firstFound(row: FaultRow): { cases: number; report: GradientReport } | null {
  for (let seed = 0; seed < CASES; seed++) {
    const report = reportOf(row, seed);
    if (report.verdict === "wrong") return { cases: seed + 1, report };
  }
  return null;
}
