import {
  evaluate,
  formatShape,
  isTensor,
  type ModuleLike,
  ShapeError,
  StateError,
  type Tensor,
  type Variable,
} from "@cotangent/core";
import { show } from "./checks.ts";
import { forwardBatch } from "./examples.ts";
import type { MetricFunction } from "./metrics.ts";
import type { Batch } from "./source.ts";

/** The cost of predictions for targets: a scalar, as a mean over the examples. */
export type LossFunction = (predictions: Tensor, targets: Tensor) => Tensor;

/** What the Trainer needs of an optimiser: those of `@cotangent/optim` have it. */
export interface OptimizerLike {
  /** Changes the model's variables so that the loss becomes less. */
  minimize(loss: Tensor, model: ModuleLike): unknown;
}

/** What a step computes with. */
export interface StepParts {
  readonly model: ModuleLike;
  readonly loss: LossFunction;
  readonly metrics: ReadonlyMap<string, MetricFunction>;
}

/**
 * One training step: the loss and the metrics of a batch, in this order, and the update of the model. All of it is one
 * graph, evaluated as one plan, in which the forward pass runs once.
 */
export function trainingStep(parts: StepParts, optimizer: OptimizerLike, batch: Batch): Promise<number[]> {
  const values = figures("fit", parts, batch);
  optimizer.minimize(values[0], parts.model);
  return read(values);
}

/** The loss and the metrics of a batch, in this order. */
export function evaluationStep(operation: string, parts: StepParts, batch: Batch): Promise<number[]> {
  return read(figures(operation, parts, batch));
}

function figures(operation: string, { model, loss, metrics }: StepParts, { x, y }: Batch): Tensor[] {
  const predictions = forwardBatch(operation, model, x);
  const cost = checkScalar(operation, "the loss", loss(predictions, y), "Take its mean: loss.mean()");
  const others = [...metrics].map(([name, metric]) =>
    checkScalar(operation, `metric ${name}`, metric(predictions, y), "Take the mean over the batch"),
  );
  return [cost, ...others];
}

/** One plan for all of them, pending assignments included. */
async function read(values: readonly Tensor[]): Promise<number[]> {
  evaluate(...values);
  const arrays = await Promise.all(values.map((value) => value.data()));
  return arrays.map((array) => array[0]);
}

function checkScalar(operation: string, what: string, value: unknown, remedy: string): Tensor {
  if (!isTensor(value)) {
    throw new StateError(`${what} is ${value instanceof Promise ? "a Promise" : show(value)}, not a tensor`, {
      operation,
      remedy: "Return a scalar tensor of predictions and targets",
    });
  }
  if (value.size === 1) return value;
  throw new ShapeError(`${what} has shape ${formatShape(value.shape)}, not one number`, {
    operation,
    shapes: [value.shape],
    remedy,
  });
}

const CAUSES =
  "Frequent causes: a learning rate that is too large; inputs that are not scaled (divide images by 255) or contain " +
  "NaN; class numbers beyond the number of classes";

/** Refuses a loss that is NaN or infinite: training on would only spoil what is left. */
export function checkLoss(loss: number, where: string): void {
  if (Number.isFinite(loss)) return;
  throw new StateError(`the loss is ${loss} ${where}`, { operation: "fit", remedy: CAUSES });
}

/** Refuses weights that the last update made NaN or infinite, which no later loss would show. */
export async function checkWeights(variables: readonly Variable[], where: string): Promise<void> {
  for (const cell of variables) {
    const values = await cell.data();
    if (values.every(Number.isFinite)) continue;
    const { name } = cell;
    throw new StateError(`variable ${name} has a value that is not finite ${where}`, {
      operation: "fit",
      variable: name,
      remedy: CAUSES,
    });
  }
}
