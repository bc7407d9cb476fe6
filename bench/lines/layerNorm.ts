import type { IterationLine } from "./line.ts";

/** A layer written from the library's operations; peers that have one of their own use it. */
export const layerNorm: IterationLine = {
  name: "layer-norm",
  title: "LayerNorm 4096x1024: value and gradient",
  measure: "iteration",
  unit: "us",
  work: { kind: "layerNorm", rows: 4096, columns: 1024 },
};
