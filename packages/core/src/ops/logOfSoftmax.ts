import type { Tensor } from "../ir/tensor.ts";
import { applies } from "../prims/builder.ts";
import { stopGradient } from "../prims/identity.ts";
import { broadcast, reshape } from "../prims/movement.ts";
import { type ReduceParams, reduceMax, reduceSum } from "../prims/reduce.ts";
import { div, sub } from "../prims/scalar/binary.ts";
import { exp } from "../prims/scalar/unary.ts";
import { builder } from "../transform/vjp.ts";
import { removeAxes, sameShape } from "../types/shape.ts";
import { moved, withoutMovements } from "./movements.ts";
import { logSoftmaxAlong } from "./softmaxAlong.ts";

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
  const { node, movements } = withoutMovements(p);
  const match = matchSoftmax(node);
  if (match === null) return null;
  const x = withoutShift(match.exponent, match.axes);
  return builder.alternative(moved(logSoftmaxAlong(x, match.axes), movements), builder.log(p), x);
}
