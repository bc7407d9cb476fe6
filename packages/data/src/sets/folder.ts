import { ShapeError, StateError, type Tensor, tensor } from "@cotangent/core";
import { checkChoice, checkCount, checkSquareOrSize, show } from "../checks.ts";
import { type DecodePixelsOptions, decodePixels } from "../decode.ts";
import { readFile } from "../files.ts";
import { inColour } from "../images.ts";
import { nodeFiles } from "../node.ts";
import type { Size } from "../pixels/pixels.ts";
import { type ImageStack, toFloat32 } from "../pixels/stack.ts";
import type { AlphaOptions } from "../transforms/colour.ts";
import { type NormalizeOptions, normalizeStack } from "../transforms/normalize.ts";
import { coverStack, howToResize, type ResizeOptions } from "../transforms/resize.ts";
import { closeImages } from "../transforms/tensors.ts";
import { oneHotLabels } from "./classes.ts";
import { checkIndices, checkRange, type Dataset } from "./dataset.ts";
import { type ScannedFolder, scanFolder } from "./folder-scan.ts";

/** Options of `imageFolder`. */
export interface ImageFolderOptions
  extends ResizeOptions,
    Pick<AlphaOptions, "background">,
    Pick<DecodePixelsOptions, "decoder" | "maxPixels" | "orient"> {
  /** Bring every image to this size, [height, width] or one number for a square, by scaling and cropping the middle. */
  readonly size?: Size | number;
  /** Channels of every image: `"rgb"` (3, unless given) or `"grayscale"` (1). */
  readonly color?: "rgb" | "grayscale";
  /** (image - mean) / std, after scaling: `{ std: 255 }` for 0..1. Values are 0..255 unless given. */
  readonly normalize?: NormalizeOptions;
  /** `"index"` (unless given): y is int32 [n]; `"oneHot"`: y is float32 [n, classes]. */
  readonly labels?: "index" | "oneHot";
  /** Folders to use, in the order of their labels; all of them, sorted by name, unless given. */
  readonly classNames?: readonly string[];
  /** What to do about files in class folders that are not PNG or JPEG by extension: `"error"` unless given. */
  readonly strayFiles?: "error" | "ignore";
  /** Files that are read and decoded at a time; 4 unless given. */
  readonly concurrency?: number;
}

/** Images and their classes. */
export interface ImageBatch {
  /** [n, height, width, channels], float32. */
  readonly x: Tensor;
  /** int32 [n], or float32 [n, classes] with `labels: "oneHot"`. */
  readonly y: Tensor;
  readonly [name: string]: Tensor;
}

const OPERATION = "imageFolder";

/** A folder of class folders as a data set; images are decoded when they are fetched. Made by `imageFolder`. */
export class ImageFolder implements Dataset<Promise<ImageBatch>> {
  readonly length: number;
  /** The names of the classes; a class's number is its place here. */
  readonly classNames: readonly string[];
  /** The class of each image. */
  readonly labels: Int32Array;
  /** The file of each image. */
  readonly paths: readonly string[];
  readonly #options: ImageFolderOptions;

  constructor({ classNames, paths, labels }: ScannedFolder, options: ImageFolderOptions) {
    this.classNames = classNames;
    this.paths = paths;
    this.labels = labels;
    this.length = paths.length;
    this.#options = options;
  }

  /** One image, [height, width, channels], as it would be in a batch. */
  async image(index: number): Promise<Tensor> {
    checkIndices([index], this.length);
    return closeImages(await this.#load(index), false);
  }

  async rows(indices: ArrayLike<number>): Promise<ImageBatch> {
    checkIndices(indices, this.length);
    const stacks = await mapLimited(Array.from(indices), this.#options.concurrency ?? 4, (index) =>
      this.#load(index),
    );
    const labels = Int32Array.from(indices, (index) => this.labels[index] as number);
    const y =
      this.#options.labels === "oneHot"
        ? oneHotLabels(labels, this.classNames.length)
        : tensor(labels, { shape: [labels.length], dtype: "int32", copy: false });
    return { x: this.#join(stacks, indices), y };
  }

  async range(start: number, end: number): Promise<ImageBatch> {
    checkRange(start, end, this.length);
    return this.rows(Array.from({ length: end - start }, (_, i) => start + i));
  }

  all(): Promise<ImageBatch> {
    return this.range(0, this.length);
  }

  async #load(index: number): Promise<ImageStack> {
    const { size, color = "rgb", normalize } = this.#options;
    const path = this.paths[index] as string;
    const bytes = await readFile(path, OPERATION);
    const decoded = await decodePixels(bytes, { ...this.#options, name: path, operation: OPERATION });
    let stack = inColour(decoded, { ...this.#options, color }, OPERATION);
    if (size !== undefined)
      stack = coverStack(stack, checkSquareOrSize(size, OPERATION), howToResize(this.#options, OPERATION));
    return normalize === undefined ? stack : normalizeStack(stack, normalize, OPERATION);
  }

  #join(stacks: readonly ImageStack[], indices: ArrayLike<number>): Tensor {
    const { height, width, channels } = stacks[0] as ImageStack;
    const length = height * width * channels;
    const data = new Float32Array(stacks.length * length);
    stacks.forEach((stack, i) => {
      if (stack.height !== height || stack.width !== width) {
        const [first, other] = [this.paths[indices[0] as number], this.paths[indices[i] as number]];
        throw new ShapeError(
          `${OPERATION}: ${other} is [${stack.height}, ${stack.width}] and ${first} is [${height}, ${width}]: they do not fit into one batch`,
          { operation: OPERATION, remedy: "Bring all images to one size: imageFolder(dir, { size: 224 })." },
        );
      }
      data.set(toFloat32(stack.data), i * length);
    });
    return closeImages({ data, count: stacks.length, height, width, channels }, true);
  }
}

/**
 * Opens a folder that has a folder of PNG and JPEG files for each class (deeper folders belong to their class). Files are listed
 * now and decoded when they are fetched.
 *
 * ```ts
 * const folder = await imageFolder("photos", { size: 224, normalize: { std: 255 }, labels: "oneHot" });
 * const { train, validation } = trainValidationSplit(folder, { validation: 0.2, seed: 1 });
 * for await (const { x, y } of batches(train, { batchSize: 32, shuffle: true, seed: 1 })) step(x, y);
 * ```
 *
 * `FormatError` naming the folder or file: a folder that cannot be listed or has no class folders, a class without images, stray
 * files, and at fetching any file that cannot be decoded. Hidden files are passed over.
 */
export async function imageFolder(dir: string, options: ImageFolderOptions = {}): Promise<ImageFolder> {
  if (typeof dir !== "string" || dir === "") {
    throw new StateError(`${OPERATION}: the folder is ${show(dir)}`, {
      operation: OPERATION,
      remedy: "Pass a path.",
    });
  }
  checkOptions(options);
  const { classNames, strayFiles = "error" } = options;
  const scan = { strayFiles, ...(classNames === undefined ? {} : { classNames }) };
  return new ImageFolder(await scanFolder(dir, scan, nodeFiles(OPERATION)), options);
}

/** Refuses at once what would otherwise only be found at the first image. */
function checkOptions(options: ImageFolderOptions): void {
  const operation = OPERATION;
  if (options.size !== undefined) checkSquareOrSize(options.size, operation);
  checkChoice(options.color ?? "rgb", ["rgb", "grayscale"], { operation, what: "color" });
  checkChoice(options.labels ?? "index", ["index", "oneHot"], { operation, what: "labels" });
  checkChoice(options.strayFiles ?? "error", ["error", "ignore"], { operation, what: "strayFiles" });
  checkCount(options.concurrency ?? 4, { operation, what: "concurrency" });
  howToResize(options, operation);
}

/** Like `Promise.all(items.map(work))` with at most `limit` at a time. */
async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
