// A small convolutional network names pictures of clothes.

import { Adam, conv2D, dense, flatten, losses, maxPool2D, sequential, Trainer } from "cotangent";
import { loadEmbedded, loadFull } from "../fashion-mnist/src/fashionMnist.ts";

const full = process.argv.includes("--full");
const { train, test } = await (full ? loadFull() : loadEmbedded());
const images = full ? 60_000 : 2000;
const epochs = full ? 4 : 2;

const model = sequential({ inputShape: [28, 28, 1], seed: 0 }, [
  conv2D(16, 3, { activation: "relu" }),
  maxPool2D(2),
  conv2D(32, 3, { activation: "relu" }),
  maxPool2D(2),
  flatten(),
  dense(64, { activation: "relu" }),
  dense(10),
]);
console.log(model.summary());

const trainer = new Trainer(model, {
  optimizer: new Adam({ learningRate: 0.002 }),
  loss: losses.softmaxCrossEntropy,
  metrics: ["accuracy"],
});
const pictures = { x: train.x.slice(0, images), y: train.y.slice(0, images) };
await trainer.fit(pictures, { epochs, batchSize: 32, seed: 0, verbose: full });
export const { accuracy = 0 } = await trainer.evaluate(test, { batchSize: 250 });
console.log(`accuracy on ${test.x.shape[0]} other pictures: ${accuracy.toFixed(4)}`);
