import { checkOptions, describeValue, StateError, type Tensor } from "@cotangent/core";
import { checkNumber } from "./checks.ts";
import { literal } from "./literals.ts";
import { stateless, type Transformation } from "./transformation.ts";

/**
 * Which parameters something applies to. In an optimiser a parameter is the variable, with a `name`; the index is its
 * place among those of the step. `({ rank }) => rank > 1` leaves out biases and scales.
 */
export type ParameterMask = (param: Tensor & { readonly name?: string }, index: number) => boolean;

export interface DecayOptions {
  /** Which parameters decay: all unless given. */
  readonly mask?: ParameterMask;
}

/**
 * Adds weightDecay * w to the gradient of w, which is what the penalty weightDecay/2 * |w|^2 in the loss would add. After
 * a transformation that scales gradients, such as `scaleByAdam`, the decay is decoupled from that scale (AdamW).
 * Krogh and Hertz, "A simple weight decay can improve generalization", NIPS 1991.
 * @throws StateError for a negative number, and for a mask that is not a function to booleans
 */
export function addDecayedWeights(weightDecay: number, options: DecayOptions = {}): Transformation {
  checkOptions("addDecayedWeights", options, ["mask"]);
  checkNumber(weightDecay, "weightDecay", "addDecayedWeights");
  const mask = checkMask(options.mask, "addDecayedWeights");
  return stateless((gradient, param, index) =>
    applies(mask, param, index) ? gradient.add(param.mul(literal(weightDecay, param))) : gradient,
  );
}

/** @throws StateError unless it is a function, or not given */
export function checkMask(mask: unknown, operation: string): ParameterMask | undefined {
  if (mask === undefined || typeof mask === "function") return mask as ParameterMask | undefined;
  throw new StateError(`the mask is ${describeValue(mask)}`, {
    operation,
    remedy: "Pass a function of a parameter, such as ({ rank }) => rank > 1",
  });
}

function applies(mask: ParameterMask | undefined, param: Tensor, index: number): boolean {
  if (mask === undefined) return true;
  const answer: unknown = mask(param, index);
  if (typeof answer === "boolean") return answer;
  throw new StateError(`the mask gave ${describeValue(answer)}, not true or false`, {
    operation: "addDecayedWeights",
    remedy: "Decide by what is known before anything is computed: shape, dtype, name, index",
  });
}
