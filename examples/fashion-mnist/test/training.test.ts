import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tensor } from "cotangent";
import { encodePng, FASHION_MNIST_CLASSES } from "cotangent/data";
import { describe, expect, test } from "vitest";
import { FILES } from "../src/download.ts";
import { loadEmbedded } from "../src/fashionMnist.ts";
import { classify, loadPicture } from "../src/naming.ts";
import { makeClassifier, makeTrainer, trainFor } from "../src/network.ts";
import { loadClassifier, saveClassifier } from "../src/saved.ts";
import { accuracyIn, lossesIn, runDemo, runText, scratchFolder } from "./run.ts";

const scratch = scratchFolder();
const { train, test: held } = await loadEmbedded();

/** A PNG file of a test image. */
function writeImage(index: number): string {
  const path = join(scratch, `image${index}.png`);
  writeFileSync(path, encodePng(held.x.slice(index, index + 1).squeeze(0), { scale: 1 }));
  return path;
}

const few = { x: train.x.slice(0, 2000), y: train.y.slice(0, 2000) };

describe("a short training", () => {
  test.each(["crossEntropy", "mse"] as const)("with %s learns", async (loss) => {
    const classifier = makeClassifier([28, 28, 1], FASHION_MNIST_CLASSES, { seed: 0 });
    const trainer = makeTrainer(classifier, { loss, learningRate: undefined });
    const history = await trainFor(trainer, few, { epochs: 2, seed: 0, verbose: false });
    expect(history.loss[1]).toBeLessThan(history.loss[0] as number);
    const { accuracy } = await trainer.evaluate(held, { batchSize: 500 });
    expect(accuracy).toBeGreaterThan(loss === "crossEntropy" ? 0.7 : 0.5);
  });
});

describe("a saved network", () => {
  test("gives the same probabilities after loading, to the last bit", async () => {
    const classifier = makeClassifier([28, 28, 1], FASHION_MNIST_CLASSES, { seed: 3 });
    const file = join(scratch, "same.safetensors");
    await saveClassifier(file, classifier);
    const loaded = await loadClassifier(file);
    const images = [await loadPicture(writeImage(0), loaded), held.x.slice(1, 2).squeeze(0)];
    expect(classify(loaded, images, 10)).toEqual(classify(classifier, images, 10));
    expect(loaded.classNames).toEqual(FASHION_MNIST_CLASSES);
  });

  test("gives the same probabilities in another process, to the last bit", async () => {
    const classifier = makeClassifier([28, 28, 1], FASHION_MNIST_CLASSES, { seed: 4 });
    const trainer = makeTrainer(classifier, { loss: "crossEntropy", learningRate: undefined });
    await trainFor(trainer, few, { epochs: 1, seed: 0, verbose: false });
    const files = { net: join(scratch, "other.safetensors"), image: writeImage(5) };
    await saveClassifier(files.net, classifier);
    const { out, err } = await runText(`
      import { classify, loadPicture } from "./src/naming.ts";
      import { loadClassifier } from "./src/saved.ts";
      const { net, image } = ${JSON.stringify(files)};
      const classifier = await loadClassifier(net);
      console.log(JSON.stringify(classify(classifier, [await loadPicture(image, classifier)], 10)));
    `);
    expect(err).toBe("");
    expect(JSON.parse(out)).toEqual(classify(classifier, [await loadPicture(files.image, classifier)], 10));
  });

  test("keeps the size of its images and the names of its classes", async () => {
    const file = join(scratch, "photographs.safetensors");
    await saveClassifier(file, makeClassifier([8, 6, 3], ["äpfel", "nüsse"], { seed: 3 }));
    const loaded = await loadClassifier(file);
    expect(loaded.imageShape).toEqual([8, 6, 3]);
    expect((await loadPicture(writeImage(0), loaded)).shape).toEqual([8, 6, 3]);
    expect(loaded.classNames).toEqual(["äpfel", "nüsse"]);
  });

  test("that is damaged is refused", async () => {
    const file = join(scratch, "damaged.safetensors");
    await saveClassifier(file, makeClassifier([28, 28, 1], FASHION_MNIST_CLASSES, { seed: 3 }));
    writeFileSync(file, readFileSync(file).subarray(0, 5000));
    await expect(loadClassifier(file)).rejects.toThrow(/damaged.safetensors/);
    writeFileSync(file, "no network");
    await expect(loadClassifier(file)).rejects.toThrow(/damaged.safetensors/);
  });
});

describe("the program", () => {
  test("trains, names what it sees, and a new process names the same with the saved network", async () => {
    const file = join(scratch, "net.safetensors");
    const images = ["--predict", writeImage(0), "--predict", writeImage(2)];
    const trained = await runDemo(["--epochs", "1", "--seed", "5", "--save", file, ...images]);
    expect(trained).toMatchObject({ code: 0, err: "" });
    expect(trained.out).toContain("Fashion-MNIST: 10000 images for training, 2000 for the test");
    expect(trained.out).toMatch(/layers\.1 \(Dense\) +\[batch, 64\] +50,240/);
    expect(trained.out).toContain("Parameters: 55,050");
    expect(accuracyIn(trained.out, "Test accuracy")).toBeGreaterThan(0.75);
    expect(lossesIn(trained.out)).toHaveLength(1);
    expect(trained.out).toMatch(/Test image 0 \(Ankle boot\)\n/);
    const [, named] = trained.out.split(`The network is in ${file}\n`);
    expect(named).toMatch(/image0\.png\n(.{28}\n){14} +[\d.]+ % {2}\S/);
    const again = await runDemo(["--load", file, ...images]);
    expect(again).toMatchObject({ code: 0, err: "", out: named });
    // The engine's threads do not keep the process.
    expect(trained.lingered).toBeLessThan(3000);
    const tested = await runDemo(["--load", file]);
    expect(accuracyIn(tested.out, "Test accuracy")).toBe(accuracyIn(trained.out, "Test accuracy"));
  }, 120_000);

  test("reads the whole data set from a folder", async () => {
    // Four small files under the names of the large ones: the embedded test images as both parts.
    const folder = join(scratch, "whole");
    mkdirSync(folder);
    for (const name of Object.keys(FILES)) {
      const kind = name.includes("images") ? "images-2k-idx3" : "labels-2k-idx1";
      const source = fileURLToPath(new URL(`../data/test-${kind}-ubyte.gz`, import.meta.url));
      writeFileSync(join(folder, name), readFileSync(source));
    }
    expect(existsSync(join(folder, "t10k-labels-idx1-ubyte.gz"))).toBe(true);
    const { code, out } = await runDemo(["--data", folder, "--epochs", "1"]);
    expect(code).toBe(0);
    expect(out).toContain("Fashion-MNIST: 2000 images for training, 2000 for the test");
    expect(accuracyIn(out, "Test accuracy")).toBeGreaterThan(0.4);
  }, 120_000);
});

test("all values are between 0 and 1", () => {
  expect(train.x.max().item()).toBe(1);
  expect(train.x.min().item()).toBe(0);
  expect(train.y.sum().item()).toBe(10_000);
  expect(tensor(held.y.dataSync(), { shape: held.y.shape }).argmax(-1).equal(held.labels).all().item()).toBe(
    1,
  );
});
