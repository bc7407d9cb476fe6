import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError, IndexError, ShapeError, StateError, tensor } from "@cotangent/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  batches,
  decodeImage,
  encodePng,
  imageFolder,
  normalize,
  resizeToCover,
  toRgb,
  trainValidationSplit,
} from "../src/index.ts";
import { distance, errorOf, fixture, numbers } from "./helpers.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "cotangent-folder-"));
});
afterEach(() => rm(dir, { recursive: true }));

async function put(path: string, bytes: Uint8Array = fixture("rgb.png")): Promise<string> {
  const whole = join(dir, ...path.split("/"));
  await mkdir(join(whole, ".."), { recursive: true });
  await writeFile(whole, bytes);
  return whole;
}

describe("imageFolder", () => {
  test("lists classes and files in sorted order, deeper folders too, hidden files not", async () => {
    for (const path of ["dog/b.png", "dog/a.JPG", "dog/old/c.jpeg", "Zebra/x.png", "cat/1.png"])
      await put(path);
    for (const path of [".DS_Store", "dog/.hidden.png", "dog/Thumbs.db", "README.md"])
      await put(path, new Uint8Array(3));
    const folder = await imageFolder(dir);
    expect(folder.classNames).toEqual(["Zebra", "cat", "dog"]);
    expect(folder.length).toBe(5);
    expect(Array.from(folder.labels)).toEqual([0, 1, 2, 2, 2]);
    expect(folder.paths).toEqual(
      ["Zebra/x.png", "cat/1.png", "dog/a.JPG", "dog/b.png", "dog/old/c.jpeg"].map((path) =>
        join(dir, ...path.split("/")),
      ),
    );
  });

  test("decodes, scales, crops and normalises when examples are fetched", async () => {
    await put("a/1.png", fixture("grey-alpha.png"));
    await put("b/2.jpg", fixture("progressive-420.jpg"));
    await put("b/3.png", fixture("grey-16bit.png"));
    const folder = await imageFolder(dir, { size: [8, 6], normalize: { std: 255 }, labels: "oneHot" });
    const { x, y } = await folder.rows([2, 0]);
    expect([x.shape, x.dtype]).toEqual([[2, 8, 6, 3], "float32"]);
    expect([y.shape, numbers(y)]).toEqual([
      [2, 2],
      [0, 1, 1, 0],
    ]);
    const byHand = normalize(resizeToCover(toRgb(await decodeImage(fixture("grey-16bit.png"))), [8, 6]), {
      std: 255,
    });
    expect(distance(numbers(x).slice(0, 8 * 6 * 3), numbers(byHand))).toBeLessThan(1e-6);
    expect(numbers(await folder.image(2))).toEqual(numbers(x).slice(0, 8 * 6 * 3));
    expect((await folder.image(1)).shape).toEqual([8, 6, 3]);
  });

  test("makes grey images, and int32 labels unless asked", async () => {
    await put("a/1.png");
    await put("b/2.png");
    const folder = await imageFolder(dir, { color: "grayscale", size: 16, decoder: "portable" });
    const { x, y } = await folder.all();
    expect(x.shape).toEqual([2, 16, 16, 1]);
    expect([y.dtype, numbers(y)]).toEqual(["int32", [0, 1]]);
  });

  test("splits and makes batches, reading ahead", async () => {
    for (let i = 0; i < 12; i++) {
      const picture = tensor(new Float32Array(12).fill(20 * i), { shape: [2, 2, 3] });
      await put(`${i % 2 ? "odd" : "even"}/${String(i).padStart(2, "0")}.png`, encodePng(picture));
    }
    const folder = await imageFolder(dir, { size: 2 });
    const { train, validation } = trainValidationSplit(folder, { validation: 1 / 3, seed: 2 });
    expect([train.length, validation.length]).toEqual([8, 4]);
    expect(Array.from(validation.labels ?? []).sort()).toEqual([0, 0, 1, 1]);
    const seen: number[] = [];
    for await (const { x, y } of batches(train, { batchSize: 3, shuffle: true, seed: 1 })) {
      const first = numbers(x).filter((_, i) => i % 12 === 0);
      expect(first.map((value) => 1 - ((value / 20) % 2))).toEqual(numbers(y).map((label) => 1 - label));
      seen.push(...first);
    }
    expect(new Set(seen).size).toBe(8);
  });

  test("takes the classes that it is told, in that order", async () => {
    for (const path of ["a/1.png", "b/1.png", "c/1.png"]) await put(path);
    const folder = await imageFolder(dir, { classNames: ["c", "a"] });
    expect([folder.classNames, Array.from(folder.labels)]).toEqual([
      ["c", "a"],
      [0, 1],
    ]);
    const error = await errorOf(() => imageFolder(dir, { classNames: ["a", "d"] }));
    expect(error.message).toBe(`imageFolder: ${dir} has no class folder "d". There are: a, b, c.`);
  });

  test("follows links, also in a circle", async () => {
    await put("a/1.png");
    await symlink(join(dir, "a"), join(dir, "a", "again"), "junction");
    await symlink(join(dir, "a"), join(dir, "b"), "junction");
    expect((await imageFolder(dir)).length).toBe(2);
  });

  test("images of different sizes do not make a batch", async () => {
    await put("a/1.png", fixture("rgb.png"));
    await put("a/2.png", fixture("rgba.png"));
    const folder = await imageFolder(dir);
    const error = await errorOf(() => folder.all());
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatch(
      /2\.png is \[13, 10\] and .*1\.png is \[21, 37\]: they do not fit.*\{ size: 224 \}/,
    );
  });

  test("a damaged file is named when it is fetched, not before", async () => {
    await put("a/1.png");
    const path = await put("a/2.png", fixture("rgb.png").slice(0, 200));
    const folder = await imageFolder(dir, { size: 4 });
    expect((await folder.rows([0])).x.shape).toEqual([1, 4, 4, 3]);
    const error = await errorOf(() => folder.all());
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(`imageFolder: ${path}: `);
    expect((error as FormatError).file).toBe(path);
  });

  test("examples that do not exist are refused", async () => {
    await put("a/1.png");
    const folder = await imageFolder(dir);
    expect(await errorOf(() => folder.image(1))).toBeInstanceOf(IndexError);
    expect(await errorOf(() => folder.rows([-1]))).toBeInstanceOf(IndexError);
    expect(await errorOf(() => folder.range(0, 2))).toBeInstanceOf(IndexError);
  });
});

describe("folders that are not as they should be", () => {
  test.each<[string, string[], RegExp]>([
    ["empty", [], /has no class folders\. Make a folder for each class/],
    ["without classes", ["1.png"], /1\.png lies outside every class folder\. Move it/],
    ["with an image outside", ["a/1.png", "2.jpg"], /2\.jpg lies outside every class folder/],
    [
      "with a class without images",
      ["a/1.png", "b/.keep"],
      /the class folder .*b has no images\. Put PNG or JPEG/,
    ],
    [
      "with another format",
      ["a/1.png", "a/2.webp"],
      /2\.webp is an image of another format\. Convert it to PNG or JPEG, or remove it, or pass \{ strayFiles: "ignore" \}\.$/,
    ],
    ["with a stray file", ["a/1.png", "a/notes.txt"], /notes\.txt is no image\./],
  ])("%s", async (_, paths, message) => {
    for (const path of paths) await put(path);
    const error = await errorOf(() => imageFolder(dir));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/^imageFolder: /);
    expect(error.message).toMatch(message);
  });

  test("stray files can be ignored", async () => {
    for (const path of ["a/1.png", "a/2.webp", "a/notes.txt", "3.png"]) await put(path);
    expect((await imageFolder(dir, { strayFiles: "ignore" })).length).toBe(1);
  });

  test("missing, or a file", async () => {
    const missing = await errorOf(() => imageFolder(join(dir, "none")));
    expect(missing).toBeInstanceOf(FormatError);
    expect(missing.message).toMatch(/^imageFolder: .*none cannot be listed: there is no such file or folder/);
    const file = await errorOf(async () => imageFolder(await put("a.png")));
    expect(file.message).toMatch(/cannot be listed: it is not a folder/);
  });

  test.each<[string, object, RegExp]>([
    ["size", { size: 0 }, /^imageFolder: the size \[0, 0\]/],
    ["size NaN", { size: [Number.NaN, 4] }, /the size \[NaN, 4\]/],
    ["color", { color: "rgba" }, /color is "rgba"\. Choose one of "rgb", "grayscale"/],
    ["labels", { labels: "names" }, /labels is "names"/],
    ["strayFiles", { strayFiles: true }, /strayFiles is true/],
    ["concurrency", { concurrency: 0 }, /concurrency is 0/],
    ["method", { method: "area" }, /the method is "area"/],
  ])("options are checked at once: %s", async (_, options, message) => {
    await put("a/1.png");
    expect((await errorOf(() => imageFolder(dir, options))).message).toMatch(message);
  });

  test("a path must be a path", async () => {
    expect(await errorOf(() => imageFolder(undefined as unknown as string))).toBeInstanceOf(StateError);
  });
});
