import type { FirstLine, IterationLine, MlpWork, Target } from "./line.ts";

interface Network {
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly target: Target;
  /** What the network stands for. */
  readonly note?: string;
  readonly heavy?: boolean;
}

const networks: readonly Network[] = [
  { sizes: [2, 16, 16, 2], batch: 4, target: { atMost: 10 } },
  { sizes: [784, 128, 64, 10], batch: 32, target: { atMost: 250 } },
  { sizes: [784, 128, 64, 10], batch: 128, target: { atMost: 700 } },
  { sizes: [784, 512, 512, 10], batch: 128, target: { atMost: 4800 } },
  {
    sizes: [150528, 64, 64, 10],
    batch: 32,
    target: { atMost: 25_000 },
    note: "pictures of 224x224x3",
    heavy: true,
  },
];

const nameOf = ({ sizes, batch }: Network) => `${sizes.join("-")}-b${batch}`;
const titleOf = ({ sizes, batch, note }: Network) =>
  `MLP ${sizes.join("-")}, batch ${batch}${note === undefined ? "" : ` (${note})`}`;
const workOf = ({ sizes, batch }: Network): MlpWork => ({
  kind: "mlp",
  sizes,
  batch,
  learningRate: 0.01,
  momentum: 0.9,
});

/** A training step: forward, backward, update, and the loss as a number. */
export const mlpSteps: readonly IterationLine[] = networks.map((network) => ({
  name: `mlp-${nameOf(network)}`,
  title: `${titleOf(network)}: training step`,
  measure: "iteration",
  unit: "us",
  work: workOf(network),
  target: network.target,
  heavy: network.heavy,
}));

/** The first training step of a process: tracing and compiling are in it. */
export const mlpFirstSteps: readonly FirstLine[] = networks.map((network) => ({
  name: `first-${nameOf(network)}`,
  title: `${titleOf(network)}: first step`,
  measure: "first",
  unit: "us",
  work: workOf(network),
  heavy: network.heavy,
}));
