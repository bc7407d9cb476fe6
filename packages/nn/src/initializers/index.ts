import { ones as onesTensor, random, zeros as zerosTensor } from "@cotangent/core";
import { fans } from "./fans.ts";
import type { Initializer } from "./initializer.ts";

/** Uniform numbers with the given variance: from (-limit, limit) with limit = sqrt(3 * variance). */
const uniformWith = (variance: (fanIn: number, fanOut: number) => number): Initializer => {
  return (shape, options = {}) => {
    const { fanIn, fanOut } = fans(shape);
    const limit = Math.sqrt(3 * variance(fanIn, fanOut));
    return random.uniform(shape, { ...options, minval: -limit, maxval: limit });
  };
};

/** Normal numbers with the given variance, not truncated. */
const normalWith = (variance: (fanIn: number, fanOut: number) => number): Initializer => {
  return (shape, options = {}) => {
    const { fanIn, fanOut } = fans(shape);
    return random.normal(shape, { ...options, std: Math.sqrt(variance(fanIn, fanOut)) });
  };
};

const glorot = (fanIn: number, fanOut: number): number => 2 / (fanIn + fanOut);
const he = (fanIn: number): number => 2 / fanIn;

/**
 * Uniform in (-limit, limit), limit = sqrt(6 / (fanIn + fanOut)): keeps the variance of signals and of gradients
 * about equal from layer to layer where activations are near linear at 0 (tanh, softmax). The default of Dense.
 * Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
 */
export const glorotUniform: Initializer = uniformWith(glorot);

/** Normal with standard deviation sqrt(2 / (fanIn + fanOut)); otherwise as `glorotUniform`. Glorot and Bengio 2010. */
export const glorotNormal: Initializer = normalWith(glorot);

/**
 * Uniform in (-limit, limit), limit = sqrt(6 / fanIn): keeps the variance of signals where relu removes half of it.
 * He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.
 */
export const heUniform: Initializer = uniformWith(he);

/** Normal with standard deviation sqrt(2 / fanIn); otherwise as `heUniform`. He et al. 2015. */
export const heNormal: Initializer = normalWith(he);

/** 0 everywhere: for biases. */
export const zeros: Initializer = (shape, { dtype } = {}) => zerosTensor(shape, { dtype });

/** 1 everywhere: for scales. */
export const ones: Initializer = (shape, { dtype } = {}) => onesTensor(shape, { dtype });
