import type { IterationLine } from "./line.ts";

const STEPS = 1000;

/** A loop whose steps depend on one another: as part of the graph where the library has that. */
export const recurrent: IterationLine = {
  name: "recurrent-64x1000",
  title: "recurrence of 64 units over 1000 steps: value and gradient",
  measure: "iteration",
  unit: "us/op",
  operations: STEPS,
  work: { kind: "recurrent", units: 64, steps: STEPS },
};
