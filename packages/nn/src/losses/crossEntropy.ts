import { logicalAnd, oneHot, type Tensor, where } from "@cotangent/core";
import { literal } from "./literal.ts";
import { fraction } from "./numbers.ts";
import { reduced } from "./reduction.ts";
import type { CrossEntropyOptions } from "./smoothing.ts";
import type { ClassTargets } from "./targets.ts";

/**
 * The mean of -sum over classes of target * log(probability), from log-probabilities [..., classes]. A class of
 * probability 0 that is not a target adds 0, not 0 * infinity. An index that is no class gives NaN.
 */
export function crossEntropy(
  logProbabilities: Tensor,
  targets: ClassTargets,
  options: CrossEntropyOptions,
  operation: string,
): Tensor {
  const share = fraction(options.labelSmoothing ?? 0, "labelSmoothing", operation);
  const perExample =
    targets.kind === "indices"
      ? chosen(logProbabilities, targets.values, share)
      : weighed(logProbabilities, smoothed(targets.values, share));
  return reduced(perExample.neg(), options, operation);
}

/** What each class gets of what is shared out. */
const shareOf = (share: number, x: Tensor): Tensor => literal(share / x.shape[x.rank - 1], x);

function smoothed(targets: Tensor, share: number): Tensor {
  if (share === 0) return targets;
  return targets.mul(literal(1 - share, targets)).add(shareOf(share, targets));
}

function chosen(logProbabilities: Tensor, indices: Tensor, share: number): Tensor {
  const classes = logProbabilities.shape[logProbabilities.rank - 1];
  const isTarget = oneHot(indices, classes, { dtype: "bool" });
  const own = where(isTarget, logProbabilities, literal(0, logProbabilities)).sum(-1);
  const value =
    share === 0
      ? own
      : own.mul(literal(1 - share, own)).add(logProbabilities.sum(-1).mul(shareOf(share, logProbabilities)));
  return where(isTarget.any(-1), value, literal(Number.NaN, logProbabilities));
}

function weighed(logProbabilities: Tensor, probabilities: Tensor): Tensor {
  const impossible = logProbabilities.equal(literal(Number.NEGATIVE_INFINITY, logProbabilities));
  const nothing = logicalAnd(impossible, probabilities.equal(literal(0, probabilities)));
  return where(nothing, literal(0, logProbabilities), probabilities.mul(logProbabilities)).sum(-1);
}
