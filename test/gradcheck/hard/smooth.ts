import {
  acosh,
  asin,
  atan,
  atan2,
  cos,
  digamma,
  div,
  erf,
  erfc,
  erfinv,
  exp,
  expm1,
  hypot,
  lgamma,
  log,
  log1p,
  logaddexp,
  logit,
  logsumexp,
  mul,
  norm,
  polygamma,
  pow,
  reciprocal,
  sigmoid,
  sin,
  sinc,
  softmax,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tan,
  tanh,
  variance,
  xlogy,
} from "@cotangent/core";
import { between, type Draw, drawn, ordinary, positive, spread } from "../support/draws.ts";
import type { HardRow, Inputs } from "../support/rows.ts";

const few =
  (draw: Draw): Inputs =>
  (random) => [drawn(random, [3], draw)];
const two =
  (first: Draw, second: Draw): Inputs =>
  (random) => [drawn(random, [3], first), drawn(random, [3], second)];

/** Away from a number by a relative distance of 10^low to 10^high, on either side. */
const near =
  (centre: number, low: number, high: number): Draw =>
  (random) =>
    centre + random.sign() * 10 ** random.between(low, high);

/** Functions that change quickly. */
export const steep: readonly HardRow[] = [
  {
    name: "fast-sine",
    hard: "sin(10^4 x)",
    f: (x: Tensor) => sin(mul(x, 1e4)),
    inputs: few(between(-2, 2)),
  },
  {
    name: "sharp-tanh",
    hard: "tanh(10^3 x), a step",
    f: (x: Tensor) => tanh(mul(x, 1e3)),
    inputs: few(spread(-5, 0)),
  },
  {
    name: "sharp-sigmoid",
    hard: "sigmoid(10^4 x), a step",
    f: (x: Tensor) => sigmoid(mul(x, 1e4)),
    inputs: few(spread(-6, -3)),
  },
  {
    name: "large-exp",
    hard: "exp(20 x), up to 10^17",
    f: (x: Tensor) => exp(mul(x, 20)),
    inputs: few(between(-2, 2)),
  },
  {
    name: "pole",
    hard: "1 / x near 0",
    f: (x: Tensor) => reciprocal(x),
    inputs: few(spread(-9, -2)),
  },
  {
    name: "pole-squared",
    hard: "1 / (x^2 + 10^-6)",
    f: (x: Tensor) => reciprocal(square(x).add(1e-6)),
    inputs: few(spread(-5, 0)),
  },
  {
    name: "tangent-near-pole",
    hard: "tan x near pi / 2",
    f: (x: Tensor) => tan(x),
    inputs: few(near(Math.PI / 2, -5, -1)),
  },
  {
    name: "log-near-0",
    hard: "log x near 0",
    f: (x: Tensor) => log(x),
    inputs: few(positive(-12, -2)),
  },
  {
    name: "sqrt-near-0",
    hard: "sqrt x near 0, infinitely steep there",
    f: (x: Tensor) => sqrt(x),
    inputs: few(positive(-12, -2)),
  },
  {
    name: "asin-near-1",
    hard: "asin x near the end of its range",
    f: (x: Tensor) => asin(x),
    inputs: few((random) => random.sign() * (1 - 10 ** random.between(-8, -2))),
  },
  {
    name: "acosh-near-1",
    hard: "acosh x near the end of its range",
    f: (x: Tensor) => acosh(x),
    inputs: few((random) => 1 + 10 ** random.between(-8, -1)),
  },
  {
    name: "high-power",
    hard: "x^50",
    f: (x: Tensor) => pow(x, 50),
    inputs: few(between(0.3, 2)),
  },
  {
    name: "softmax-large-logits",
    hard: "softmax of logits of 10^3",
    f: (x: Tensor) => softmax(x),
    inputs: few(between(-1e3, 1e3)),
  },
  {
    name: "logsumexp-large",
    hard: "logsumexp of numbers of 10^3, some of them close together",
    f: (x: Tensor) => logsumexp(x),
    inputs: (random) => {
      const top = random.between(-1e3, 1e3);
      return [drawn(random, [4], (r) => top + r.sign() * 10 ** r.between(-2, 2))];
    },
  },
  {
    name: "chirp",
    hard: "sin(1 / x) near 0",
    f: (x: Tensor) => sin(reciprocal(x)),
    inputs: few(spread(-2.5, 0)),
  },
  {
    name: "pow-steep-exponent",
    hard: "x^y with y of 30",
    f: (x: Tensor, y: Tensor) => pow(x, y),
    inputs: two(between(0.5, 1.5), between(-30, 30)),
  },
  {
    name: "nested-exp",
    hard: "exp(exp(x)), up to 10^23",
    f: (x: Tensor) => exp(exp(x)),
    inputs: few(between(-3, 4)),
  },
];

/** Functions that hardly change, on their own scale. */
export const flat: readonly HardRow[] = [
  {
    name: "tiny-ripple",
    hard: "1 + 10^-9 sin x",
    f: (x: Tensor) => mul(sin(x), 1e-9).add(1),
    inputs: few(ordinary),
  },
  {
    name: "power-near-0",
    hard: "x^20 near 0",
    f: (x: Tensor) => pow(x, 20),
    inputs: few(between(0.01, 0.5)),
  },
  {
    name: "saturated-erf",
    hard: "erf(5x), flat where it is not steep",
    f: (x: Tensor) => erf(mul(x, 5)),
    inputs: few(between(-2, 2)),
  },
  {
    name: "saturated-tanh",
    hard: "tanh x for x of 20, where it is 1 to the last bit",
    f: (x: Tensor) => tanh(x),
    inputs: few((random) => random.sign() * random.between(5, 25)),
  },
  {
    name: "gaussian-tail",
    hard: "exp(-x^2) in its tail, down to 10^-170",
    f: (x: Tensor) => exp(square(x).neg()),
    inputs: few((random) => random.sign() * random.between(2, 20)),
  },
  {
    name: "erfc-tail",
    hard: "erfc in its tail",
    f: (x: Tensor) => erfc(x),
    inputs: few(between(1, 20)),
  },
  {
    name: "softplus-tails",
    hard: "softplus where it is 0 or x",
    f: (x: Tensor) => softplus(x),
    inputs: few((random) => random.sign() * random.between(5, 60)),
  },
  {
    name: "small-slope-large-value",
    hard: "10^8 + 10^-4 x^2",
    f: (x: Tensor) => mul(square(x), 1e-4).add(1e8),
    inputs: few(ordinary),
  },
  {
    name: "stationary",
    hard: "cos x near its maximum",
    f: (x: Tensor) => cos(x),
    inputs: few(spread(-9, -2)),
  },
  {
    name: "flat-cubic",
    hard: "x^3 near 0: no value, no slope, no curvature",
    f: (x: Tensor) => mul(x, square(x)),
    inputs: few(spread(-8, -2)),
    options: { order: 2 },
  },
];

/** Functions that subtract what is nearly equal. */
export const cancelling: readonly HardRow[] = [
  {
    name: "one-plus-minus-one",
    hard: "(1 + x) - 1 for small x",
    f: (x: Tensor) => sub(x.add(1), 1),
    inputs: few(spread(-12, -4)),
  },
  {
    name: "one-minus-cosine",
    hard: "(1 - cos x) / x^2",
    f: (x: Tensor) => div(sub(1, cos(x)), square(x)),
    inputs: few(spread(-4, 0)),
  },
  {
    name: "log1p-of-expm1",
    hard: "log1p(expm1 x), the identity in two steps",
    f: (x: Tensor) => log1p(expm1(x)),
    inputs: few(spread(-9, 0)),
  },
  {
    name: "log-of-one-plus",
    hard: "log(1 + x) for small x",
    f: (x: Tensor) => log(x.add(1)),
    inputs: few(spread(-9, -1)),
  },
  {
    name: "variance-nearly-equal",
    hard: "the variance of numbers that differ by 10^-6 of their size",
    f: (x: Tensor) => variance(x),
    inputs: (random) => {
      const centre = random.between(1, 100);
      return [drawn(random, [4], (r) => centre * (1 + 1e-6 * r.between(-1, 1)))];
    },
  },
  {
    name: "expm1-over-x",
    hard: "expm1(x) / x near 0",
    f: (x: Tensor) => div(expm1(x), x),
    inputs: few(spread(-9, -1)),
  },
  {
    name: "sqrt-minus-one",
    hard: "sqrt(1 + x^2) - 1 for small x",
    f: (x: Tensor) => sub(sqrt(square(x).add(1)), 1),
    inputs: few(spread(-5, 0)),
  },
  {
    name: "x-minus-sine",
    hard: "x - sin x near 0",
    f: (x: Tensor) => sub(x, sin(x)),
    inputs: few(spread(-4, 0)),
  },
  {
    name: "difference-of-squares",
    hard: "x^2 - y^2 for x near y",
    f: (x: Tensor, y: Tensor) => sub(square(x), square(y)),
    inputs: (random) => {
      const x = random.between(1, 10);
      return [drawn(random, [2], () => x), drawn(random, [2], (r) => x + r.sign() * 10 ** r.between(-8, -2))];
    },
  },
  {
    name: "large-offset",
    hard: "(x + 10^8) - 10^8",
    f: (x: Tensor) => square(sub(x.add(1e8), 1e8)),
    inputs: few(ordinary),
  },
  {
    name: "difference-of-logs",
    hard: "log(x + 10^-7) - log x",
    f: (x: Tensor) => sub(log(x.add(1e-7)), log(x)),
    inputs: few(between(0.1, 3)),
  },
  {
    name: "sinc",
    hard: "sin(pi x) / (pi x) near 0 and near its zeros",
    f: (x: Tensor) => sinc(x),
    inputs: few((random) => random.whole(-2, 2) + random.sign() * 10 ** random.between(-6, -0.5)),
  },
  {
    name: "cosine-similarity",
    hard: "the cosine of two vectors that are nearly parallel",
    f: (x: Tensor, y: Tensor) => div(sum(mul(x, y)), mul(norm(x), norm(y))),
    inputs: (random) => {
      const x = drawn(random, [3], ordinary);
      return [x, x.mul(2).add(drawn(random, [3], spread(-6, -2)))];
    },
  },
];

/** Special functions, and others with ranges and branches. */
export const special: readonly HardRow[] = [
  {
    name: "lgamma",
    hard: "log Gamma, also of negative x",
    f: (x: Tensor) => lgamma(x),
    inputs: few(gammaArgument),
  },
  {
    name: "digamma",
    hard: "digamma, between its poles",
    f: (x: Tensor) => digamma(x),
    inputs: few(gammaArgument),
  },
  { name: "trigamma", hard: "trigamma", f: (x: Tensor) => polygamma(1, x), inputs: few(positive(-2, 2)) },
  {
    name: "erfinv",
    hard: "erfinv, also near the ends of its range",
    f: (x: Tensor) => erfinv(x),
    inputs: few((random) => random.sign() * (1 - 10 ** random.between(-8, 0))),
  },
  {
    name: "logit",
    hard: "log(x / (1 - x)) near 0 and 1",
    f: (x: Tensor) => logit(x),
    inputs: few((random) =>
      random.chance(0.5) ? 10 ** random.between(-8, -1) : 1 - 10 ** random.between(-8, -1),
    ),
  },
  {
    name: "atan2-near-cut",
    hard: "atan2 near its branch cut",
    f: (y: Tensor, x: Tensor) => atan2(y, x),
    inputs: two(spread(-4, 0), between(-2, -0.5)),
  },
  {
    name: "atan-far-out",
    hard: "atan of 10^6",
    f: (x: Tensor) => atan(x),
    inputs: few(spread(-6, 6)),
  },
  {
    name: "hypot-scales",
    hard: "hypot of numbers of very different size",
    f: (x: Tensor, y: Tensor) => hypot(x, y),
    inputs: two(spread(-8, 8), spread(-8, 8)),
  },
  {
    name: "logaddexp",
    hard: "log(e^x + e^y) of numbers of 10^3",
    f: (x: Tensor, y: Tensor) => logaddexp(x, y),
    inputs: (random) => {
      const x = random.between(-1e3, 1e3);
      return [drawn(random, [2], () => x), drawn(random, [2], (r) => x + r.sign() * 10 ** r.between(-2, 2))];
    },
  },
  {
    name: "xlogy",
    hard: "x log y with x of 0",
    f: (x: Tensor, y: Tensor) => xlogy(x, y),
    inputs: two((random) => (random.chance(0.3) ? 0 : ordinary(random)), positive(-6, 1)),
  },
  {
    name: "norm-near-0",
    hard: "the length of a vector near 0",
    f: (x: Tensor) => norm(x),
    inputs: (random) => {
      const scale = 10 ** random.between(-12, -2);
      return [drawn(random, [3], (r) => scale * ordinary(r))];
    },
  },
];

/** Away from the poles at 0, -1, -2 ... by 0.05 at least. */
function gammaArgument(random: Parameters<Draw>[0]): number {
  return random.chance(0.3)
    ? random.whole(-5, -1) + random.between(0.05, 0.95)
    : 10 ** random.between(-1.3, 3);
}
