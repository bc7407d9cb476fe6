import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { isFloating } from "../types/dtype.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, normalizeAxes, normalizeAxis } from "../types/shape.ts";
import type { ShapeOf } from "../types/static/index.ts";
import { describeValue } from "../types/trees.ts";
import { ShapeError, StateError } from "../util/errors.ts";
import { logSigmoidOf, softplusOf } from "./logistic.ts";
import { sigmoid, tanh } from "./math.ts";
import { countable, floatingOperand, floatingOperands } from "./operands.ts";
import type { Axes } from "./reduce.ts";
import { typed } from "./shaped.ts";
import { logSoftmaxAlong, softmaxAlong } from "./softmaxAlong.ts";

/*
 * Activations: element by element, but for softmax, logSoftmax and glu. Integers and bool become float32, but for relu.
 * Values and the first two derivatives are finite for all finite x. What belongs to an option is a literal of the graph.
 */

/** The option, or what it is without; a finite number. @throws StateError */
function numberOption(operation: string, name: string, value: unknown, positive = false): number {
  if (typeof value === "number" && Number.isFinite(value) && (value > 0 || !positive)) return value;
  throw new StateError(
    `${name} must be a finite number${positive ? " above 0" : ""}, not ${typeof value === "number" ? value : describeValue(value)}`,
    { operation, remedy: `Leave it out for the usual one, or give a number such as ${positive ? 1 : 0.1}` },
  );
}

/** `negative` where x <= 0, else x: the derivative at 0 is the one from below, NaN stays NaN. */
const belowZero = (x: Tensor, negative: Tensor): Tensor =>
  builder.where(builder.compare("lessEqual", x, 0), negative, x);

/** max(x, 0); the derivative at 0 is 0, NaN stays NaN. Integers stay as they are. Element by element. */
export function relu<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function relu(x: TensorLike): Tensor {
  const tensor = asTensor(x, "relu");
  if (isFloating(tensor.dtype)) return belowZero(tensor, builder.literal(0, tensor));
  return builder.max(countable("relu", tensor), 0);
}

export interface LeakyReluOptions {
  /** The slope below 0: 0.01 unless given. */
  readonly negativeSlope?: number;
}

/**
 * x, or negativeSlope * x where x <= 0; the derivative at 0 is the slope. Maas, Hannun and Ng, "Rectifier nonlinearities
 * improve neural network acoustic models", ICML 2013. Element by element.
 * @throws StateError for a slope that is not a finite number
 */
export function leakyRelu<X extends TensorLike>(x: X, options?: LeakyReluOptions): Tensor<ShapeOf<X>>;
export function leakyRelu(x: TensorLike, options: LeakyReluOptions = {}): Tensor {
  checkOptions("leakyRelu", options, ["negativeSlope"]);
  const slope = numberOption("leakyRelu", "negativeSlope", options.negativeSlope ?? 0.01);
  const tensor = floatingOperand("leakyRelu", x);
  return belowZero(tensor, builder.mul(tensor, slope));
}

/**
 * x, or slope * x where x <= 0, with a slope, the second operand, that is learned: a tensor that broadcasts with x, such as a scalar or one
 * number for each channel. He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.
 */
export const prelu = typed<"prelu">((x, slope) => {
  const [value, factor] = floatingOperands("prelu", [x, slope]);
  return belowZero(value, builder.mul(value, factor));
});

export interface EluOptions {
  /** Minus the limit at -infinity: 1 unless given. */
  readonly alpha?: number;
}

/**
 * x, or alpha * (e^x - 1) where x <= 0; the derivative at 0 is alpha. Clevert, Unterthiner and Hochreiter, "Fast and
 * accurate deep network learning by exponential linear units", ICLR 2016. Element by element.
 * @throws StateError for an alpha that is not a finite number
 */
export function elu<X extends TensorLike>(x: X, options?: EluOptions): Tensor<ShapeOf<X>>;
export function elu(x: TensorLike, options: EluOptions = {}): Tensor {
  checkOptions("elu", options, ["alpha"]);
  const alpha = numberOption("elu", "alpha", options.alpha ?? 1);
  const tensor = floatingOperand("elu", x);
  return belowZero(tensor, builder.mul(builder.expm1(tensor), alpha));
}

export interface CeluOptions {
  /** Minus the limit at -infinity, above 0: 1 unless given. */
  readonly alpha?: number;
}

/**
 * x, or alpha * (e^(x / alpha) - 1) where x <= 0: an elu whose derivative has no jump, whatever alpha is. Barron,
 * "Continuously differentiable exponential linear units", 2017. Element by element.
 * @throws StateError for an alpha that is not a finite number above 0
 */
export function celu<X extends TensorLike>(x: X, options?: CeluOptions): Tensor<ShapeOf<X>>;
export function celu(x: TensorLike, options: CeluOptions = {}): Tensor {
  checkOptions("celu", options, ["alpha"]);
  const alpha = numberOption("celu", "alpha", options.alpha ?? 1, true);
  const tensor = floatingOperand("celu", x);
  return belowZero(tensor, builder.mul(builder.expm1(builder.div(tensor, alpha)), alpha));
}

/** The two numbers for which selu keeps mean 0 and variance 1; Klambauer et al., equation 14. */
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * An elu, scaled so that layers of it keep mean 0 and variance 1. Wants weights of lecunNormal. Klambauer, Unterthiner,
 * Mayr and Hochreiter, "Self-normalizing neural networks", NIPS 2017. Element by element.
 */
export function selu<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function selu(x: TensorLike): Tensor {
  return builder.mul(elu(floatingOperand("selu", x), { alpha: SELU_ALPHA }), SELU_SCALE);
}

export interface GeluOptions {
  /** Take the approximation by tanh, as GPT-2 does ("tanh" says the same): false unless given. */
  readonly approximate?: boolean | "tanh";
}

/**
 * x * P(X <= x) for a standard normal X: x/2 * erfc(-x / sqrt(2)), accurate for very negative x too. Approximate: x/2 *
 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))). Hendrycks and Gimpel, "Gaussian error linear units", 2016. Element by
 * element.
 * @throws StateError for an approximation that there is not
 */
export function gelu<X extends TensorLike>(x: X, options?: GeluOptions): Tensor<ShapeOf<X>>;
export function gelu(x: TensorLike, options: GeluOptions = {}): Tensor {
  checkOptions("gelu", options, ["approximate"]);
  const { approximate = false } = options;
  if (approximate !== "tanh" && typeof approximate !== "boolean") {
    throw new StateError(`approximate must be true, false or "tanh", not ${describeValue(approximate)}`, {
      operation: "gelu",
      remedy: "Leave it out for the exact function",
    });
  }
  const tensor = floatingOperand("gelu", x);
  if (approximate !== false) return geluByTanh(tensor);
  return builder.mul(builder.mul(tensor, 0.5), builder.erfc(builder.mul(tensor, -Math.SQRT1_2)));
}

/**
 * (1 + tanh(z)) / 2 is sigmoid(2z), which is not 0 before it must be. From |x| = 30 on the sigmoid is exactly 0 or 1,
 * and x^3, which may overflow, is not needed.
 */
function geluByTanh(x: Tensor): Tensor {
  const low = builder.where(builder.compare("less", x, -30), -30, x);
  const near = builder.where(builder.compare("greater", low, 30), 30, low);
  const cubic = builder.add(builder.mul(builder.mul(near, near), 0.044715), 1);
  const z = builder.mul(builder.mul(near, cubic), 2 * Math.sqrt(2 / Math.PI));
  return builder.mul(x, builder.sigmoid(z));
}

/**
 * x * sigmoid(x), also called swish. Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2017; Ramachandran, Zoph
 * and Le, "Searching for activation functions", 2017. Element by element.
 */
export function silu<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function silu(x: TensorLike): Tensor {
  const tensor = floatingOperand("silu", x);
  return builder.mul(tensor, sigmoid(tensor));
}

/**
 * log(1 + e^x), without overflow: a smooth relu whose derivative is the sigmoid. Dugas et al., NIPS 2000. Element by
 * element.
 */
export function softplus<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function softplus(x: TensorLike): Tensor {
  return softplusOf(floatingOperand("softplus", x));
}

/** log(sigmoid(x)), finite and accurate for all finite x. Element by element. */
export function logSigmoid<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function logSigmoid(x: TensorLike): Tensor {
  return logSigmoidOf(floatingOperand("logSigmoid", x));
}

/**
 * x * tanh(softplus(x)). Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020. Element by
 * element.
 */
export function mish<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function mish(x: TensorLike): Tensor {
  const tensor = floatingOperand("mish", x);
  // From x = 40 on the factor is exactly 1; its derivatives, which are 0, must not meet what overflows.
  const near = builder.where(builder.compare("greater", tensor, 40), 40, tensor);
  return builder.mul(tensor, tanh(softplusOf(near)));
}

/** x / (1 + |x|). Element by element. */
export function softsign<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function softsign(x: TensorLike): Tensor {
  const tensor = floatingOperand("softsign", x);
  return builder.div(tensor, builder.add(builder.abs(tensor), 1));
}

/** x between the bounds; the derivative is 1 inside, 0 outside and at the bounds (that of `clip` is 1 there). */
function hardClip(x: Tensor, low: number, high: number): Tensor {
  const raised = builder.where(builder.compare("lessEqual", x, low), low, x);
  return builder.where(builder.compare("greaterEqual", raised, high), high, raised);
}

export interface HardtanhOptions {
  /** -1 unless given. */
  readonly low?: number;
  /** 1 unless given. */
  readonly high?: number;
}

/**
 * x limited to [low, high]; the derivative is 1 inside, 0 outside and at the bounds.
 * @throws StateError for bounds that are not finite numbers, or not in order
 */
export function hardtanh<X extends TensorLike>(x: X, options?: HardtanhOptions): Tensor<ShapeOf<X>>;
export function hardtanh(x: TensorLike, options: HardtanhOptions = {}): Tensor {
  checkOptions("hardtanh", options, ["low", "high"]);
  const low = numberOption("hardtanh", "low", options.low ?? -1);
  const high = numberOption("hardtanh", "high", options.high ?? 1);
  if (low >= high) {
    throw new StateError(`low must be below high, not ${low} and ${high}`, {
      operation: "hardtanh",
      remedy: "Exchange them, or give both",
    });
  }
  return hardClip(floatingOperand("hardtanh", x), low, high);
}

/** min(max(x, 0), 6); the derivative at 0 and 6 is 0. Howard et al., "MobileNets", 2017. Element by element. */
export function relu6<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function relu6(x: TensorLike): Tensor {
  return hardClip(floatingOperand("relu6", x), 0, 6);
}

/**
 * relu6(x + 3) / 6: a sigmoid of straight lines. Howard et al., "Searching for MobileNetV3", ICCV 2019. Element by
 * element.
 */
export function hardSigmoid<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function hardSigmoid(x: TensorLike): Tensor {
  return builder.div(hardClip(builder.add(floatingOperand("hardSigmoid", x), 3), 0, 6), 6);
}

/** x * relu6(x + 3) / 6: a silu of straight lines and a parabola. Howard et al., ICCV 2019. Element by element. */
export function hardSwish<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function hardSwish(x: TensorLike): Tensor {
  const tensor = floatingOperand("hardSwish", x);
  return builder.mul(tensor, hardSigmoid(tensor));
}

/** exp(x) / sum(exp(x)) along axes, the last by default: positive numbers that sum to 1. */
export function softmax<X extends TensorLike>(x: X, axes?: Axes): Tensor<ShapeOf<X>>;
export function softmax(x: TensorLike, axes: Axes = -1): Tensor {
  const tensor = floatingOperand("softmax", x);
  return softmaxAlong(tensor.node, normalizeAxes("softmax", axes, tensor.rank));
}

/** log(softmax(x)) along axes, the last by default, finite for all finite x. */
export function logSoftmax<X extends TensorLike>(x: X, axes?: Axes): Tensor<ShapeOf<X>>;
export function logSoftmax(x: TensorLike, axes: Axes = -1): Tensor {
  const tensor = floatingOperand("logSoftmax", x);
  return logSoftmaxAlong(tensor.node, normalizeAxes("logSoftmax", axes, tensor.rank));
}

/**
 * a * sigmoid(b), where a and b are the halves of x along an axis, the last by default. Dauphin, Fan, Auli and Grangier,
 * "Language modeling with gated convolutional networks", ICML 2017.
 * @throws ShapeError for an axis of odd size
 */
export function glu(x: TensorLike, axis = -1): Tensor {
  const tensor = floatingOperand("glu", x);
  const { shape } = tensor;
  const place = normalizeAxis("glu", axis, tensor.rank);
  const half = shape[place] / 2;
  if (!Number.isInteger(half)) {
    throw new ShapeError(`axis ${axis} of ${formatShape(shape)} has the odd size ${shape[place]}`, {
      operation: "glu",
      shapes: [shape],
      remedy: "The axis is cut into halves: a layer before it has twice as many units",
    });
  }
  const start = shape.map(() => 0);
  const value = builder.slice(tensor, start, shape.with(place, half));
  return builder.mul(value, sigmoid(builder.slice(tensor, start.with(place, half), shape)));
}
