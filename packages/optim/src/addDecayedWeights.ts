import { checkNumber } from "./checks.ts";
import { literal } from "./literals.ts";
import { stateless, type Transformation } from "./transformation.ts";

/**
 * Adds weightDecay * w to the gradient of w, which is what the penalty weightDecay/2 * |w|^2 in the loss would add.
 * Krogh and Hertz, "A simple weight decay can improve generalization", NIPS 1991.
 * @throws StateError for a negative number
 */
export function addDecayedWeights(weightDecay: number): Transformation {
  checkNumber(weightDecay, "weightDecay", "addDecayedWeights");
  return stateless((gradient, param) => gradient.add(param.mul(literal(weightDecay, param))));
}
