/**
 * Optimisers, and the transformations of gradients that they are made of.
 * @packageDocumentation
 */
export { addDecayedWeights } from "./addDecayedWeights.ts";
export { chain } from "./chain.ts";
export type { Schedule } from "./learningRate.ts";
export { Optimizer } from "./optimizer.ts";
export { scaleByLearningRate } from "./scaleByLearningRate.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
export type { OptimizerState } from "./state.ts";
export type { Target } from "./targets.ts";
export { type TraceOptions, trace } from "./trace.ts";
export {
  type ParameterLike,
  type Slots,
  stateless,
  type Transformation,
  type TransformationState,
} from "./transformation.ts";
