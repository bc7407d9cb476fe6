// Training on photographs: a folder that has a folder of PNG and JPEG files for each class.

import type { Logs, Trainer } from "cotangent";
import { type ImageFolder, imageFolder, type Subset, trainValidationSplit } from "cotangent/data";
import type { Picture } from "./naming.ts";
import { BATCH_SIZE, type Classifier, makeClassifier, makeTrainer } from "./network.ts";
import { type Options, UsageError } from "./options.ts";

type Photographs = Subset<ReturnType<ImageFolder["all"]>>;

export interface TrainedOnPhotographs {
  readonly classifier: Classifier;
  /** Loss and accuracy on the photographs that were held out. */
  readonly result: Logs;
  readonly heldOut: Photographs;
}

/** The share of each class that is not trained on. */
const HELD_OUT = 0.2;

/** Trains on four fifths of the photographs, and measures on the rest. Files are decoded as they are needed. */
export async function trainOnPhotographs(
  folder: string,
  { size, seed, loss, learningRate, epochs }: Options,
  say: (text: string) => void,
): Promise<TrainedOnPhotographs> {
  const photographs = await imageFolder(folder, { size, normalize: { std: 255 }, labels: "oneHot" });
  const { classNames } = photographs;
  if (classNames.length < 2) throw new UsageError(`${folder} has one class only: ${classNames[0]}`);
  const { train, validation } = trainValidationSplit(photographs, { validation: HELD_OUT, seed });
  say(`${photographs.length} photographs of ${classNames.length} classes: ${classNames.join(", ")}`);
  say(`${train.length} for training, ${validation.length} held out\n`);
  const classifier = makeClassifier([size, size, 3], classNames, { seed });
  say(`${classifier.model.summary()}\n`);
  const trainer: Trainer = makeTrainer(classifier, { loss, learningRate });
  await trainer.fit(train, { epochs, batchSize: BATCH_SIZE, seed });
  return { classifier, heldOut: validation, result: await trainer.evaluate(validation) };
}

/** One photograph of each of the first classes. */
export async function someOf(
  { heldOut, classifier }: TrainedOnPhotographs,
  count: number,
): Promise<Picture[]> {
  const labels = Array.from(heldOut.labels ?? []);
  const firsts = [...new Set(labels)].slice(0, count);
  const { x } = await heldOut.rows(firsts.map((label) => labels.indexOf(label)));
  return firsts.map((label, i) => ({
    title: `A held-out photograph (${classifier.classNames[label]})`,
    image: x.slice(i, i + 1).squeeze(0),
  }));
}
