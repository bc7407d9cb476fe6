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
export { Conv1D, conv1D } from "./layers/convolution/conv1D.ts";
export { Conv2D, conv2D } from "./layers/convolution/conv2D.ts";
export { Conv3D, conv3D } from "./layers/convolution/conv3D.ts";
export type { ConvLayerOptions, ConvTransposeLayerOptions } from "./layers/convolution/convLayer.ts";
export { ConvTranspose1D, convTranspose1D } from "./layers/convolution/convTranspose1D.ts";
export { ConvTranspose2D, convTranspose2D } from "./layers/convolution/convTranspose2D.ts";
export { ConvTranspose3D, convTranspose3D } from "./layers/convolution/convTranspose3D.ts";
export {
  DepthwiseConv2D,
  type DepthwiseConvLayerOptions,
  depthwiseConv2D,
} from "./layers/convolution/depthwiseConv2D.ts";
export { Dense, type DenseOptions, type DenseShape, dense } from "./layers/dense.ts";
export { Dropout, type DropoutOptions, dropout } from "./layers/dropout.ts";
export { Embedding, type EmbeddingOptions, embedding } from "./layers/embedding.ts";
export type { LayerContext, LayerFactory } from "./layers/factory.ts";
export { Flatten, flatten } from "./layers/flatten.ts";
export { LayerNorm, type LayerNormOptions, layerNorm } from "./layers/layerNorm.ts";
export type { KeyOptions } from "./layers/options.ts";
export {
  AveragePool1D,
  AveragePool2D,
  AveragePool3D,
  averagePool1D,
  averagePool2D,
  averagePool3D,
} from "./layers/pooling/averagePool.ts";
export {
  GlobalAveragePool,
  GlobalMaxPool,
  type GlobalPoolOptions,
  globalAveragePool,
  globalMaxPool,
} from "./layers/pooling/globalPool.ts";
export {
  MaxPool1D,
  MaxPool2D,
  MaxPool3D,
  maxPool1D,
  maxPool2D,
  maxPool3D,
} from "./layers/pooling/maxPool.ts";
export type { AveragePoolLayerOptions, PoolLayerOptions } from "./layers/pooling/poolLayer.ts";
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
