import { apply } from "../ir/apply.ts";
import type { Tensor } from "../ir/tensor.ts";
import { applies } from "../prims/builder.ts";
import { stopGradient } from "../prims/identity.ts";
import { broadcast, flip, permute, reshape, slice } from "../prims/movement.ts";
import { type ReduceParams, reduceMax, reduceSum } from "../prims/reduce.ts";
import { div, sub } from "../prims/scalar/binary.ts";
import { exp } from "../prims/scalar/unary.ts";
import { builder } from "../transform/vjp.ts";
import { removeAxes, sameShape } from "../types/shape.ts";
import { logSoftmaxAlong } from "./softmaxAlong.ts";

const MOVEMENTS = [reshape, permute, slice, flip, broadcast] as const;
const isMovement = (node: Tensor): boolean => MOVEMENTS.some((prim) => applies(node, prim as never));

/** An exponent and axes, where node is exp(exponent) / sum(exp(exponent)): a softmax, whoever built it. */
function matchSoftmax(node: Tensor): { exponent: Tensor; axes: number[] } | null {
  if (!applies(node, div)) return null;
  const [numerator, denominator] = node.inputs;
  if (!applies(numerator, exp)) return null;
  const divisor = applies(denominator, broadcast) ? denominator.inputs[0] : denominator;
  const total = applies(divisor, reshape) ? divisor.inputs[0] : divisor;
  if (!applies(total, reduceSum) || total.inputs[0] !== numerator) return null;
  const axes = (total.params as ReduceParams).axes.map((axis) => axis + node.rank);
  // A sum without keepDims may be divided along other axes than it was taken over.
  const aligned = sameShape(divisor.shape, removeAxes(node.shape, axes, true));
  return aligned || axes.length === node.rank ? { exponent: numerator.inputs[0], axes } : null;
}

/** x, where the exponent is x minus its greatest element, as `softmax` builds it; else the exponent itself. */
function withoutShift(exponent: Tensor, axes: readonly number[]): Tensor {
  if (!applies(exponent, sub)) return exponent;
  const [x, shift] = exponent.inputs;
  let greatest = shift;
  while (applies(greatest, broadcast) || applies(greatest, stopGradient) || applies(greatest, reshape))
    greatest = greatest.inputs[0];
  const own = applies(greatest, reduceMax) && greatest.inputs[0] === x;
  return own && sameAxes((greatest.params as ReduceParams).axes, axes, x.rank) ? x : exponent;
}

const sameAxes = (fromEnd: readonly number[], fromFront: readonly number[], rank: number): boolean =>
  fromEnd.length === fromFront.length && fromEnd.every((axis, i) => axis + rank === fromFront[i]);

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
  const x = withoutShift(match.exponent, match.axes);
  let value = logSoftmaxAlong(x, match.axes);
  for (const movement of movements.reverse()) value = apply(movement.prim, [value], movement.params);
  return builder.alternative(value, builder.log(p), x);
}
