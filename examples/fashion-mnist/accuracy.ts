// The test accuracy of the demo's network over several seeds, with both losses: `npm run accuracy`.
// Ends with exit code 1 when one of them is below what it must reach. `npm run accuracy -- --loss mse --seeds 0,1`
// With --full it is all 60,000 images, and the median of seeds 0, 1 and 2 that counts.

import { parseArgs } from "node:util";
import { FASHION_MNIST_CLASSES } from "cotangent/data";
import { type FashionMnist, loadEmbedded, loadFull } from "./src/fashionMnist.ts";
import { makeClassifier, makeTrainer, trainFor } from "./src/network.ts";
import type { LossName } from "./src/options.ts";

/** What every seed must reach after ten epochs. */
const REQUIRED: Record<LossName, number> = { crossEntropy: 0.84, mse: 0.8 };
/** What the median of the seeds must reach on all images, with cross-entropy. */
const REQUIRED_OF_ALL = 0.86;

const { values } = parseArgs({
  options: { loss: { type: "string" }, seeds: { type: "string" }, full: { type: "boolean", default: false } },
});
const asked = values.loss ?? (values.full ? "crossEntropy" : undefined);
const names = (Object.keys(REQUIRED) as LossName[]).filter((name) => name === (asked ?? name));
const seeds = (values.seeds ?? (values.full ? "0,1,2" : "0,1,2,3,4")).split(",").map(Number);
if (names.length === 0 || !seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0)) {
  console.error("Usage: npm run accuracy -- [--full] [--loss crossEntropy|mse] [--seeds 0,1,2]");
  process.exit(2);
}

/** The test accuracy after ten epochs. */
async function accuracyFor({ train, test }: FashionMnist, loss: LossName, seed: number): Promise<number> {
  const classifier = makeClassifier([28, 28, 1], FASHION_MNIST_CLASSES, { seed });
  const trainer = makeTrainer(classifier, { loss, learningRate: undefined });
  await trainFor(trainer, train, { epochs: 10, seed, verbose: false });
  return (await trainer.evaluate(test, { batchSize: 250 })).accuracy ?? 0;
}

const data = await (values.full ? loadFull() : loadEmbedded());
for (const loss of names) {
  const accuracies: number[] = [];
  for (const seed of seeds) {
    const began = performance.now();
    const accuracy = await accuracyFor(data, loss, seed);
    accuracies.push(accuracy);
    const passed = values.full || accuracy >= REQUIRED[loss];
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const verdict = passed ? "" : `  below ${REQUIRED[loss]}`;
    console.log(
      `${loss.padEnd(12)}  seed ${seed}  test accuracy ${accuracy.toFixed(4)}  ${seconds} s${verdict}`,
    );
    if (!passed) process.exitCode = 1;
  }
  if (!values.full) continue;
  const median = accuracies.sort((a, b) => a - b)[Math.floor(accuracies.length / 2)];
  console.log(`${loss.padEnd(12)}  median ${median.toFixed(4)}`);
  if (loss === "crossEntropy" && median < REQUIRED_OF_ALL) process.exitCode = 1;
}
