import { checkOptions, type ModuleLike, StateError } from "@cotangent/core";
import type { Seed } from "@cotangent/data";
import type { Callback } from "./callbacks.ts";
import { checkBoolean, checkCount, show } from "./checks.ts";
import type { LossName } from "./losses.ts";
import type { Metrics } from "./metrics.ts";
import {
  defaultStream,
  type Progress,
  type ProgressStream,
  progressOn,
  silent,
} from "./progress/progress.ts";
import { divide, isBatchSource, type Source, sourceOf, type TrainingData } from "./source.ts";
import type { LossFunction, OptimizerLike } from "./step.ts";

export interface TrainerOptions {
  /** What changes the weights, such as `new SGD({ learningRate: 0.01 })`. */
  readonly optimizer: OptimizerLike;
  /**
   * What is made small: a function of predictions and targets, such as `losses.categoricalCrossEntropy`, or the name of a
   * loss of nn, such as "softmaxCrossEntropy".
   */
  readonly loss: LossFunction | LossName;
  /** What is measured beside the loss: `["accuracy"]`, functions, or an object that names them; nothing unless given. */
  readonly metrics?: Metrics;
}

export interface FitOptions {
  /** How often to go through the data: 1 unless given. */
  readonly epochs?: number;
  /** Examples in a step: 32 unless given. */
  readonly batchSize?: number;
  /** The share of the data to keep for validation, drawn with the seed (from each class, where the data know them). */
  readonly validationSplit?: number;
  /** Other data to measure loss and metrics on after every epoch. */
  readonly validationData?: TrainingData;
  /** Go through the data in another order in every epoch: true unless given. */
  readonly shuffle?: boolean;
  /** Makes orders and splits what they are: 0 unless given, so that a training can be repeated. */
  readonly seed?: Seed;
  /** Leave out the last batch of an epoch when it is short: false unless given. */
  readonly dropLast?: boolean;
  readonly callbacks?: readonly Callback[];
  /** Show progress: true unless given. */
  readonly verbose?: boolean;
  /** Where progress is written: the standard output unless given. */
  readonly stream?: ProgressStream;
}

export interface EvaluateOptions {
  /** Examples computed at a time: 32 unless given. */
  readonly batchSize?: number;
}

/** Total over the keys, so that a new option cannot be forgotten here. */
const FIT_OPTIONS: Record<keyof FitOptions, true> = {
  epochs: true,
  batchSize: true,
  validationSplit: true,
  validationData: true,
  shuffle: true,
  seed: true,
  dropLast: true,
  callbacks: true,
  verbose: true,
  stream: true,
};

/** The checked data and settings of one `fit`. */
export interface FitPlan {
  readonly epochs: number;
  readonly training: Source;
  readonly validation: Source | undefined;
  readonly progress: Progress;
}

/** Checks everything that can be checked before the first step. */
export function planFit(data: TrainingData, options: FitOptions): FitPlan {
  const operation = "fit";
  checkOptions(operation, options, Object.keys(FIT_OPTIONS));
  const { validationSplit, validationData, batchSize, seed, dropLast, verbose = true } = options;
  const epochs = checkCount(operation, "epochs", options.epochs ?? 1);
  if (validationSplit !== undefined && validationData !== undefined) {
    throw new StateError("both validationSplit and validationData are given", {
      operation,
      remedy: "Give one of them",
    });
  }
  const parts =
    validationSplit === undefined
      ? { training: data, validation: validationData }
      : divide(data, { validationSplit, seed });
  const shuffle = options.shuffle ?? (isBatchSource(data) ? undefined : true);
  const training = sourceOf(operation, parts.training, { batchSize, shuffle, seed, dropLast });
  const { validation: held } = parts;
  const validation =
    held === undefined
      ? undefined
      : sourceOf(
          operation,
          held,
          isBatchSource(held) ? {} : { batchSize: isBatchSource(data) ? undefined : batchSize },
        );
  const shown = checkBoolean(operation, "verbose", verbose);
  const progress = shown
    ? progressOn(checkStream(options.stream ?? defaultStream()), { epochs, steps: training.steps })
    : silent;
  return { epochs, training, validation, progress };
}

function checkStream(stream: ProgressStream): ProgressStream {
  if (typeof stream?.write === "function") return stream;
  throw new StateError(`stream is ${show(stream)}`, {
    operation: "fit",
    remedy: "Pass something with a method write, such as process.stderr",
  });
}

/** @throws StateError for what is no model */
export function checkModel(model: unknown): asserts model is ModuleLike {
  const candidate = model as Partial<ModuleLike> | null | undefined;
  if (typeof candidate?.forward === "function" && typeof candidate.variables === "function") return;
  throw new StateError(`the model is ${show(model)}`, {
    operation: "Trainer",
    remedy: "Pass a Module, such as a Sequential: something with forward and variables",
  });
}

/** @throws StateError for what is no optimiser */
export function checkOptimizer(optimizer: OptimizerLike): void {
  if (typeof optimizer?.minimize === "function") return;
  throw new StateError(`the optimizer is ${show(optimizer)}`, {
    operation: "Trainer",
    remedy: "Pass one such as new SGD({ learningRate: 0.01 })",
  });
}
