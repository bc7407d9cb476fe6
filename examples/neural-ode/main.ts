// A neural ordinary differential equation: a network says how fast a state moves, and learns it from where states end up.

import {
  Adam,
  compile,
  grad,
  initializers,
  losses,
  random,
  schedules,
  type Tensor,
  tensor,
  variable,
  zeros,
} from "cotangent";
import { type Dynamics, odeSolve, odeSolveAdjoint } from "./odeSolve.ts";

// First an equation whose solution is known: dz/dt = omega J z turns z by the angle omega t.
const dtype = "float64";
const J = tensor([0, -1, 1, 0], { shape: [2, 2], dtype });
const rotation: Dynamics = (z, [omega]) => J.matmul(z).mul(omega);
const [omega, z0] = [tensor(2, { dtype }), tensor([1, 0.5], { dtype })];

/** The derivative of z_x(1) by omega, by either method. */
function slope(method: typeof odeSolve, steps: number): number {
  const solve = method(rotation, { time: 1, steps });
  return grad((omega: Tensor) => solve(z0, [omega]).slice(0, 1).squeeze())(omega).item();
}
// z_x(1) = cos(omega) - sin(omega) / 2
export const exact = -Math.sin(2) - Math.cos(2) / 2;

export const errors = [10, 20, 40, 80].map((steps) => ({
  steps,
  solver: slope(odeSolve, steps) - exact,
  adjoint: slope(odeSolveAdjoint, steps) - exact,
}));
for (const { steps, solver, adjoint } of errors) {
  console.log(
    `${steps} steps: error through the solver ${solver.toExponential(2)}, of the adjoint ${adjoint.toExponential(2)}`,
  );
}

// Then the spiral of the paper's code: dz/dt = z^3 A, of which only pairs are seen: where a point is, and where it is after 0.5.
const spiral: Dynamics = (z, [A]) => z.pow(3).matmul(A);
const A = tensor([-0.1, 2, -2, -0.1], { shape: [2, 2] });
const span = { time: 0.5, steps: 5 };

/** Points [count, 2], and where they are after the span. */
function pairs(count: number, seed: number): [Tensor, Tensor] {
  const from = random.uniform([count, 2], { minval: -1.5, maxval: 1.5, seed });
  return [from, odeSolve(spiral, span)(from, [A])];
}

const network: Dynamics = (z, [w1, b1, w2, b2]) => z.pow(3).matmul(w1).add(b1).tanh().matmul(w2).add(b2);
const theta = [
  variable(initializers.glorotUniform([2, 32], { seed: 1 })),
  variable(zeros([32])),
  variable(initializers.glorotUniform([32, 2], { seed: 2 })),
  variable(zeros([2])),
];

const training = process.argv.includes("--full") ? 10_000 : 400;
const predict = odeSolveAdjoint(network, span);
const optimizer = new Adam({ learningRate: schedules.cosineDecay({ initial: 0.02, steps: training }) });
const step = compile((from: Tensor, to: Tensor) => {
  const loss = losses.meanSquaredError(predict(from, theta), to);
  optimizer.minimize(loss, theta);
  return loss;
});
const [from, to] = pairs(128, 3);
for (let i = 1; i <= training; i++) {
  const loss = step(from, to);
  if (i % (training / 5) === 0) console.log(`step ${i}: loss ${loss.item().toExponential(2)}`);
}
const [unseen, arrived] = pairs(1000, 4);
export const error = predict(unseen, theta).sub(arrived).norm().div(arrived.sub(unseen).norm()).item();
console.log(`relative error of the way that unseen points go: ${error.toExponential(1)}`);
