// A physics-informed neural network: it learns to satisfy Burgers' equation, whose derivatives stand in the loss.

import {
  Adam,
  compile,
  concat,
  dense,
  fullLike,
  grad,
  linspace,
  meshgrid,
  random,
  schedules,
  sequential,
  sigmoid,
  stack,
  type Tensor,
  vmap,
  zerosLike,
} from "cotangent";

const large = process.argv.includes("--full");
const [points, steps] = large ? [2000, 20_000] : [200, 1500];

const viscosity = 0.1;
const network = sequential({ inputShape: [2], seed: 1 }, [
  dense(20, { activation: "tanh" }),
  dense(20, { activation: "tanh" }),
  dense(1),
]);

/** A function of one point: x, t and its value are scalars. */
export type Field = (x: Tensor, t: Tensor) => Tensor;

/** What remains of Burgers' equation, u_t + u u_x = viscosity u_xx. */
export function residual(u: Field): Field {
  const u_x = grad(u, { argnums: 0 });
  const u_t = grad(u, { argnums: 1 });
  const u_xx = grad(u_x, { argnums: 0 });
  return (x, t) =>
    u_t(x, t)
      .add(u(x, t).mul(u_x(x, t)))
      .sub(u_xx(x, t).mul(viscosity));
}

/** What the network says. */
const u: Field = (x, t) => network.forward(stack([x, t]).expandDims(0)).squeeze();

/** A solution that has a formula: a front that moves to the right with speed 1/2. */
export const exact: Field = (x, t) =>
  sigmoid(
    t
      .div(2)
      .sub(x)
      .div(2 * viscosity),
  );

// The equation shall hold at random points of -1 <= x <= 1, 0 <= t <= 1 ...
const x = random.uniform([points], { minval: -1, maxval: 1, seed: 2 });
const t = random.uniform([points], { seed: 3 });
// ... and the solution is given at t = 0, at x = -1 and at x = 1.
const [space, time] = [linspace(-1, 1, 50), linspace(0, 1, 50)];
const xGiven = concat([space, fullLike(time, -1), fullLike(time, 1)], 0);
const tGiven = concat([zerosLike(space), time, time], 0);
const given = exact(xGiven, tGiven);

const optimizer = new Adam({ learningRate: schedules.cosineDecay({ initial: 0.01, steps }) });
const step = compile(() => {
  const ofEquation = vmap(residual(u))(x, t).square().mean();
  const ofData = vmap(u)(xGiven, tGiven).sub(given).square().mean();
  const loss = ofEquation.add(ofData);
  optimizer.minimize(loss, network);
  return loss;
});
for (let i = 1; i <= steps; i++) {
  const loss = step();
  if (i % (steps / 5) === 0) console.log(`step ${i}: loss ${loss.item().toExponential(2)}`);
}

/** |u - exact| / |exact|, in the Euclidean norm over a grid. */
const [xGrid, tGrid] = meshgrid([linspace(-1, 1, 101), linspace(0, 1, 51)]).map((axis) => axis.ravel());
const truth = exact(xGrid, tGrid);
export const error = vmap(u)(xGrid, tGrid).sub(truth).norm().div(truth.norm()).item();
console.log(`relative error: ${error.toExponential(1)}`);
