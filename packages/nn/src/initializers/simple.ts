import {
  checkOptions,
  describeValue,
  eye,
  formatShape,
  full,
  ones as onesTensor,
  random,
  ShapeError,
  StateError,
  zeros as zerosTensor,
} from "@cotangent/core";
import { checkShape } from "./fans.ts";
import type { Initializer } from "./initializer.ts";
import { truncatedStandard } from "./truncated.ts";

/** 0 everywhere: for biases. In the shape that a layer asks for. */
export const zeros: Initializer = (shape, { dtype } = {}) => zerosTensor(shape, { dtype });

/** 1 everywhere: for scales. In the shape that a layer asks for. */
export const ones: Initializer = (shape, { dtype } = {}) => onesTensor(shape, { dtype });

/** The same number everywhere. In the shape that a layer asks for. @throws StateError for what is no number */
export function constant(value: number): Initializer {
  checkNumber(value, "value", "constant", Number.NEGATIVE_INFINITY);
  return (shape, { dtype } = {}) => full(shape, value, { dtype });
}

export interface IdentityOptions {
  /** What stands on the diagonal: 1 unless given. */
  readonly gain?: number;
}

/** The gain on the diagonal of a matrix, 0 elsewhere. The initialiser throws ShapeError for what is no matrix. */
export function identity(options: IdentityOptions = {}): Initializer {
  checkOptions("identity", options, ["gain"]);
  const gain = checkNumber(options.gain ?? 1, "gain", "identity", Number.NEGATIVE_INFINITY);
  return (shape, { dtype } = {}) => {
    checkShape(shape, "identity");
    if (shape.length !== 2) {
      throw new ShapeError(`${formatShape(shape)} is not the shape of a matrix`, {
        operation: "identity",
        shapes: [shape],
        remedy: "Use it for a kernel [inputs, units]",
      });
    }
    const matrix = eye(shape[0], shape[1], { dtype });
    return gain === 1 ? matrix : matrix.mul(full([], gain, { dtype }));
  };
}

export interface UniformInitializerOptions {
  /** Inclusive; -0.05 unless given. */
  readonly minval?: number;
  /** Exclusive; 0.05 unless given. */
  readonly maxval?: number;
}

/** Uniform numbers from [minval, maxval), whatever the shape. @throws StateError for bounds that are none */
export function uniform(options: UniformInitializerOptions = {}): Initializer {
  checkOptions("uniform", options, ["minval", "maxval"]);
  const minval = checkNumber(options.minval ?? -0.05, "minval", "uniform", Number.NEGATIVE_INFINITY);
  const maxval = checkNumber(options.maxval ?? 0.05, "maxval", "uniform", minval);
  return (shape, own = {}) => random.uniform(shape, { ...own, minval, maxval });
}

export interface NormalInitializerOptions {
  /** 0 unless given. */
  readonly mean?: number;
  /** The standard deviation; 0.05 unless given. */
  readonly std?: number;
}

/** Normal numbers, whatever the shape. @throws StateError for a mean or a deviation that is none */
export function normal(options: NormalInitializerOptions = {}): Initializer {
  checkOptions("normal", options, ["mean", "std"]);
  const mean = checkNumber(options.mean ?? 0, "mean", "normal", Number.NEGATIVE_INFINITY);
  const std = checkNumber(options.std ?? 0.05, "std", "normal", 0);
  return (shape, own = {}) => random.normal(shape, { ...own, mean, std });
}

export interface TruncatedNormalOptions extends NormalInitializerOptions {
  /** From where on, in standard deviations from the mean: -2 unless given. */
  readonly low?: number;
  /** Up to where, in standard deviations from the mean: 2 unless given. */
  readonly high?: number;
}

/**
 * Normal numbers of which those too far from the mean are not taken; `std` is the deviation before that. In the shape
 * that a layer asks for.
 * @throws StateError for a mean, a deviation or bounds that are none
 */
export function truncatedNormal(options: TruncatedNormalOptions = {}): Initializer {
  const operation = "truncatedNormal";
  checkOptions(operation, options, ["mean", "std", "low", "high"]);
  const mean = checkNumber(options.mean ?? 0, "mean", operation, Number.NEGATIVE_INFINITY);
  const std = checkNumber(options.std ?? 0.05, "std", operation, 0);
  const low = checkNumber(options.low ?? -2, "low", operation, Number.NEGATIVE_INFINITY);
  const high = checkNumber(options.high ?? 2, "high", operation, low);
  if (low === high) {
    throw new StateError(`low and high are both ${low}`, { operation, remedy: "Leave room between them" });
  }
  return (shape, own = {}) => {
    const literal = (value: number) => full([], value, { dtype: own.dtype });
    return truncatedStandard(shape, low, high, own).mul(literal(std)).add(literal(mean));
  };
}

function checkNumber(value: unknown, name: string, operation: string, least: number): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= least) return value;
  const range = Number.isFinite(least) ? ` of at least ${least}` : "";
  throw new StateError(`${name} is ${typeof value === "number" ? value : describeValue(value)}`, {
    operation,
    remedy: `Give a finite number${range}`,
  });
}
