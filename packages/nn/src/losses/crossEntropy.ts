import { full, logicalAnd, oneHot, type Tensor, where } from "@cotangent/core";
import type { ClassTargets } from "./targets.ts";

/**
 * The mean of -sum over classes of target * log(probability), from log-probabilities [..., classes]. A class of
 * probability 0 that is not a target adds 0, not 0 * infinity. An index that is no class gives NaN.
 */
export function crossEntropy(logProbabilities: Tensor, targets: ClassTargets): Tensor<readonly []> {
  const perExample =
    targets.kind === "indices"
      ? chosen(logProbabilities, targets.values)
      : weighed(logProbabilities, targets.values);
  return perExample.mean().neg();
}

/** A literal of x's dtype: part of the graph, not a slot. */
const literal = (value: number, x: Tensor): Tensor => full([], value, { dtype: x.dtype });

function chosen(logProbabilities: Tensor, indices: Tensor): Tensor {
  const classes = logProbabilities.shape[logProbabilities.rank - 1];
  const isTarget = oneHot(indices, classes, { dtype: "bool" });
  const value = where(isTarget, logProbabilities, literal(0, logProbabilities)).sum(-1);
  return where(isTarget.any(-1), value, literal(Number.NaN, logProbabilities));
}

function weighed(logProbabilities: Tensor, probabilities: Tensor): Tensor {
  const impossible = logProbabilities.equal(literal(Number.NEGATIVE_INFINITY, logProbabilities));
  const nothing = logicalAnd(impossible, probabilities.equal(literal(0, probabilities)));
  return where(nothing, literal(0, logProbabilities), probabilities.mul(logProbabilities)).sum(-1);
}
