import type { IterationLine } from "./line.ts";

/** Rows that are reduced twice (maximum, sum of exponentials) and written once. */
export const crossEntropyGrad: IterationLine = {
  name: "cross-entropy-grad",
  title: "grad of softmax cross-entropy, 512x10000",
  measure: "iteration",
  unit: "us",
  work: { kind: "crossEntropyGrad", rows: 512, classes: 10_000 },
  target: { atMost: 4500 },
};
