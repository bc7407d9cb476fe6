// A cart that a force brings to rest: state x = (place, speed), cost the integral of |x|^2 + u^2. The best force is u = -K x.

import { compile, eye, grad, type Tensor, tensor, zeros } from "cotangent";

const dtype = "float64";

/** What happens in a step of dt under a constant force: x becomes A x + B u. */
const motion = (dt: number) => ({
  A: tensor([1, dt, 0, 1], { shape: [2, 2], dtype }),
  B: tensor([dt ** 2 / 2, dt], { dtype }),
});

/** What it costs to bring the cart to rest with a gain K [2], once from a unit place and once from a unit speed. */
export function cost(K: Tensor, dt: number, steps = 200): Tensor {
  const { A, B } = motion(dt);
  let X: Tensor = eye(2, { dtype }); // a state in each column
  let total: Tensor = zeros([], { dtype });
  for (let step = 0; step < steps; step++) {
    const u = K.matmul(X).neg();
    total = total.add(X.square().sum().add(u.square().sum()).mul(dt));
    X = A.matmul(X).add(B.outer(u));
  }
  return total;
}

/** A step of gradient descent towards the best gain. */
export const improve = (K: Tensor, dt: number, rate: number): Tensor => K.sub(grad(cost)(K, dt).mul(rate));

/** The best gain by Riccati's equation for P, where x^T P x is what a state x costs at best. */
export function riccati(dt: number, steps = 500): Tensor {
  const { A, B } = motion(dt);
  const gain = (P: Tensor): Tensor => B.matmul(P).matmul(A).div(B.matmul(P).dot(B).add(dt));
  const iterate = compile((P: Tensor): Tensor => {
    const closed = A.sub(B.outer(gain(P)));
    return A.transpose().matmul(P).matmul(closed).add(eye(2, { dtype }).mul(dt));
  });
  let P: Tensor = zeros([2, 2], { dtype });
  for (let step = 0; step < steps; step++) P = iterate(P);
  return gain(P);
}
