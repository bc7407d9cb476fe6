import type { Initializer } from "./initializer.ts";
import { varianceScaling } from "./scaling.ts";

export {
  type FanMode,
  type VarianceScalingOptions,
  varianceScaling,
  type WeightDistribution,
} from "./scaling.ts";
export {
  constant,
  type IdentityOptions,
  identity,
  type NormalInitializerOptions,
  normal,
  ones,
  type TruncatedNormalOptions,
  truncatedNormal,
  type UniformInitializerOptions,
  uniform,
  zeros,
} from "./simple.ts";

/**
 * Uniform in (-limit, limit), limit = sqrt(6 / (fanIn + fanOut)): keeps the variance of signals and of gradients about
 * equal from layer to layer where activations are near linear at 0 (tanh, softmax). The default of Dense. Glorot and
 * Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010. In the shape that a
 * layer asks for.
 */
export const glorotUniform: Initializer = varianceScaling({ mode: "fanAvg", distribution: "uniform" });

/**
 * Normal with standard deviation sqrt(2 / (fanIn + fanOut)); otherwise as `glorotUniform`. Glorot and Bengio 2010. In
 * the shape that a layer asks for.
 */
export const glorotNormal: Initializer = varianceScaling({ mode: "fanAvg", distribution: "normal" });

/**
 * As `glorotNormal`, without numbers far from 0: cut at two deviations, then scaled to the same variance. In the shape
 * that a layer asks for.
 */
export const glorotTruncatedNormal: Initializer = varianceScaling({ mode: "fanAvg" });

/**
 * Uniform in (-limit, limit), limit = sqrt(6 / fanIn): keeps the variance of signals where relu removes half of it. He,
 * Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015. In the shape that a layer asks for.
 */
export const heUniform: Initializer = varianceScaling({ scale: 2, distribution: "uniform" });

/**
 * Normal with standard deviation sqrt(2 / fanIn); otherwise as `heUniform`. He et al. 2015. In the shape that a layer
 * asks for.
 */
export const heNormal: Initializer = varianceScaling({ scale: 2, distribution: "normal" });

/**
 * As `heNormal`, without numbers far from 0: cut at two deviations, then scaled to the same variance. In the shape that
 * a layer asks for.
 */
export const heTruncatedNormal: Initializer = varianceScaling({ scale: 2 });

/**
 * Uniform in (-limit, limit), limit = sqrt(3 / fanIn): keeps the variance of signals where activations are near linear,
 * as selu wants it. LeCun, Bottou, Orr and Müller, "Efficient backprop", 1998. In the shape that a layer asks for.
 */
export const lecunUniform: Initializer = varianceScaling({ distribution: "uniform" });

/**
 * Normal with standard deviation sqrt(1 / fanIn); otherwise as `lecunUniform`. LeCun et al. 1998. In the shape that a
 * layer asks for.
 */
export const lecunNormal: Initializer = varianceScaling({ distribution: "normal" });

/**
 * As `lecunNormal`, without numbers far from 0: cut at two deviations, then scaled to the same variance. In the shape
 * that a layer asks for.
 */
export const lecunTruncatedNormal: Initializer = varianceScaling();
