/**
 * The graph, its operations and derivatives, and the reference engine.
 * @packageDocumentation
 */
import { setEvaluator } from "./ir/tensor.ts";
import { installMethods } from "./ops/methods.ts";
import { referenceEngine } from "./reference/engine.ts";
import { getEngineOrNull, setDefaultEngine } from "./runtime/engine.ts";
import { runtimeEvaluator } from "./runtime/flush.ts";

installMethods();
setEvaluator(runtimeEvaluator);
// A second copy of core finds the engine of the first.
if (getEngineOrNull() === null) setDefaultEngine(referenceEngine);

export type {
  BinaryName,
  ConvParams,
  FoldParams,
  IndexingParams,
  ScatterOp,
  UnaryName,
  WindowParams,
} from "./ir/builder.ts";
export { isDebugMode, originOf, setDebugMode, withOrigins } from "./ir/debug.ts";
export { guarded } from "./ir/frames.ts";
export type { NestedArray } from "./ir/nested.ts";
export type { NDArray, Params, Primitive } from "./ir/primitive.ts";
export { primitives } from "./ir/primitive.ts";
export { type Resident, Storage } from "./ir/storage.ts";
export { isTensor, Tensor } from "./ir/tensor.ts";
export { formula, printGraph } from "./ir/text.ts";
export * from "./ops/activations.ts";
export * from "./ops/arithmetic.ts";
export {
  moveAxis,
  type RepeatOptions,
  type Rot90Options,
  ravel,
  repeat,
  roll,
  rot90,
  split,
  swapAxes,
  tile,
} from "./ops/arrange.ts";
export { at, type Indexed } from "./ops/at/indexed.ts";
export { ellipsis, type Index, type Range, range } from "./ops/at/range.ts";
export * from "./ops/bits.ts";
export {
  type AssociativeScanOptions,
  associativeScan,
} from "./ops/control/associativeScan.ts";
export type { Carried, Carry } from "./ops/control/carry.ts";
export { cond, switchCase } from "./ops/control/cond.ts";
export { forLoop, type LoopOptions, whileLoop } from "./ops/control/loops.ts";
export { type MapOptions, map } from "./ops/control/map.ts";
export { type ScanOptions, scan } from "./ops/control/scan.ts";
export {
  type ConvOptions,
  conv,
  conv1d,
  conv2d,
  conv3d,
  depthwiseConv,
} from "./ops/convolution/conv.ts";
export type { Padding, PerAxis, SlideOptions } from "./ops/convolution/geometry.ts";
export type { DataFormat } from "./ops/convolution/layout.ts";
export { convolve, correlate, type SequenceOptions } from "./ops/convolution/sequences.ts";
export { type ConvTransposeOptions, convTranspose } from "./ops/convolution/transposed.ts";
export { type BincountOptions, bincount, type HistogramOptions, histogram } from "./ops/count.ts";
export {
  arange,
  type CreationOptions,
  eye,
  full,
  fullLike,
  oneHot,
  ones,
  onesLike,
  tensor,
  zeros,
  zerosLike,
} from "./ops/creation.ts";
export * from "./ops/cumulative.ts";
export {
  type DiagonalOptions,
  diag,
  diagonal,
  type TriangleOptions,
  tril,
  triu,
} from "./ops/diagonal.ts";
export { einsum } from "./ops/einsum.ts";
export { gather, gatherNd, type TakeOptions, take, takeAlongAxis } from "./ops/gather.ts";
export { type GridSampleOptions, gridSample } from "./ops/images/gridSample.ts";
export { type ResizeMethod, type ResizeOptions, resize } from "./ops/images/resize.ts";
export * from "./ops/interpolate.ts";
export type { AlongAxisOptions, GatherNdOptions, GatherOptions } from "./ops/lookup.ts";
export * from "./ops/math.ts";
export { matmul } from "./ops/matmul.ts";
export {
  broadcastTo,
  concat,
  expandDims,
  flip,
  pad,
  reshape,
  slice,
  squeeze,
  stack,
  transpose,
} from "./ops/movement.ts";
export { argwhere, type NonzeroOptions, nonzero, type SizeOptions } from "./ops/nonzero.ts";
export { type NormOptions, norm } from "./ops/norm.ts";
export * from "./ops/order.ts";
export { type AdaptivePoolOptions, adaptiveAveragePool, adaptiveMaxPool } from "./ops/pooling/adaptive.ts";
export { fold, type UnfoldOptions, unfold } from "./ops/pooling/patches.ts";
export {
  type AveragePoolOptions,
  averagePool,
  type LpPoolOptions,
  lpPool,
  maxPool,
  type PoolOptions,
} from "./ops/pooling/pool.ts";
export {
  type ReduceWindowOptions,
  reduceWindow,
  type SlidingWindowOptions,
  slidingWindow,
  type WindowReducer,
} from "./ops/pooling/windows.ts";
export {
  type CrossOptions,
  cross,
  dot,
  inner,
  kron,
  outer,
  type TensordotAxes,
  tensordot,
} from "./ops/products.ts";
export * from "./ops/quantile.ts";
export type {
  BernoulliOptions,
  CategoricalOptions,
  ChoiceOptions,
  DrawOptions,
  NormalOptions,
  RandintOptions,
  RandomOptions,
  TruncatedNormalOptions,
  UniformOptions,
} from "./ops/random.ts";
export * as random from "./ops/random.ts";
export {
  type LinspaceOptions,
  type LogspaceOptions,
  linspace,
  logspace,
  type MeshgridOptions,
  meshgrid,
} from "./ops/ranges.ts";
export type { Axes, ReduceOptions, VarianceOptions } from "./ops/reduce.ts";
export {
  all,
  any,
  argmax,
  argmin,
  logsumexp,
  max,
  mean,
  min,
  prod,
  std,
  sum,
  variance,
} from "./ops/reduce.ts";
export * from "./ops/scatter.ts";
export { type DigitizeOptions, digitize, type SearchsortedOptions, searchsorted } from "./ops/search.ts";
export * from "./ops/segments.ts";
export { argsort, type SortOptions, sort } from "./ops/sort.ts";
export * from "./ops/special.ts";
export * from "./ops/statistics.ts";
export { type SymbolOptions, symbol } from "./ops/symbol.ts";
export type * from "./ops/typed.ts";
export * from "./ops/unique.ts";
export type { Body, BodyNode } from "./prims/control/body.ts";
export type { BranchParams } from "./prims/control/branch.ts";
export type { CallRule, PartParams } from "./prims/control/call.ts";
export { type LoopParams, loopInputs } from "./prims/control/loop.ts";
export type { NestedValues, TensorData, TensorLike, TensorOptions } from "./prims/convert.ts";
export type { ComputedPrimitive } from "./prims/names.ts";
export { outOfRange } from "./prims/picking.ts";
export { referenceEngine } from "./reference/engine.ts";
export { type CompileOptions, compile } from "./runtime/compile.ts";
export {
  type Engine,
  type Executable,
  getEngine,
  type InputSlot,
  type Program,
  type ProgramNode,
  setDefaultEngine,
  setEngine,
  type Update,
} from "./runtime/engine.ts";
export { evaluate } from "./runtime/evaluate.ts";
export { type Graph, graphOf, replay } from "./runtime/graph.ts";
export type { HasVariables, ModuleLike } from "./runtime/interfaces.ts";
export { atEachCall, runtimeNumber, traceLocal } from "./runtime/libraryState.ts";
export { planCount } from "./runtime/plan.ts";
export { programOf } from "./runtime/programOf.ts";
export { withValues } from "./runtime/substitute.ts";
export { Variable, type VariableOptions, variable } from "./runtime/variable.ts";
export type { GradientOf } from "./transform/arguments.ts";
export { checkpoint } from "./transform/checkpoint.ts";
export { type CustomJvpRule, customJvp } from "./transform/customJvp.ts";
export { type CotangentOf, type CustomVjpRule, customVjp } from "./transform/customVjp.ts";
export { type DerivativeOptions, derivative } from "./transform/derivative.ts";
export { gaussNewton, gvp } from "./transform/gaussNewton.ts";
export { type GradOptions, grad, valueAndGrad } from "./transform/grad.ts";
export { type GradientsOptions, gradients, stopGradient } from "./transform/gradients.ts";
export { type HessianOf, hessian, hvp } from "./transform/hessian.ts";
export { type JacobianOf, type JacobianOptions, jacobian } from "./transform/jacobian.ts";
export { linearize, linearTranspose } from "./transform/linearize.ts";
export { jvp, vjp } from "./transform/products.ts";
export { simplify } from "./transform/simplify/simplify.ts";
export type { Sparsity } from "./transform/sparse/pattern.ts";
export {
  hessianDiagonal,
  type SparseJacobianOptions,
  type SparseOptions,
  sparseHessian,
  sparseJacobian,
} from "./transform/sparse/sparse.ts";
export { SparseMatrix } from "./transform/sparse/sparseMatrix.ts";
export { type Replacements, substitute } from "./transform/substitute.ts";
export { type Axes as VmapAxes, type VmapOptions, vmap } from "./transform/vmap.ts";
export { createArray, DTYPES, type DType, isFloating, promote, type TypedArray } from "./types/dtype.ts";
export { checkOptions } from "./types/options.ts";
export { broadcastShapes, formatShape, type Shape } from "./types/shape.ts";
export type * from "./types/static/index.ts";
export { describeValue, type FlatTree, flattenTree, type MapTree, type Tree } from "./types/trees.ts";
export * from "./util/errors.ts";
export { VERSION } from "./util/shared.ts";
