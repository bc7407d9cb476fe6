import { formatShape, type ModuleLike, type Shape, ShapeError, type Tensor } from "@cotangent/core";

/**
 * The model's output for a batch [n, ...], checked to have as many rows. `whole` is what the batch is a part of.
 * @throws ShapeError that names expandDims when `whole` is one example without a batch axis
 */
export function forwardBatch(operation: string, model: ModuleLike, x: Tensor, whole: Tensor = x): Tensor {
  if (isInputShape(model, whole.shape)) throw missingBatchAxis(operation, whole);
  let y: Tensor;
  try {
    y = model.forward(x);
  } catch (error) {
    if (error instanceof ShapeError && accepts(model, whole.expandDims(0)))
      throw missingBatchAxis(operation, whole, error);
    throw error;
  }
  if (y.shape[0] === x.shape[0]) return y;
  if (accepts(model, whole.expandDims(0))) throw missingBatchAxis(operation, whole);
  throw new ShapeError(
    `the model makes ${formatShape(y.shape)} of ${formatShape(x.shape)}: not a row for each example`,
    {
      operation,
      shapes: [x.shape, y.shape],
      remedy: "forward must keep the first axis, the batch",
    },
  );
}

function isInputShape(model: ModuleLike, shape: Shape): boolean {
  const { inputShape } = model as { inputShape?: Shape };
  return inputShape !== undefined && formatShape(inputShape) === formatShape(shape);
}

/** Whether the model makes a row of each example of x. Builds a graph, computes nothing. */
function accepts(model: ModuleLike, x: Tensor): boolean {
  try {
    return model.forward(x).shape[0] === x.shape[0];
  } catch (error) {
    if (error instanceof ShapeError) return false;
    throw error;
  }
}

const missingBatchAxis = (operation: string, x: Tensor, cause?: unknown): ShapeError =>
  new ShapeError(
    `x of shape ${formatShape(x.shape)} is one example without a batch axis; the model takes [batch, ${x.shape.join(", ")}]`,
    { operation, shapes: [x.shape], remedy: "One example is a batch of one: x.expandDims(0)", cause },
  );
