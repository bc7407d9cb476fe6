import { customVjp, initializers, Module, ones, random, type Tensor, variable } from "cotangent";

/** x tanh(beta x): x is [examples, units], beta [units]. */
export const bend = customVjp((x: Tensor, beta: Tensor) => x.mul(x.mul(beta).tanh()), {
  forward: (x, beta) => [x.mul(x.mul(beta).tanh()), { x, beta }],
  backward: ({ x, beta }, ct) => {
    const tanh = x.mul(beta).tanh();
    const slope = tanh.square().neg().add(1); // the derivative of tanh
    const byX = ct.mul(tanh.add(x.mul(beta).mul(slope)));
    const byBeta = ct.mul(x.square()).mul(slope).sum(0); // beta was broadcast over the examples
    return [byX, byBeta];
  },
});

/** A linear layer without bias, followed by `bend`. */
export class Bend extends Module {
  readonly kernel; // [inputs, units]
  readonly beta; // [units]

  constructor(inputs: number, units: number, { seed = 0 } = {}) {
    super();
    const key = random.key(seed);
    this.kernel = variable(initializers.glorotUniform([inputs, units], { key }), { name: "kernel" });
    this.beta = variable(ones([units]), { name: "beta" });
  }

  forward(x: Tensor): Tensor {
    return bend(x.matmul(this.kernel), this.beta);
  }
}
