import type { IterationLine } from "./line.ts";

const SIZE = 1024;

/** The arithmetic that the machine can do. */
export const matmul: IterationLine = {
  name: "matmul",
  title: "matmul 1024x1024x1024",
  measure: "iteration",
  unit: "GFLOP/s",
  flops: 2 * SIZE ** 3,
  work: { kind: "matmul", size: SIZE, dtype: "float32" },
  target: { atLeast: 85 },
};

/** The same in double precision. */
export const matmulFloat64: IterationLine = {
  name: "matmul-float64",
  title: "matmul 1024x1024x1024, float64",
  measure: "iteration",
  unit: "GFLOP/s",
  flops: 2 * SIZE ** 3,
  work: { kind: "matmul", size: SIZE, dtype: "float64" },
};
