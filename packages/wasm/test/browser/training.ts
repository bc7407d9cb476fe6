/** What is trained in a page and in Node alike, to compare the two to the last bit. */
import { dense, losses, random, SGD, sequential, Trainer } from "cotangent";

export interface Training {
  /** Of each epoch. */
  readonly losses: readonly number[];
  readonly accuracy: number;
  /** Probabilities of a few examples. */
  readonly probabilities: readonly number[];
}

const EXAMPLES = 512;
const FEATURES = 64;
const CLASSES = 10;

/** Trains a small network: to say which of ten random directions an example points in most. */
export async function train(): Promise<Training> {
  const x = random.normal([EXAMPLES, FEATURES], { seed: 1 });
  const directions = random.normal([FEATURES, CLASSES], { seed: 2 });
  const y = x.matmul(directions).argmax(-1);
  const model = sequential({ inputShape: [FEATURES], seed: 3 }, [
    dense(128, { activation: "tanh" }),
    dense(CLASSES, { activation: "softmax" }),
  ]);
  const optimizer = new SGD({ learningRate: 0.1, momentum: 0.9 });
  const loss = losses.categoricalCrossEntropy;
  const trainer = new Trainer(model, { optimizer, loss, metrics: ["accuracy"] });
  const history = await trainer.fit({ x, y }, { epochs: 5, batchSize: 128, seed: 4, verbose: false });
  const { accuracy = 0 } = await trainer.evaluate({ x, y });
  const probabilities = await trainer.predict(x.slice(0, 4));
  return { losses: history.loss, accuracy, probabilities: [...(await probabilities.data())] };
}
