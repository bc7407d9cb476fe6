import { describeValue, isTensor, StateError, type Tensor, type TensorLike, tensor } from "@cotangent/core";

/** Predictions, targets or weights as a tensor. @throws StateError for what is neither a tensor nor numbers */
export function given(value: TensorLike, what: string, operation: string): Tensor {
  if (isTensor(value)) return value;
  const isData = Array.isArray(value) || ArrayBuffer.isView(value);
  if (isData || typeof value === "number" || typeof value === "boolean") return tensor(value);
  throw new StateError(`${what} are ${describeValue(value)}`, {
    operation,
    remedy: "Losses take (predictions, targets, options): tensors, or arrays of numbers",
  });
}
