import type { IterationLine } from "./line.ts";

const LENGTH = 100;

/** What an operation costs when it has next to nothing to do: the library's own work. */
export const addChain: IterationLine = {
  name: "add-chain",
  title: "chain of 100 additions of [16]",
  measure: "iteration",
  unit: "us/op",
  operations: LENGTH,
  work: { kind: "addChain", length: LENGTH, size: 16 },
};
