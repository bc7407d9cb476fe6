// Bayesian inference by Hamiltonian Monte Carlo: what eight schools tell about coaching.

import { random, vmap } from "cotangent";
import { energy, hmc, leapfrog } from "./hmc.ts";
import { exactMeans, potential, unpack } from "./schools.ts";

const [chains, warmup, rounds] = process.argv.includes("--full") ? [256, 200, 2000] : [64, 50, 200];
const dtype = "float64";
random.seed(0);

// The energy is conserved up to an error of the second order: half the step, a quarter of the error.
const q = random.normal([chains, 10], { dtype });
const p = random.normal([chains, 10], { dtype });
export const energyErrors = [10, 20, 40, 80].map((steps) => {
  const before = energy(potential, q, p);
  const after = energy(potential, ...leapfrog(potential, q, p, { stepSize: 2 / steps, steps }));
  const error = after.sub(before).abs().mean().item();
  console.log(`${steps} steps of ${2 / steps}: error of the energy ${error.toExponential(2)}`);
  return error;
});

const { positions, accepted } = hmc(potential, q, warmup + rounds, { stepSize: 0.25, steps: 12 });
export const acceptance = accepted.slice(warmup).mean().item();
console.log(
  `${chains} chains of ${rounds} samples, ${(100 * acceptance).toFixed(0)} % of proposals accepted`,
);

const { mu, tau, theta } = vmap(vmap(unpack))(positions.slice(warmup)); // [rounds, chains, 1 or 8]
const exact = exactMeans();
const sampled = { mu, tau, theta: theta.slice([0, 0, 0], [rounds, chains, 1]) };

/** The mean of all chains and its standard error, by how much the means of the chains differ. */
export const means = (["mu", "tau", "theta"] as const).map((name) => {
  const ofChains = sampled[name].mean([0, 2]);
  const mean = ofChains.mean().item();
  const error = ofChains.std(0, { correction: 1 }).item() / Math.sqrt(chains);
  console.log(
    `${name.padEnd(5)} ${mean.toFixed(3)} +- ${error.toFixed(3)}, exactly ${exact[name].toFixed(3)}`,
  );
  return { name, mean, error, exact: exact[name] };
});
