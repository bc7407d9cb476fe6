import { describeValue, relu, StateError, sigmoid, softmax, type Tensor, tanh } from "@cotangent/core";

/** A function from a tensor to one of the same shape. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** The activations that have names, `linear` being none at all. */
const NAMED = {
  linear: (x: Tensor): Tensor => x,
  relu: (x: Tensor): Tensor => relu(x),
  sigmoid: (x: Tensor): Tensor => sigmoid(x),
  softmax: (x: Tensor): Tensor => softmax(x),
  tanh: (x: Tensor): Tensor => tanh(x),
} satisfies Record<string, ActivationFunction>;

/** The name of an activation, wherever a layer takes one. `softmax` is along the last axis. */
export type ActivationName = keyof typeof NAMED;

/** The function of that name, or the given one. @throws StateError for an unknown name */
export function activationFunction(
  activation: ActivationFunction | ActivationName,
  operation: string,
): ActivationFunction {
  if (typeof activation === "function") return activation;
  if (typeof activation === "string" && Object.hasOwn(NAMED, activation)) return NAMED[activation];
  const given = typeof activation === "string" ? `"${activation}"` : describeValue(activation);
  throw new StateError(`${given} is not an activation`, {
    operation,
    remedy: `Use a function, or one of ${Object.keys(NAMED).join(", ")}`,
  });
}
