import {
  gradients,
  matmul,
  random,
  relu,
  type Tensor,
  tensor,
  type Variable,
  variable,
} from "../../src/index.ts";

/** A small network made of core alone, with momentum SGD: what the tests of the seam train. */
export interface Network {
  readonly parameters: Variable[];
  forward(x: Tensor): Tensor;
  loss(x: Tensor, y: Tensor): Tensor;
  /** v = 0.9 v + g; w = w - rate * v */
  minimize(loss: Tensor, rate: number): void;
}

export function network(sizes: readonly number[] = [4, 8, 3]): Network {
  const layers = sizes.slice(1).map((units, i) => ({
    kernel: variable(random.normal([sizes[i], units], { seed: i + 1, std: 0.5 }), { name: `kernel${i}` }),
    bias: variable(tensor(new Float32Array(units), { shape: [units] }), { name: `bias${i}` }),
  }));
  const parameters = layers.flatMap(({ kernel, bias }) => [kernel, bias]);
  const velocities = parameters.map((w) => variable(tensor(new Float32Array(w.size), { shape: w.shape })));
  const forward = (x: Tensor): Tensor =>
    layers.reduce((h, { kernel, bias }, i) => {
      const z = matmul(h, kernel).add(bias);
      return i < layers.length - 1 ? relu(z) : z;
    }, x);
  return {
    parameters,
    forward,
    loss: (x, y) => y.mul(forward(x).logSoftmax()).sum(-1).mean().neg(),
    minimize(loss, rate) {
      const grads = gradients(loss, parameters);
      const steps = grads.map((g, i) => velocities[i].mul(0.9).add(g));
      steps.forEach((v, i) => {
        velocities[i].assign(v);
        parameters[i].assign(parameters[i].sub(v.mul(rate)));
      });
    },
  };
}

/** A batch of inputs and one-hot targets. */
export function batch(size = 6, inputs = 4, classes = 3, seed = 7): { x: Tensor; y: Tensor } {
  const x = tensor(random.normal([size, inputs], { seed }).dataSync(), { shape: [size, inputs] });
  const y = new Float32Array(size * classes);
  for (let i = 0; i < size; i++) y[i * classes + (i % classes)] = 1;
  return { x, y: tensor(y, { shape: [size, classes] }) };
}
