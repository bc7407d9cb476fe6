import { checkOptions, evaluate, StateError, type Tensor, type Variable } from "@cotangent/core";
import type { Callback } from "./callbacks.ts";
import { checkBoolean, checkCount, show } from "./checks.ts";

export interface EarlyStoppingOptions {
  /** The series to watch: `val_loss` unless given. */
  readonly monitor?: string;
  /** Stop after this many epochs without improvement: 1 unless given. */
  readonly patience?: number;
  /** Changes up to this size are no improvement: 0 unless given. */
  readonly minDelta?: number;
  /** Whether smaller or larger is better; larger for series whose name ends in `accuracy`, unless given. */
  readonly mode?: "min" | "max";
  /** Whether the weights of the best epoch are put back at the end: true unless given. */
  readonly restoreBestWeights?: boolean;
}

/**
 * A callback that ends the training when a series has stopped getting better, and then puts back the weights of the
 * best epoch. Use it anew for every `fit`, or again: it forgets the last training when the next begins.
 *
 * `trainer.fit(data, { epochs: 100, validationSplit: 0.1, callbacks: [earlyStopping({ patience: 3 })] })`
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const operation = "earlyStopping";
  checkOptions(operation, options, ["monitor", "patience", "minDelta", "mode", "restoreBestWeights"]);
  const { monitor = "val_loss", minDelta = 0 } = options;
  const { mode = monitor.toLowerCase().endsWith("accuracy") ? "max" : "min" } = options;
  const patience = checkCount(operation, "patience", options.patience ?? 1, 0);
  const restores = checkBoolean(operation, "restoreBestWeights", options.restoreBestWeights ?? true);
  if (mode !== "min" && mode !== "max") {
    throw new StateError(`mode is ${show(mode)}`, { operation, remedy: 'Pass "min" or "max"' });
  }
  if (typeof minDelta !== "number" || !(minDelta >= 0)) {
    throw new StateError(`minDelta is ${show(minDelta)}`, { operation, remedy: "Pass a number from 0" });
  }
  let best = Number.POSITIVE_INFINITY;
  let waited = 0;
  let weights = new Map<Variable, Tensor>();
  return {
    onTrainBegin() {
      best = Number.POSITIVE_INFINITY;
      waited = 0;
      weights = new Map();
    },
    onEpochEnd(_epoch, logs, trainer) {
      if (!Object.hasOwn(logs, monitor)) {
        throw new StateError(`there is no series ${monitor}, only ${Object.keys(logs).join(", ")}`, {
          operation,
          remedy: "Pass validation data to fit, or another { monitor }",
        });
      }
      const cost = mode === "min" ? logs[monitor] : -logs[monitor];
      if (cost < best - minDelta) {
        best = cost;
        waited = 0;
        if (restores) weights = new Map(trainer.model.variables().map((cell) => [cell, cell.value]));
      } else if (++waited >= patience) {
        trainer.stop();
      }
    },
    onTrainEnd() {
      for (const [cell, value] of weights) cell.assign(value);
      evaluate();
      weights.clear();
    },
  };
}
