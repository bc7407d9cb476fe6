import {
  celu,
  describeValue,
  elu,
  gelu,
  glu,
  hardSigmoid,
  hardSwish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  relu6,
  StateError,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  type Tensor,
  tanh,
} from "@cotangent/core";

/** A function from a tensor to a tensor: of the same shape, but for glu, which halves the last axis. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** The activations that have names, `linear` being none at all. */
const NAMED = {
  linear: (x: Tensor): Tensor => x,
  celu: (x: Tensor): Tensor => celu(x),
  elu: (x: Tensor): Tensor => elu(x),
  gelu: (x: Tensor): Tensor => gelu(x),
  glu: (x: Tensor): Tensor => glu(x),
  hardSigmoid: (x: Tensor): Tensor => hardSigmoid(x),
  hardSwish: (x: Tensor): Tensor => hardSwish(x),
  hardtanh: (x: Tensor): Tensor => hardtanh(x),
  leakyRelu: (x: Tensor): Tensor => leakyRelu(x),
  logSigmoid: (x: Tensor): Tensor => logSigmoid(x),
  logSoftmax: (x: Tensor): Tensor => logSoftmax(x),
  mish: (x: Tensor): Tensor => mish(x),
  relu: (x: Tensor): Tensor => relu(x),
  relu6: (x: Tensor): Tensor => relu6(x),
  selu: (x: Tensor): Tensor => selu(x),
  sigmoid: (x: Tensor): Tensor => sigmoid(x),
  silu: (x: Tensor): Tensor => silu(x),
  softmax: (x: Tensor): Tensor => softmax(x),
  softplus: (x: Tensor): Tensor => softplus(x),
  softsign: (x: Tensor): Tensor => softsign(x),
  tanh: (x: Tensor): Tensor => tanh(x),
} satisfies Record<string, ActivationFunction>;

/** The name of an activation, wherever a layer takes one; options are the defaults. `softmax` is along the last axis. */
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
