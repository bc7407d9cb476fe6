/**
 * Optimisers, and the transformations of gradients that they are made of.
 * @packageDocumentation
 */
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { addDecayedWeights, type DecayOptions, type ParameterMask } from "./addDecayedWeights.ts";
export { chain } from "./chain.ts";
export { clipByGlobalNorm, clipByNorm, clipByValue, globalNorm } from "./clip.ts";
export type { Schedule } from "./learningRate.ts";
export { Optimizer } from "./optimizer.ts";
export type { OptimizerOptions } from "./options.ts";
export { RMSProp, type RMSPropOptions } from "./rmsprop.ts";
export { type AdagradScaleOptions, scaleByAdagrad } from "./scaleByAdagrad.ts";
export { type AdamScaleOptions, scaleByAdam } from "./scaleByAdam.ts";
export { scaleByLearningRate } from "./scaleByLearningRate.ts";
export { type RmsScaleOptions, scaleByRms } from "./scaleByRms.ts";
export * as schedules from "./schedules.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
export type { OptimizerState } from "./state.ts";
export type { Target } from "./targets.ts";
export { type TraceOptions, trace } from "./trace.ts";
export {
  type AtStep,
  type ParameterLike,
  type Slots,
  stateless,
  type Transformation,
  type TransformationState,
} from "./transformation.ts";
