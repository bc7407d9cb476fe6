// The network of the demo, and how it is trained.

import { dense, flatten, losses, type Sequential, SGD, sequential, Trainer } from "cotangent";
import type { LossName } from "./options.ts";

/** A network, and what it was made for. */
export interface Classifier {
  readonly model: Sequential;
  /** [height, width, channels]; channels are 1 (grey) or 3 (red, green, blue). */
  readonly imageShape: readonly number[];
  readonly classNames: readonly string[];
}

/**
 * Dense 64 relu, Dense 64 relu, Dense softmax with an output for each class. He's first weights suit relu, Glorot's the
 * softmax layer.
 */
export function makeClassifier(
  imageShape: readonly number[],
  classNames: readonly string[],
  { seed }: { readonly seed: number },
): Classifier {
  const hidden = { activation: "relu", kernelInitializer: "heUniform" } as const;
  const model = sequential({ inputShape: imageShape, seed }, [
    flatten(),
    dense(64, hidden),
    dense(64, hidden),
    dense(classNames.length, { activation: "softmax" }),
  ]);
  return { model, imageShape, classNames };
}

const LOSSES = { crossEntropy: losses.categoricalCrossEntropy, mse: losses.meanSquaredError };

/** Inputs of the network for which the learning rates below are made. */
const USUAL_INPUTS = 28 * 28;

/**
 * The learning rate that suits the loss and the number of inputs. The mean squared error is a mean over all ten outputs of an
 * image, and its slope vanishes where a softmax is sure, so it takes a larger rate. The first layer's gradient grows with
 * the inputs: many take a smaller one.
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
