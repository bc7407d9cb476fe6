import type { IterationLine } from "./line.ts";

/** Memory traffic and elementary functions: what an engine gains by fusing, and by its own sin, exp and tanh. */
export const elementwiseGrad: IterationLine = {
  name: "elementwise-grad",
  title: "grad of sum(sin(x)*exp(-x^2)+tanh(x)), 1M floats",
  measure: "iteration",
  unit: "us",
  work: { kind: "elementwiseGrad", size: 1_000_000 },
  target: { atMost: 5000 },
};
