import { apply } from "../ir/apply.ts";
import type { Tensor } from "../ir/tensor.ts";
import { applies } from "../prims/builder.ts";
import { broadcast, flip, permute, reshape, slice } from "../prims/movement.ts";
import { type ReduceParams, reduceSum } from "../prims/reduce.ts";
import { div, sub } from "../prims/scalar/binary.ts";
import { exp } from "../prims/scalar/unary.ts";
import { builder } from "../transform/vjp.ts";
import { logSoftmaxAlong } from "./softmaxAlong.ts";

const MOVEMENTS = [reshape, permute, slice, flip, broadcast] as const;
const isMovement = (node: Tensor): boolean => MOVEMENTS.some((prim) => applies(node, prim as never));

/** x and the axes, where node is exp(x - m) / sum(exp(x - m)): a softmax as `softmax` builds it. */
function matchSoftmax(node: Tensor): { x: Tensor; axes: number[] } | null {
  if (!applies(node, div)) return null;
  const [numerator, denominator] = node.inputs;
  if (!applies(numerator, exp) || !applies(numerator.inputs[0], sub)) return null;
  let total = denominator;
  while (applies(total, broadcast) || applies(total, reshape)) total = total.inputs[0];
  if (!applies(total, reduceSum) || total.inputs[0] !== numerator) return null;
  const { axes } = total.params as ReduceParams;
  return { x: numerator.inputs[0].inputs[0], axes: axes.map((axis) => axis + node.rank) };
}

/**
 * log(p) for a p that is a softmax, perhaps moved about: the same movement of a log-softmax. Null for any other p.
 * Where exp underflows, log(softmax(x)) would be -infinity and its gradient lost.
 */
export function logarithmOfSoftmax(p: Tensor): Tensor | null {
  const movements: Tensor[] = [];
  let node = p;
  while (isMovement(node)) {
    movements.push(node);
    node = node.inputs[0];
  }
  const match = matchSoftmax(node);
  if (match === null) return null;
  let value = logSoftmaxAlong(match.x, match.axes);
  for (const movement of movements.reverse()) value = apply(movement.prim, [value], movement.params);
  return builder.alternative(value, builder.log(p), match.x);
}
