import type { CnnWork, IterationLine } from "./line.ts";

const work: CnnWork = {
  kind: "cnn",
  size: 28,
  channels: [1, 16, 32],
  classes: 10,
  batch: 32,
  learningRate: 0.01,
  momentum: 0.9,
};

/** A training step: forward, backward, update, and the loss as a number. */
export const cnnStep: IterationLine = {
  name: "cnn-28x28-b32",
  title: "CNN 28x28x1, two 3x3 convolutions (16, 32) with pooling, batch 32: training step",
  measure: "iteration",
  unit: "us",
  work,
};
