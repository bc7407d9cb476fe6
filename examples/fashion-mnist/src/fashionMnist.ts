// Fashion-MNIST as tensors: images [n, 28, 28, 1] from 0 to 1, and a one-hot row for each.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tensor } from "cotangent";
import { FASHION_MNIST_CLASSES, loadIdx, normalize, oneHotLabels } from "cotangent/data";
import { FILES } from "./download.ts";
import { UsageError } from "./options.ts";

/** Examples, their classes as one-hot rows and as numbers. */
export interface Examples {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly labels: Tensor;
}

export interface FashionMnist {
  readonly train: Examples;
  readonly test: Examples;
}

/** Where Debian's package dataset-fashion-mnist puts the files. */
const DEBIAN_FOLDER = "/usr/share/datasets/fashion-mnist";

/** The embedded part: 10,000 images for training, 2,000 for the test. */
export async function loadEmbedded(): Promise<FashionMnist> {
  const at = (name: string): string => fileURLToPath(new URL(`../data/${name}`, import.meta.url));
  return {
    train: await load(at("train-images-10k-idx3-ubyte.gz"), at("train-labels-10k-idx1-ubyte.gz")),
    test: await load(at("test-images-2k-idx3-ubyte.gz"), at("test-labels-2k-idx1-ubyte.gz")),
  };
}

/** All images, from a folder with the four files as they are published. */
export async function loadFull(folder: string = defaultFolder()): Promise<FashionMnist> {
  const missing = Object.keys(FILES).filter((name) => !existsSync(join(folder, name)));
  if (missing.length > 0) throw new UsageError(`${folder} has no ${missing.join(", no ")}`);
  const [trainImages, trainLabels, testImages, testLabels] = Object.keys(FILES).map((name) =>
    join(folder, name),
  );
  return { train: await load(trainImages, trainLabels), test: await load(testImages, testLabels) };
}

function defaultFolder(): string {
  if (existsSync(DEBIAN_FOLDER)) return DEBIAN_FOLDER;
  throw new UsageError(
    "all images of Fashion-MNIST are not on this machine: fetch them with --download, name the folder that has them " +
      "with --data, or install Debian's package dataset-fashion-mnist",
  );
}

async function load(images: string, labels: string): Promise<Examples> {
  const pixels = await loadIdx(images, { dtype: "float32" });
  const numbers = await loadIdx(labels);
  return {
    x: normalize(pixels.expandDims(-1), { std: 255 }),
    y: oneHotLabels(numbers, FASHION_MNIST_CLASSES.length),
    labels: numbers,
  };
}
