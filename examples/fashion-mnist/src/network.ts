// The network of the demo, and how it is trained.

import {
  averageWeights,
  dense,
  flatten,
  type History,
  losses,
  type Sequential,
  SGD,
  sequential,
  type Tensor,
  Trainer,
} from "cotangent";
import type { LossName } from "./options.ts";

/** A network, and what it was made for. */
export interface Classifier {
  readonly model: Sequential;
  /** [height, width, channels]; channels are 1 (grey) or 3 (red, green, blue). */
  readonly imageShape: readonly number[];
  readonly classNames: readonly string[];
}

/** Dense 64 relu, Dense 64 relu, Dense softmax with an output for each class; Glorot's uniform first weights. */
export function makeClassifier(
  imageShape: readonly number[],
  classNames: readonly string[],
  { seed }: { readonly seed: number },
): Classifier {
  const model = sequential({ inputShape: imageShape, seed }, [
    flatten(),
    dense(64, { activation: "relu" }),
    dense(64, { activation: "relu" }),
    dense(classNames.length, { activation: "softmax" }),
  ]);
  return { model, imageShape, classNames };
}

const LOSSES = { crossEntropy: losses.categoricalCrossEntropy, mse: losses.meanSquaredError };

/** Up to so many inputs the learning rate need not be smaller. */
const USUAL_INPUTS = 4 * 28 * 28;

/**
 * The learning rate that suits the loss and the number of inputs. The mean squared error is a mean over all ten outputs
 * of an image, and its slope vanishes where a softmax is sure, so it takes a larger rate. The first layer's gradient
 * grows with the inputs: the 150,528 of a photograph take a smaller one.
 */
export function usualLearningRate(loss: LossName, inputs: number): number {
  return { crossEntropy: 0.01, mse: 0.05 }[loss] * Math.min(1, USUAL_INPUTS / inputs);
}

/** SGD with momentum 0.9 on the loss, with the accuracy beside it. */
export function makeTrainer(
  { model, imageShape }: Classifier,
  { loss, learningRate }: { readonly loss: LossName; readonly learningRate: number | undefined },
): Trainer {
  const inputs = imageShape.reduce((product, size) => product * size, 1);
  const rate = learningRate ?? usualLearningRate(loss, inputs);
  const optimizer = new SGD({ learningRate: rate, momentum: 0.9 });
  return new Trainer(model, { optimizer, loss: LOSSES[loss], metrics: ["accuracy"] });
}

/** Images in a training step. */
export const BATCH_SIZE = 32;

/**
 * Trains on Fashion-MNIST. The weights in the end are the mean over the steps of the last epoch (of several): that takes
 * away most of the chance in which batches came last.
 */
export function trainFor(
  trainer: Trainer,
  examples: { readonly x: Tensor; readonly y: Tensor },
  {
    epochs,
    seed,
    verbose = true,
  }: { readonly epochs: number; readonly seed: number; readonly verbose?: boolean },
): Promise<History> {
  const callbacks = [averageWeights({ fromEpoch: Math.max(1, epochs - 1) })];
  return trainer.fit(examples, { epochs, batchSize: BATCH_SIZE, seed, verbose, callbacks });
}
