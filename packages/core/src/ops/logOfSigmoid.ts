import type { Tensor } from "../ir/tensor.ts";
import { applies } from "../prims/builder.ts";
import { neg, sigmoid } from "../prims/scalar/unary.ts";
import { builder } from "../transform/vjp.ts";
import { logSigmoidOf } from "./logistic.ts";
import { moved, withoutMovements } from "./movements.ts";

/**
 * log(p) for a p that is a sigmoid, perhaps moved about: the same movement of a log-sigmoid. Null for any other p. Where
 * the sigmoid underflows, its logarithm would be -infinity and the gradient lost.
 */
export function logarithmOfSigmoid(p: Tensor): Tensor | null {
  const { node, movements } = withoutMovements(p);
  if (!applies(node, sigmoid)) return null;
  const [x] = node.inputs;
  return builder.alternative(moved(logSigmoidOf(x), movements), builder.log(p), x);
}

/** log(1 + x) for an x that is -sigmoid(z), perhaps moved about: the log-sigmoid of -z. Null for any other x. */
export function logarithmOfRest(x: Tensor): Tensor | null {
  if (!applies(x, neg)) return null;
  const { node, movements } = withoutMovements(x.inputs[0]);
  if (!applies(node, sigmoid)) return null;
  const [z] = node.inputs;
  return builder.alternative(moved(logSigmoidOf(builder.neg(z)), movements), builder.log1p(x), z);
}
