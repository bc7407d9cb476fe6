import { formatShape, isTensor, ShapeError, StateError, type Tensor } from "@cotangent/core";
import { arrayDataset, batches, type Dataset, type Seed, trainValidationSplit } from "@cotangent/data";
import { checkBoolean, checkCount, show } from "./checks.ts";

/** Examples and their targets; the first axis of both counts the examples. */
export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** Batches that were made elsewhere, such as by `batches(...)`; each loop over them is one epoch. */
export type BatchSource = (Iterable<Batch | Promise<Batch>> | AsyncIterable<Batch>) & {
  /** The number of batches in an epoch, where it is known. */
  readonly length?: number;
};

/** What can be trained on: tensors, a data set of `@cotangent/data`, or ready-made batches. */
export type TrainingData = Batch | Dataset<Batch | Promise<Batch>> | BatchSource;

export interface BatchingOptions {
  readonly batchSize?: number;
  readonly shuffle?: boolean;
  readonly seed?: Seed;
  readonly dropLast?: boolean;
}

/** Data as epochs of batches. */
export interface Source {
  /** The number of batches in an epoch, where it is known. */
  readonly steps: number | undefined;
  /** The batches of an epoch, each checked. */
  epoch(number: number): AsyncIterable<Batch>;
}

/** Examples in a batch where nobody says how many. */
export const DEFAULT_BATCH_SIZE = 32;

const REMEDY = "Pass { x, y } of tensors, a data set, or batches";

/** The training and the validation part of data. @throws StateError for a share that leaves one of them empty */
export function divide(
  data: TrainingData,
  { validationSplit, seed = 0 }: { readonly validationSplit: number; readonly seed?: Seed | undefined },
): { readonly training: TrainingData; readonly validation: TrainingData } {
  const operation = "fit";
  if (typeof validationSplit !== "number" || !(validationSplit > 0 && validationSplit < 1)) {
    throw new StateError(`validationSplit is ${show(validationSplit)}`, {
      operation,
      remedy: "Pass the share to keep for validation, above 0 and below 1, such as 0.1",
    });
  }
  if (isBatchSource(data)) {
    throw new StateError("validationSplit cannot divide batches that are made already", {
      operation,
      remedy: "Divide the data set with trainValidationSplit, and pass { validationData }",
    });
  }
  const set = toDataset(operation, data);
  if (set.length < 2)
    throw new StateError("one example cannot be divided", {
      operation,
      remedy: "Leave out validationSplit, or pass { validationData }",
    });
  const parts = trainValidationSplit(set, { validation: validationSplit, seed });
  return { training: parts.train, validation: parts.validation };
}

/** Data as epochs of batches. @throws StateError or ShapeError for what is no data, or none */
export function sourceOf(operation: string, data: TrainingData, options: BatchingOptions): Source {
  if (isBatchSource(data)) return readyMade(operation, data, options);
  const { batchSize = DEFAULT_BATCH_SIZE, shuffle = false, seed = 0, dropLast = false } = options;
  checkCount(operation, "batchSize", batchSize);
  checkBoolean(operation, "shuffle", shuffle);
  checkBoolean(operation, "dropLast", dropLast);
  const set = toDataset(operation, data);
  const all = batches(set, { batchSize, shuffle, seed, dropLast });
  return { steps: all.length, epoch: (number) => checked(operation, all.epoch(number)) };
}

function readyMade(operation: string, data: BatchSource, options: BatchingOptions): Source {
  const given = (["batchSize", "shuffle", "dropLast"] as const).find((name) => options[name] !== undefined);
  if (given !== undefined) {
    throw new StateError(`${given} means nothing for batches that are made already`, {
      operation,
      remedy: `Leave it out, or pass the data set, or give ${given} to batches(...)`,
    });
  }
  return { steps: data.length, epoch: () => checked(operation, data) };
}

async function* checked(operation: string, source: BatchSource): AsyncGenerator<Batch, void> {
  let empty = true;
  for await (const batch of source as AsyncIterable<Batch>) {
    checkBatch(operation, batch);
    empty = false;
    yield batch;
  }
  if (empty) {
    throw new StateError("the data give no batch", {
      operation,
      remedy:
        "An iterator can be looped over only once: pass batches(...), which begins anew for every epoch",
    });
  }
}

function toDataset(operation: string, data: unknown): Dataset<Batch | Promise<Batch>> {
  if (isDataset(data)) {
    if (data.length > 0) return data;
    throw new StateError("the data set is empty", { operation, remedy: "Pass at least one example" });
  }
  checkBatch(operation, data);
  const { x, y } = data as Batch;
  return arrayDataset({ x, y });
}

/** Refuses what is not { x, y } of tensors with equally many examples, from 1. */
function checkBatch(operation: string, data: unknown): asserts data is Batch {
  if (typeof data !== "object" || data === null || Array.isArray(data) || isTensor(data)) {
    throw new StateError(`the data are ${show(data)}`, { operation, remedy: REMEDY });
  }
  for (const name of ["x", "y"] as const) {
    const value = (data as Record<string, unknown>)[name];
    if (value === undefined) throw new StateError(`the data have no ${name}`, { operation, remedy: REMEDY });
    checkExamples(operation, name, value);
  }
  const { x, y } = data as Batch;
  if (x.shape[0] === y.shape[0]) return;
  throw new ShapeError(
    `x has ${x.shape[0]} examples and y ${y.shape[0]}: shapes ${formatShape(x.shape)} and ${formatShape(y.shape)}`,
    {
      operation,
      shapes: [x.shape, y.shape],
      remedy: "The first axis counts the examples, and y has a row for each of x",
    },
  );
}

/** Refuses what is not a tensor with examples along its first axis. */
export function checkExamples(operation: string, name: string, value: unknown): asserts value is Tensor {
  if (!isTensor(value)) {
    throw new StateError(`${name} is ${show(value)}, not a tensor`, {
      operation,
      remedy: `Make it one: tensor(${name})`,
    });
  }
  const { shape } = value;
  if (shape.length === 0) {
    throw new ShapeError(`${name} is a scalar, without an axis of examples`, {
      operation,
      shapes: [shape],
      remedy: `One example is ${name}.expandDims(0)`,
    });
  }
  if (shape[0] === 0) {
    throw new ShapeError(`${name} is empty: shape ${formatShape(shape)}`, {
      operation,
      shapes: [shape],
      remedy: "Pass at least one example",
    });
  }
}

function isDataset(data: unknown): data is Dataset<Batch | Promise<Batch>> {
  const candidate = data as Partial<Dataset<Batch>> | null | undefined;
  return typeof candidate?.rows === "function" && typeof candidate.length === "number";
}

/** True for batches, as against data that are still to be divided into some. */
export function isBatchSource(data: unknown): data is BatchSource {
  if (typeof data !== "object" || data === null || Array.isArray(data) || isTensor(data) || isDataset(data))
    return false;
  return Symbol.asyncIterator in data || Symbol.iterator in data;
}
