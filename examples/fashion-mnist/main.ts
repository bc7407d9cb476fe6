// The main job: trains an image classifier on real images, and names what it sees. `npm start -- --help`

import { CotangentError } from "cotangent";
import { FASHION_MNIST_CLASSES } from "cotangent/data";
import { DownloadError, download } from "./src/download.ts";
import { type Examples, type FashionMnist, loadEmbedded, loadFull } from "./src/fashionMnist.ts";
import { loadPicture, nameTheseImages, type Picture } from "./src/naming.ts";
import { type Classifier, makeClassifier, makeTrainer, trainFor } from "./src/network.ts";
import { HELP, type Options, parseOptions, UsageError } from "./src/options.ts";
import { someOf, trainOnPhotographs } from "./src/photographs.ts";
import { loadClassifier, saveClassifier } from "./src/saved.ts";

const say = (text: string): void => console.log(text);
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** Images of the test that are named and drawn at the end. */
const SHOWN = 4;

async function main(options: Options): Promise<void> {
  if (options.help) return say(HELP);
  const classifier = await classifierFor(options);
  if (options.save !== undefined) {
    await saveClassifier(options.save, classifier);
    say(`\nThe network is in ${options.save}`);
  }
  if (options.predict.length === 0) return;
  const pictures: Picture[] = [];
  for (const file of options.predict) {
    pictures.push({ title: file, image: await loadPicture(file, classifier) });
  }
  say(`\n${nameTheseImages(classifier, pictures, process.stdout)}`);
}

/** Trains a network, or takes one that was saved. */
async function classifierFor(options: Options): Promise<Classifier> {
  if (options.load !== undefined) return loadedClassifier(options.load, options);
  if (options.images !== undefined) return onPhotographs(options.images, options);
  return onFashionMnist(options);
}

async function onFashionMnist(options: Options): Promise<Classifier> {
  const { train, test } = await fashionMnist(options);
  say(`Fashion-MNIST: ${train.x.shape[0]} images for training, ${test.x.shape[0]} for the test\n`);
  const [, ...imageShape] = train.x.shape;
  const classifier = makeClassifier(imageShape, FASHION_MNIST_CLASSES, options);
  say(`${classifier.model.summary()}\n`);
  const trainer = makeTrainer(classifier, options);
  await trainFor(trainer, train, options);
  await reportTest(classifier, test);
  return classifier;
}

async function fashionMnist({ full, download: wanted, data, baseUrl }: Options): Promise<FashionMnist> {
  if (wanted) return loadFull(await download({ baseUrl, folder: data, say }));
  return full ? loadFull(data) : loadEmbedded();
}

async function onPhotographs(folder: string, options: Options): Promise<Classifier> {
  const trained = await trainOnPhotographs(folder, options, say);
  const { classifier, result, heldOut } = trained;
  say(`\nHeld-out accuracy: ${percent(result.accuracy ?? 0)} of ${heldOut.length} photographs\n`);
  say(nameTheseImages(classifier, await someOf(trained, SHOWN), process.stdout));
  return classifier;
}

async function loadedClassifier(file: string, options: Options): Promise<Classifier> {
  const classifier = await loadClassifier(file);
  if (options.predict.length > 0) return classifier;
  const { imageShape, classNames } = classifier;
  if (imageShape.join() !== "28,28,1" || classNames.length !== FASHION_MNIST_CLASSES.length) {
    throw new UsageError(
      `${file} is no network for Fashion-MNIST (its images are ${imageShape.join(" x ")}): name images with --predict`,
    );
  }
  await reportTest(classifier, (await fashionMnist(options)).test);
  return classifier;
}

/** Measures the network on images that it has not seen, and names a few of them. */
async function reportTest(classifier: Classifier, test: Examples): Promise<void> {
  const trainer = makeTrainer(classifier, { loss: "crossEntropy", learningRate: undefined });
  const { loss, accuracy = 0 } = await trainer.evaluate(test, { batchSize: 250 });
  say(
    `\nTest accuracy: ${percent(accuracy)} of ${test.x.shape[0]} images (cross-entropy ${loss.toFixed(4)})\n`,
  );
  const labels = test.labels.slice(0, SHOWN).dataSync();
  const pictures = Array.from(labels, (label, i) => ({
    title: `Test image ${i} (${classifier.classNames[label]})`,
    image: test.x.slice(i, i + 1).squeeze(0),
  }));
  say(nameTheseImages(classifier, pictures, process.stdout));
}

// A reader that goes away (`npm start | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError) console.error(`${message}\nSee npm start -- --help`);
  else if (error instanceof CotangentError || error instanceof DownloadError || code !== undefined)
    console.error(message);
  else console.error(error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
