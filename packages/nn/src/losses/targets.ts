import {
  DTypeError,
  formatShape,
  isFloating,
  isTensor,
  type Shape,
  ShapeError,
  type Tensor,
  type TensorLike,
} from "@cotangent/core";
import { given } from "./given.ts";

/** Predictions of a loss: floating, with elements where a mean is taken. @throws DTypeError, ShapeError */
export function checkPredictions(
  predictions: TensorLike,
  operation: string,
  reduction: "mean" | "sum" | "none" = "mean",
): Tensor {
  const values = given(predictions, "predictions", operation);
  if (!isFloating(values.dtype)) {
    throw new DTypeError(`predictions have dtype ${values.dtype}`, {
      operation,
      dtypes: [values.dtype],
      remedy: "Losses take (predictions, targets), and predictions are float32 or float64",
    });
  }
  if (values.size === 0 && reduction === "mean") {
    throw new ShapeError(
      `predictions of shape ${formatShape(values.shape)} have no elements to take a mean of`,
      {
        operation,
        shapes: [values.shape],
        remedy: 'Leave out empty batches, or take { reduction: "sum" }',
      },
    );
  }
  return values;
}

const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

/** Targets of the predictions' shape, in their dtype. @throws ShapeError */
export function matchingTargets(predictions: Tensor, targets: TensorLike, operation: string): Tensor {
  const values = given(targets, "targets", operation);
  if (sameShape(values.shape, predictions.shape)) return values.cast(predictions.dtype);
  const perExample = sameShape(values.shape, predictions.shape.slice(0, -1)) && !isFloating(values.dtype);
  throw new ShapeError(
    `predictions have shape ${formatShape(predictions.shape)}, targets ${formatShape(values.shape)}`,
    {
      operation,
      shapes: [predictions.shape, values.shape],
      remedy: perExample
        ? `Class indices become rows with oneHot(targets, ${predictions.shape[predictions.rank - 1]})`
        : `Both must have one shape; nothing is broadcast here${movedOnes(predictions, values)}`,
    },
  );
}

/** How to give both one shape where they differ in an axis of size 1 at the end. */
function movedOnes({ shape: p }: Tensor, { shape: t }: Tensor): string {
  if (p.at(-1) === 1 && sameShape(p.slice(0, -1), t)) return ": targets.expandDims(-1) fits";
  if (t.at(-1) === 1 && sameShape(t.slice(0, -1), p)) return ": targets.squeeze(-1) fits";
  return "";
}

/** Which class each example belongs to: probabilities for all classes, or the index of one. */
export type ClassTargets =
  | { readonly kind: "probabilities"; readonly values: Tensor }
  | { readonly kind: "indices"; readonly values: Tensor };

/** @throws ShapeError for predictions without a last axis */
export function checkHasClasses(predictions: Tensor, operation: string): void {
  if (predictions.rank > 0) return;
  throw new ShapeError("predictions are a scalar, without an axis of classes", {
    operation,
    shapes: [predictions.shape],
    remedy: "Predictions are [batch, classes]",
  });
}

/**
 * Targets for predictions [..., classes]: [..., classes] of any dtype are probabilities (one-hot or soft), [...] of
 * int32 or uint32 are class indices.
 * @throws ShapeError or DTypeError for anything else
 */
export function classTargets(predictions: Tensor, targets: TensorLike, operation: string): ClassTargets {
  checkHasClasses(predictions, operation);
  const leading = predictions.shape.slice(0, -1);
  const isArray = !isTensor(targets) && !ArrayBuffer.isView(targets);
  const values = given(targets, "targets", operation);
  if (sameShape(values.shape, predictions.shape)) {
    return { kind: "probabilities", values: values.cast(predictions.dtype) };
  }
  if (!sameShape(values.shape, leading)) throw wrongTargets(predictions, values, operation);
  // Plain arrays of numbers have no dtype of their own.
  const indices = isArray ? values.cast("int32") : values;
  if (indices.dtype === "int32" || indices.dtype === "uint32") return { kind: "indices", values: indices };
  throw new DTypeError(
    `targets of shape ${formatShape(values.shape)} are class indices, but their dtype is ${values.dtype}`,
    {
      operation,
      dtypes: [predictions.dtype, values.dtype],
      remedy: 'Cast them with targets.cast("int32"), or give one-hot rows',
    },
  );
}

function wrongTargets(predictions: Tensor, targets: Tensor, operation: string): ShapeError {
  const classes = predictions.shape[predictions.rank - 1];
  const leading = predictions.shape.slice(0, -1);
  const last = targets.shape[targets.rank - 1];
  const sameLeading = targets.rank === predictions.rank && sameShape(targets.shape.slice(0, -1), leading);
  const remedy =
    sameLeading && last === 1
      ? "For class indices remove the last axis: targets.squeeze(-1)"
      : sameLeading
        ? `Predictions have ${classes} classes, one-hot targets ${last}`
        : `Give one-hot rows ${formatShape(predictions.shape)} or integer class indices ${formatShape(leading)}`;
  return new ShapeError(
    `predictions have shape ${formatShape(predictions.shape)}, targets ${formatShape(targets.shape)}`,
    { operation, shapes: [predictions.shape, targets.shape], remedy },
  );
}
