// A trained network in a file: safetensors with its weights, and what is needed to use them.

import { readFile, writeFile } from "node:fs/promises";
import { deserializeState, FormatError, type NDArray, serializeState } from "cotangent";
import { type Classifier, makeClassifier } from "./network.ts";

/** Names in the file that are no weights: [height, width, channels]; the names of the classes as JSON in UTF-8. */
const IMAGE_SHAPE = "demo.imageShape";
const CLASS_NAMES = "demo.classNames";

export async function saveClassifier(
  file: string,
  { model, imageShape, classNames }: Classifier,
): Promise<void> {
  const names = Int32Array.from(new TextEncoder().encode(JSON.stringify(classNames)));
  const bytes = serializeState({
    ...model.getState(),
    [IMAGE_SHAPE]: { dtype: "int32", shape: [imageShape.length], data: Int32Array.from(imageShape) },
    [CLASS_NAMES]: { dtype: "int32", shape: [names.length], data: names },
  });
  await writeFile(file, bytes);
}

/** @throws FormatError for a file that is damaged or no network of this demo */
export async function loadClassifier(file: string): Promise<Classifier> {
  const bytes = await readFile(file).catch((cause) => {
    throw new FormatError(`${file} cannot be read: ${cause.message}`, { operation: "load", file, cause });
  });
  const { [IMAGE_SHAPE]: shape, [CLASS_NAMES]: names, ...weights } = deserializeState(bytes, { name: file });
  const imageShape = Array.from(shape?.data ?? []);
  const classNames = names === undefined ? undefined : parseNames(names);
  if (imageShape.length !== 3 || !imageShape.every((size) => size > 0) || classNames === undefined) {
    throw new FormatError(`${file} holds weights, but not of a network that this program saved`, {
      operation: "load",
      file,
      remedy: "Make one with --save",
    });
  }
  const classifier = makeClassifier(imageShape, classNames, { seed: 0 });
  classifier.model.setState(weights);
  return classifier;
}

function parseNames({ data }: NDArray): string[] | undefined {
  try {
    const names: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(data)));
    const usable =
      Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === "string");
    return usable ? names : undefined;
  } catch {
    return undefined;
  }
}
