// Logistic regression by Newton's method: the gradient and the Hessian are asked for, not derived.

import {
  arange,
  concat,
  eye,
  grad,
  hessian,
  ones,
  sigmoid,
  softplus,
  stack,
  type Tensor,
  tensor,
  where,
} from "cotangent";
import { distress, temperature } from "./challenger.ts";

const dtype = "float64";
const t = tensor(temperature, { dtype });
const y = tensor(distress, { dtype });
const X = stack([ones([t.size], { dtype }), t], 1); // [flights, 2]: the intercept, the slope

/** The negative log-likelihood of the weights w [2]: the model says that distress has the probability sigmoid(X w). */
export function loss(w: Tensor): Tensor {
  const logits = X.matmul(w);
  return softplus(logits).sub(y.mul(logits)).sum();
}

/** Solves A x = b, A positive definite [n, n], b [n, m]: Gauss-Jordan elimination, which then needs no pivoting. */
export function solve(A: Tensor, b: Tensor): Tensor {
  const n = A.shape[0];
  let rows: Tensor = concat([A, b], 1);
  for (let i = 0; i < n; i++) {
    const pivot = rows.slice(i, i + 1).div(rows.slice([i, i], [i + 1, i + 1]));
    const others = rows.sub(rows.slice([0, i], [n, i + 1]).mul(pivot));
    rows = where(arange(n).equal(i).expandDims(1), pivot, others);
  }
  return rows.slice([0, n]);
}

/** Newton's method from w = 0. For this loss it is what statistics calls iteratively reweighted least squares. */
export function newton(steps: number): Tensor {
  let w: Tensor = tensor([0, 0], { dtype });
  for (let step = 0; step < steps; step++) {
    const direction = solve(hessian(loss)(w), grad(loss)(w).expandDims(1)).squeeze(1);
    w = w.sub(direction);
    console.log(`step ${step + 1}: deviance ${loss(w).mul(2).item().toFixed(6)}`);
  }
  return w;
}

export const weights = newton(6);
export const covariance = solve(hessian(loss)(weights), eye(2, { dtype })); // the inverse of Fisher's information
export const errors = covariance.diagonal().sqrt();
export const atLaunch = sigmoid(tensor([1, 31], { dtype }).dot(weights)).item();

const [intercept, slope] = weights.dataSync();
const [ofIntercept, ofSlope] = errors.dataSync();
console.log(`intercept ${intercept.toFixed(4)} +- ${ofIntercept.toFixed(4)}`);
console.log(`slope     ${slope.toFixed(4)} +- ${ofSlope.toFixed(4)} for each degree`);
console.log(`probability of distress at 31 F, as on the morning of the launch: ${atLaunch.toFixed(4)}`);
