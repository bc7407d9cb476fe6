/**
 * Modules, layers, initialisers and losses.
 * @packageDocumentation
 */
export {
  celu,
  elu,
  gelu,
  glu,
  hardSigmoid,
  hardSwish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  prelu,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  tanh,
} from "@cotangent/core";
export type { ActivationFunction, ActivationName } from "./activations.ts";
export * as initializers from "./initializers/index.ts";
export type { Initializer, InitializerOptions } from "./initializers/initializer.ts";
export type { InitializerName } from "./initializers/named.ts";
export { Activation, activation } from "./layers/activation.ts";
export type { Chained } from "./layers/chain.ts";
export { Dense, type DenseOptions, type DenseShape, dense } from "./layers/dense.ts";
export { Dropout, type DropoutOptions, dropout } from "./layers/dropout.ts";
export type { LayerContext, LayerFactory } from "./layers/factory.ts";
export { Flatten, flatten } from "./layers/flatten.ts";
export { LayerNorm, type LayerNormOptions, layerNorm } from "./layers/layerNorm.ts";
export type { KeyOptions } from "./layers/options.ts";
export {
  type Layer,
  Sequential,
  type SequentialFactoryOptions,
  type SequentialOptions,
  sequential,
} from "./layers/sequential.ts";
export * as losses from "./losses/index.ts";
export { type Callable, functionalCall, type NamedTensors } from "./module/functionalCall.ts";
export { Module } from "./module/module.ts";
export type { RestoreOptions, RestoreReport, StateEntry } from "./module/state.ts";
export type { SummaryOptions } from "./module/summary.ts";
export { type DeserializeOptions, deserializeState } from "./state/deserialize.ts";
export { type NamedArrays, serializeState } from "./state/serialize.ts";
