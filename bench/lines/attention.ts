import type { IterationLine } from "./line.ts";

/** Batched products with a softmax between them, from the library's operations; peers may use their own attention. */
export const attention: IterationLine = {
  name: "attention",
  title: "attention, 8 heads, 256x64: value and gradient",
  measure: "iteration",
  unit: "us",
  work: { kind: "attention", heads: 8, length: 256, depth: 64 },
};
