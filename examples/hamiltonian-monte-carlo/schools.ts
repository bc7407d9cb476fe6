// Eight schools coached their pupils for a test; the effect that each measured, and its standard error. D. B. Rubin, Estimation in
// Parallel Randomized Experiments, Journal of Educational Statistics 6, 1981; Gelman et al., Bayesian Data Analysis, section 5.5.

import { type Tensor, tensor } from "cotangent";

export const effects = [28, 8, -3, 7, -1, 1, 18, 12];
export const errors = [15, 10, 16, 11, 9, 11, 10, 18];

const [y, sigma] = [tensor(effects, { dtype: "float64" }), tensor(errors, { dtype: "float64" })];

/** The mean effect mu, the spread tau, and the effects theta [8] of a point q [10] = mu, log tau, (theta - mu) / tau. */
export function unpack(q: Tensor): { mu: Tensor; tau: Tensor; theta: Tensor } {
  const [mu, tau] = [q.slice(0, 1), q.slice(1, 2).exp()];
  return { mu, tau, theta: q.slice(2).mul(tau).add(mu) };
}

/** Minus the logarithm of the posterior density: mu ~ Normal(0, 5), tau ~ half-Cauchy(5), theta ~ Normal(mu, tau). */
export function potential(q: Tensor): Tensor {
  const { mu, tau, theta } = unpack(q);
  const likelihood = y.sub(theta).div(sigma).square().sum().div(2);
  const ofTheta = q.slice(2).square().sum().div(2);
  const ofMu = mu.div(5).square().div(2);
  const ofTau = tau.div(5).square().log1p().sub(tau.log()); // the density of log tau has a factor tau
  return likelihood.add(ofTheta).add(ofMu.add(ofTau).squeeze());
}

/** The exact posterior means. For a given tau everything is normal; over tau it is integrated with the trapezoidal rule. */
export function exactMeans(): { mu: number; tau: number; theta: number } {
  let [total, mu, tau, theta] = [0, 0, 0, 0];
  for (let s = -15; s < 8; s += 0.01) {
    const t = Math.exp(s);
    const variances = errors.map((error) => error ** 2 + t ** 2);
    const precision = variances.reduce((sum, v) => sum + 1 / v, 1 / 25);
    const mean = variances.reduce((sum, v, j) => sum + effects[j] / v, 0) / precision;
    const logs = variances.reduce((sum, v, j) => sum - Math.log(v) / 2 - effects[j] ** 2 / v / 2, 0);
    const weight =
      (Math.exp(logs + (mean ** 2 * precision) / 2) / Math.sqrt(precision) / (1 + t ** 2 / 25)) * t;
    const shrinkage = t ** 2 / (t ** 2 + errors[0] ** 2);
    total += weight;
    mu += weight * mean;
    tau += weight * t;
    theta += weight * (shrinkage * effects[0] + (1 - shrinkage) * mean);
  }
  return { mu: mu / total, tau: tau / total, theta: theta / total };
}
