// Hamiltonian Monte Carlo: samples of a density exp(-U(q)), led by the gradient of U.

import { compile, grad, random, type Tensor, vmap, where } from "cotangent";

/** The potential energy, minus the logarithm of a density that need not be normalised, at one point q [n]. */
export type Potential = (q: Tensor) => Tensor;

export interface Trajectory {
  readonly stepSize: number;
  readonly steps: number;
}

/** Follows Hamilton's equations from positions q and momenta p, both [chains, n], by the leapfrog method. */
export function leapfrog(
  U: Potential,
  q: Tensor,
  p: Tensor,
  { stepSize, steps }: Trajectory,
): [Tensor, Tensor] {
  const slope = vmap(grad(U));
  const kick = (p: Tensor, q: Tensor, size: number): Tensor => p.sub(slope(q).mul(size));
  let momentum = kick(p, q, stepSize / 2);
  let position = q;
  for (let step = 1; step <= steps; step++) {
    position = position.add(momentum.mul(stepSize));
    momentum = kick(momentum, position, step < steps ? stepSize : stepSize / 2);
  }
  return [position, momentum];
}

/** Potential and kinetic energy of each chain. The leapfrog method conserves it up to an error of the order stepSize^2. */
export function energy(U: Potential, q: Tensor, p: Tensor): Tensor {
  return vmap(U)(q).add(p.square().sum(1).div(2));
}

/** The transition of Markov chains that leaves the density as it is: [positions, whether the proposal was accepted]. */
export function hmc(U: Potential, trajectory: Trajectory): (q: Tensor) => [Tensor, Tensor] {
  return compile((q: Tensor): [Tensor, Tensor] => {
    const p = random.normal(q.shape, { dtype: q.dtype });
    const [proposal, momentum] = leapfrog(U, q, p, trajectory);
    const gain = energy(U, q, p).sub(energy(U, proposal, momentum));
    const accepted = random.uniform(gain.shape, { dtype: q.dtype }).log().less(gain);
    return [where(accepted.expandDims(1), proposal, q), accepted];
  });
}
