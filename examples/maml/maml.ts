// Model-agnostic meta-learning: weights from which one gradient step leads to a small loss.

import { grad, type Tensor } from "cotangent";

/** Weights by name. */
export type Weights = Record<string, Tensor>;

/** A loss of the weights on some examples. */
export type Loss<Examples extends Tensor[]> = (weights: Weights, ...examples: Examples) => Tensor;

/** The weights after gradient steps on a task's examples. Made of tensors, so it can be differentiated itself. */
export function adapt<Examples extends Tensor[]>(
  loss: Loss<Examples>,
  weights: Weights,
  examples: Examples,
  { learningRate, steps = 1 }: { learningRate: number; steps?: number },
): Weights {
  let adapted = weights;
  for (let step = 0; step < steps; step++) {
    const gradients = grad(loss)(adapted, ...examples);
    adapted = Object.fromEntries(
      Object.entries(adapted).map(([name, w]) => [name, w.sub(gradients[name].mul(learningRate))]),
    );
  }
  return adapted;
}
