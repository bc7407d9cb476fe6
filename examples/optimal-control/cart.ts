// A cart that a force brings to rest: state x = (place, speed), cost the integral of |x|^2 + u^2. The best force is u = -K x.

import { eye, forLoop, grad, scan, type Tensor, tensor, zeros } from "cotangent";

const dtype = "float64";

/** What happens in a step of dt under a constant force: x becomes A x + B u. */
const motion = (dt: number) => ({
  A: tensor([1, dt, 0, 1], { shape: [2, 2], dtype }),
  B: tensor([dt ** 2 / 2, dt], { dtype }),
});

/** What it costs to bring the cart to rest with a gain K [2], once from a unit place and once from a unit speed. */
export function cost(K: Tensor, dt: number, steps = 200): Tensor {
  const { A, B } = motion(dt);
  const step = (X: Tensor): [Tensor, Tensor] => {
    const u = K.matmul(X).neg(); // X has a state in each column
    return [A.matmul(X).add(B.outer(u)), X.square().sum().add(u.square().sum()).mul(dt)];
  };
  const [, costs] = scan(step, eye(2, { dtype }), null, { length: steps });
  return costs.sum();
}

/** A step of gradient descent towards the best gain. */
export const improve = (K: Tensor, dt: number, rate: number): Tensor => K.sub(grad(cost)(K, dt).mul(rate));

/** The best gain by Riccati's equation for P, where x^T P x is what a state x costs at best. */
export function riccati(dt: number, steps = 500): Tensor {
  const { A, B } = motion(dt);
  const gain = (P: Tensor): Tensor => B.matmul(P).matmul(A).div(B.matmul(P).dot(B).add(dt));
  const iterate = (P: Tensor): Tensor =>
    A.transpose()
      .matmul(P)
      .matmul(A.sub(B.outer(gain(P))))
      .add(eye(2, { dtype }).mul(dt));
  return gain(forLoop(0, steps, (_, P) => iterate(P), zeros([2, 2], { dtype })));
}
