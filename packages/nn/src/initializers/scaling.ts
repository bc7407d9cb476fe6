import { checkOptions, describeValue, full, random, StateError } from "@cotangent/core";
import { fans } from "./fans.ts";
import type { Initializer } from "./initializer.ts";

/** Which number of connections the variance is divided by. */
export type FanMode = "fanIn" | "fanOut" | "fanAvg";

/** What kind of numbers weights are drawn from. */
export type WeightDistribution = "uniform" | "normal" | "truncatedNormal";

export interface VarianceScalingOptions {
  /** The variance of what a unit adds up, where that of its inputs is 1: 1 unless given. */
  readonly scale?: number;
  /** fanIn unless given: the inputs of a unit; fanAvg is the mean of inputs and outputs. */
  readonly mode?: FanMode;
  /** truncatedNormal unless given: normal numbers of at most two standard deviations. */
  readonly distribution?: WeightDistribution;
}

/** The standard deviation of standard normal numbers between -2 and 2. */
const TRUNCATED_STD = 0.8796256610342398;

const DISTRIBUTIONS: Readonly<Record<WeightDistribution, (variance: number) => Initializer>> = {
  // The variance of (-limit, limit) is limit^2 / 3.
  uniform:
    (variance) =>
    (shape, options = {}) => {
      const limit = Math.sqrt(3 * variance);
      return random.uniform(shape, { ...options, minval: -limit, maxval: limit });
    },
  normal:
    (variance) =>
    (shape, options = {}) =>
      random.normal(shape, { ...options, std: Math.sqrt(variance) }),
  truncatedNormal:
    (variance) =>
    (shape, options = {}) => {
      const std = full([], Math.sqrt(variance) / TRUNCATED_STD, { dtype: options.dtype });
      return random.truncatedNormal(shape, options).mul(std);
    },
};

const MODES: readonly FanMode[] = ["fanIn", "fanOut", "fanAvg"];

/**
 * Random weights of mean 0 and variance scale / fan: the family to which glorot, he and lecun belong. Fans are those of a
 * kernel [..., inputs, units], where axes before these are the window of a convolution. As
 * `jax.nn.initializers.variance_scaling`.
 * @throws StateError for options that are unknown or out of range
 */
export function varianceScaling(options: VarianceScalingOptions = {}): Initializer {
  const operation = "varianceScaling";
  checkOptions(operation, options, ["scale", "mode", "distribution"]);
  const { scale = 1, mode = "fanIn", distribution = "truncatedNormal" } = options;
  if (typeof scale !== "number" || !Number.isFinite(scale) || scale <= 0) {
    throw new StateError(`scale is ${typeof scale === "number" ? scale : describeValue(scale)}`, {
      operation,
      remedy: "Give a finite number above 0, such as 2 before relu",
    });
  }
  checkName(mode, "mode", MODES, operation);
  checkName(distribution, "distribution", Object.keys(DISTRIBUTIONS), operation);
  return (shape, own) => {
    const { fanIn, fanOut } = fans(shape, operation);
    const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode];
    return DISTRIBUTIONS[distribution](scale / fan)(shape, own);
  };
}

function checkName(value: unknown, name: string, known: readonly string[], operation: string): void {
  if (typeof value === "string" && known.includes(value)) return;
  const given = typeof value === "string" ? `"${value}"` : describeValue(value);
  throw new StateError(`${name} is ${given}`, { operation, remedy: `Use one of ${known.join(", ")}` });
}
