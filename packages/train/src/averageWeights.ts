import { checkOptions, evaluate, isFloating, type Tensor, tensor, type Variable } from "@cotangent/core";
import type { Callback } from "./callbacks.ts";
import { checkCount } from "./checks.ts";
import type { Trainer } from "./trainer.ts";

export interface AverageWeightsOptions {
  /** The first epoch (counted from 0) whose steps count. With 10 epochs, 9 averages over the last one. */
  readonly fromEpoch: number;
}

/**
 * A callback that in the end gives every trainable variable the mean of the values that it had after each step from a
 * certain epoch on. The last steps of stochastic gradient descent wander about a minimum; their mean lies nearer to it.
 * A training that ends before that epoch is left alone.
 * Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control Optim. 30, 1992.
 */
export function averageWeights(options: AverageWeightsOptions): Callback {
  const operation = "averageWeights";
  checkOptions(operation, options, ["fromEpoch"]);
  const fromEpoch = checkCount(operation, "fromEpoch", options.fromEpoch, 0);
  let epoch = 0;
  let count = 0;
  let means = new Map<Variable, Float64Array>();
  return {
    onTrainBegin() {
      count = 0;
      means = new Map();
    },
    onEpochBegin(number) {
      epoch = number;
    },
    async onBatchEnd(_batch, _logs, trainer) {
      if (epoch < fromEpoch) return;
      count++;
      for (const cell of averaged(trainer)) {
        const values = await cell.data();
        const mean = means.get(cell) ?? new Float64Array(values.length);
        means.set(cell, mean);
        for (let i = 0; i < mean.length; i++) mean[i] += (values[i] - mean[i]) / count;
      }
    },
    onTrainEnd() {
      for (const [cell, mean] of means) cell.assign(asValue(cell, mean));
      evaluate();
      means.clear();
    },
  };
}

const averaged = ({ model }: Trainer): Variable[] =>
  model.variables().filter(({ trainable, dtype }) => trainable && isFloating(dtype));

const asValue = ({ shape, dtype }: Variable, values: Float64Array): Tensor =>
  tensor(values, { shape, dtype });
