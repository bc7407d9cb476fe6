import { StateError } from "@cotangent/core";
import { losses } from "@cotangent/nn";
import { show } from "./checks.ts";
import type { LossFunction } from "./step.ts";

/** The losses of `@cotangent/nn` that need nothing but predictions and targets. */
const NAMED = {
  binaryCrossEntropy: (p, t) => losses.binaryCrossEntropy(p, t),
  categoricalCrossEntropy: (p, t) => losses.categoricalCrossEntropy(p, t),
  categoricalHinge: (p, t) => losses.categoricalHinge(p, t),
  cosineDistance: (p, t) => losses.cosineDistance(p, t),
  hinge: (p, t) => losses.hinge(p, t),
  huber: (p, t) => losses.huber(p, t),
  klDivergence: (p, t) => losses.klDivergence(p, t),
  logCosh: (p, t) => losses.logCosh(p, t),
  meanAbsoluteError: (p, t) => losses.meanAbsoluteError(p, t),
  meanSquaredError: (p, t) => losses.meanSquaredError(p, t),
  poisson: (p, t) => losses.poisson(p, t),
  sigmoidBinaryCrossEntropy: (p, t) => losses.sigmoidBinaryCrossEntropy(p, t),
  softmaxCrossEntropy: (p, t) => losses.softmaxCrossEntropy(p, t),
  squaredHinge: (p, t) => losses.squaredHinge(p, t),
} satisfies Record<string, LossFunction>;

/** Losses that can be asked for by name: those of `losses` in `@cotangent/nn`, with their usual options. */
export type LossName = keyof typeof NAMED;

/** The loss of that name, or the given one. @throws StateError for what is no loss */
export function resolveLoss(loss: LossFunction | LossName): LossFunction {
  if (typeof loss === "function") return loss;
  if (typeof loss === "string" && Object.hasOwn(NAMED, loss)) return NAMED[loss];
  throw new StateError(`the loss is ${show(loss)}`, {
    operation: "Trainer",
    remedy: `Pass a function of predictions and targets, such as losses.categoricalCrossEntropy, or one of these names: ${Object.keys(NAMED).join(", ")}`,
  });
}
