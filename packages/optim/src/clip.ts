import { sqrt, type Tensor } from "@cotangent/core";
import { checkNumber } from "./checks.ts";
import { literal } from "./literals.ts";
import { stateless, type Transformation } from "./transformation.ts";

/**
 * Limits every element of the gradients to [-limit, limit]. Infinite elements become the limit; NaN stays NaN.
 * Mikolov, "Statistical language models based on neural networks", 2012.
 * @throws StateError for a limit that is not a finite number of at least 0
 */
export function clipByValue(limit: number): Transformation {
  checkNumber(limit, "limit", "clipByValue", { remedy: "Give such a number, as in clipByValue(1)" });
  return stateless((gradient) => gradient.clip(literal(-limit, gradient), literal(limit, gradient)));
}

/**
 * Scales the gradient of each variable by itself to a Euclidean norm of at most `maxNorm`; smaller ones stay as they are.
 * A gradient with NaN becomes NaN as a whole, one with an infinity NaN there and 0 elsewhere. Pascanu, Mikolov and
 * Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
 * @throws StateError for a norm that is not a finite number of at least 0
 */
export function clipByNorm(maxNorm: number): Transformation {
  checkNumber(maxNorm, "maxNorm", "clipByNorm", { remedy: "Give such a number, as in clipByNorm(1)" });
  return stateless((gradient) => scaled(gradient, factor(globalNorm([gradient]), maxNorm)));
}

/**
 * Scales all gradients by one factor, so that the Euclidean norm of all of them together is at most `maxNorm`: the
 * direction of the step stays. Nothing changes while the norm is not greater.
 *
 * What is not finite is not hidden: one NaN makes all updates NaN; an infinity becomes NaN, and everything else 0. Norms
 * are computed in float64, so that finite float32 gradients have a finite norm, however large they are. Pascanu, Mikolov
 * and Bengio, ICML 2013.
 * @throws StateError for a norm that is not a finite number of at least 0
 */
export function clipByGlobalNorm(maxNorm: number): Transformation {
  checkNumber(maxNorm, "maxNorm", "clipByGlobalNorm", {
    remedy: "Give such a number, as in clipByGlobalNorm(1)",
  });
  return {
    slots: [],
    init: (params) => params.map(() => ({})),
    update(gradients, state) {
      const common = factor(globalNorm(gradients), maxNorm);
      return [gradients.map((gradient) => scaled(gradient, common)), state];
    },
  };
}

/** The Euclidean norm of all elements of all tensors together: a float64 scalar, NaN or infinite where one of them is. */
export function globalNorm(tensors: readonly Tensor[]): Tensor {
  const squares = tensors.map((x) => x.cast("float64").square().sum());
  return sqrt(squares.reduce((total, one) => total.add(one), literalZero()));
}

const literalZero = (): Tensor => literal(0, { dtype: "float64" });

/** maxNorm / max(norm, maxNorm): exactly 1 while the norm is not greater, NaN for NaN. */
function factor(norm: Tensor, maxNorm: number): Tensor {
  const limit = literal(maxNorm, norm);
  // A limit of 0 against a norm of 0 is no division by 0.
  const divisor = maxNorm === 0 ? norm.maximum(literal(Number.MIN_VALUE, norm)) : norm.maximum(limit);
  return limit.div(divisor);
}

const scaled = (gradient: Tensor, by: Tensor): Tensor => gradient.mul(by.cast(gradient.dtype));
