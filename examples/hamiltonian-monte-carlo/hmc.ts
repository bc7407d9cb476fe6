// Hamiltonian Monte Carlo: samples of a density exp(-U(q)), led by the gradient of U.

import { forLoop, grad, random, scan, type Tensor, vmap, where } from "cotangent";

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
  const step = ([q, p]: [Tensor, Tensor]): [Tensor, Tensor] => {
    const next = q.add(p.mul(stepSize));
    return [next, kick(p, next, stepSize)];
  };
  const [end, late] = forLoop(0, steps, (_, state) => step(state), [q, kick(p, q, stepSize / 2)]);
  return [end, kick(late, end, -stepSize / 2)];
}

/** Potential and kinetic energy of each chain. The leapfrog method conserves it up to an error of the order stepSize^2. */
export function energy(U: Potential, q: Tensor, p: Tensor): Tensor {
  return vmap(U)(q).add(p.square().sum(1).div(2));
}

/** What a run gives: positions [rounds, chains, n], and for each whether its proposal was accepted [rounds, chains]. */
export interface Samples {
  readonly positions: Tensor;
  readonly accepted: Tensor;
}

/** Markov chains from positions q [chains, n], whose transitions leave the density as it is. */
export function hmc(U: Potential, q: Tensor, rounds: number, trajectory: Trajectory): Samples {
  const transition = (q: Tensor): [Tensor, Samples] => {
    const p = random.normal(q.shape, { dtype: q.dtype });
    const [proposal, momentum] = leapfrog(U, q, p, trajectory);
    const gain = energy(U, q, p).sub(energy(U, proposal, momentum));
    const accepted = random.uniform(gain.shape, { dtype: q.dtype }).log().less(gain);
    const positions = where(accepted.expandDims(1), proposal, q);
    return [positions, { positions, accepted }];
  };
  const [, samples] = scan(transition, q, null, { length: rounds });
  return samples;
}
