/**
 * The Trainer: fit, evaluate, predict, with callbacks, metrics and progress.
 * @packageDocumentation
 */
export { type AverageWeightsOptions, averageWeights } from "./averageWeights.ts";
export type { Callback } from "./callbacks.ts";
export { type EarlyStoppingOptions, earlyStopping } from "./earlyStopping.ts";
export { type EpochRecord, History, type Logs } from "./history.ts";
export type { LossName } from "./losses.ts";
export {
  type AccuracyOptions,
  accuracy,
  type MetricFunction,
  type MetricName,
  type Metrics,
} from "./metrics.ts";
export type { EvaluateOptions, FitOptions, TrainerOptions } from "./options.ts";
export type { ProgressStream } from "./progress/progress.ts";
export type { Batch, BatchSource, TrainingData } from "./source.ts";
export type { LossFunction, OptimizerLike } from "./step.ts";
export { Trainer } from "./trainer.ts";
