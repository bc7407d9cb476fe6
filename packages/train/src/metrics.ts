import { formatShape, isFloating, ShapeError, StateError, type Tensor } from "@cotangent/core";
import { show } from "./checks.ts";

/** A figure of merit: the mean over a batch's examples, as a scalar tensor, of predictions and targets. */
export type MetricFunction = (predictions: Tensor, targets: Tensor) => Tensor;

/** Metrics that can be asked for by name. */
export type MetricName = "accuracy";

/** Metrics in a list (a function is called by its own name), or by the names they shall have. */
export type Metrics =
  | readonly (MetricName | MetricFunction)[]
  | { readonly [name: string]: MetricName | MetricFunction };

export interface AccuracyOptions {
  /** For one output per example: predictions above it mean 1. 0.5 unless given; take 0 for logits. */
  readonly threshold?: number;
}

/**
 * The share of examples whose class is predicted right, as a scalar. Predictions [..., classes] (probabilities or
 * logits: the largest counts) go with class numbers [...] or [..., 1], or with one-hot targets [..., classes].
 * Predictions [n] or [n, 1] are probabilities of the class 1, and go with targets 0 and 1.
 * @throws ShapeError when targets fit neither
 */
export function accuracy(predictions: Tensor, targets: Tensor, options: AccuracyOptions = {}): Tensor {
  return isBinary(predictions)
    ? binaryAccuracy(predictions, targets, options.threshold ?? 0.5)
    : classAccuracy(predictions, targets);
}

const isBinary = ({ shape }: Tensor): boolean => shape.length === 1 || shape.at(-1) === 1;

function binaryAccuracy(predictions: Tensor, targets: Tensor, threshold: number): Tensor {
  if (predictions.size !== targets.size) throw misfit(predictions, targets);
  const flat = targets.reshape([targets.size]);
  const expected = targets.dtype === "bool" ? flat : flat.greater(isFloating(targets.dtype) ? 0.5 : 0);
  return predictions.reshape([predictions.size]).greater(threshold).equal(expected).mean();
}

function classAccuracy(predictions: Tensor, targets: Tensor): Tensor {
  const shape = formatShape(predictions.shape);
  const batch = predictions.shape.slice(0, -1);
  const predicted = predictions.argmax(-1);
  if (formatShape(targets.shape) === shape) return predicted.equal(targets.argmax(-1)).mean();
  const fits = [batch, [...batch, 1]].some((axes) => formatShape(axes) === formatShape(targets.shape));
  if (predictions.rank === 0 || !fits) throw misfit(predictions, targets);
  return predicted.equal(targets.reshape(batch)).mean();
}

const misfit = (predictions: Tensor, targets: Tensor): ShapeError =>
  new ShapeError(
    `predictions ${formatShape(predictions.shape)} and targets ${formatShape(targets.shape)} do not fit`,
    {
      operation: "accuracy",
      shapes: [predictions.shape, targets.shape],
      remedy: "Targets are class numbers [n] or one-hot [n, classes]; with one output, 0 and 1 [n]",
    },
  );

const NAMED: Record<MetricName, MetricFunction> = { accuracy: (p, t) => accuracy(p, t) };

/** Metrics by name, in order. @throws StateError for what is no metric */
export function resolveMetrics(metrics: Metrics): Map<string, MetricFunction> {
  const operation = "Trainer";
  if (typeof metrics !== "object" || metrics === null) {
    throw new StateError(`metrics is ${show(metrics)}`, {
      operation,
      remedy: 'Pass a list such as ["accuracy"]',
    });
  }
  const resolved = new Map<string, MetricFunction>();
  for (const [key, metric] of Object.entries(metrics)) {
    const compute = typeof metric === "function" ? metric : Object.hasOwn(NAMED, metric) && NAMED[metric];
    if (!compute) {
      throw new StateError(`there is no metric ${show(metric)}`, {
        operation,
        remedy: `Known by name: ${Object.keys(NAMED).join(", ")}. Others are functions of predictions and targets`,
      });
    }
    const own = typeof metric === "function" ? metric.name || `metric${key}` : metric;
    const name = Array.isArray(metrics) ? own : key;
    if (name === "loss" || name.startsWith("val_") || resolved.has(name)) {
      throw new StateError(`the name ${name} of a metric is taken`, {
        operation,
        remedy: "Name metrics with an object: { metrics: { topThree: f } }",
      });
    }
    resolved.set(name, compute);
  }
  return resolved;
}
