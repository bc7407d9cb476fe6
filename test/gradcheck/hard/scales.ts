import {
  cumprod,
  cumsum,
  div,
  exp,
  log,
  logsumexp,
  mean,
  mul,
  norm,
  prod,
  reciprocal,
  sin,
  softmax,
  sqrt,
  square,
  sum,
  type Tensor,
  tanh,
} from "@cotangent/core";
import { between, type Draw, drawn, ordinary, positive, sometimes, spread } from "../support/draws.ts";
import type { HardRow, Inputs } from "../support/rows.ts";

const few =
  (draw: Draw): Inputs =>
  (random) => [drawn(random, [3], draw)];
const single =
  (draw: Draw): Inputs =>
  (random) => [drawn(random, [3], draw, "float32")];

/** Numbers that are very large, very small, or both. */
export const scales: readonly HardRow[] = [
  {
    name: "tiny-inputs",
    hard: "sin x for x of 10^-12",
    f: (x: Tensor) => sin(x),
    inputs: few(spread(-13, -11)),
  },
  {
    name: "huge-inputs",
    hard: "log x for x of 10^12",
    f: (x: Tensor) => log(x),
    inputs: few(positive(11, 13)),
  },
  { name: "huge-angles", hard: "sin x for x of 10^6", f: (x: Tensor) => sin(x), inputs: few(spread(5, 6)) },
  {
    name: "mixed-scales",
    hard: "a sum of squares of numbers from 10^-12 to 10^12",
    f: (x: Tensor) => sum(square(x)),
    inputs: (random) => [drawn(random, [6], spread(-12, 12))],
  },
  {
    name: "mixed-product",
    hard: "a product of numbers from 10^-12 to 10^12",
    f: (x: Tensor) => prod(x),
    inputs: (random) => [drawn(random, [5], spread(-12, 12))],
  },
  {
    name: "huge-results",
    hard: "e^x up to 10^300",
    f: (x: Tensor) => exp(x),
    inputs: few(between(500, 690)),
  },
  {
    name: "tiny-results",
    hard: "e^x down to 10^-300",
    f: (x: Tensor) => exp(x),
    inputs: few(between(-690, -500)),
  },
  {
    name: "huge-norm",
    hard: "the length of a vector of 10^150",
    f: (x: Tensor) => norm(x),
    inputs: few(spread(140, 150)),
  },
  {
    name: "tiny-quotient",
    hard: "x / y of 10^-100 and 10^100",
    f: (x: Tensor, y: Tensor) => div(x, y),
    inputs: (random) => [drawn(random, [2], spread(-100, -90)), drawn(random, [2], spread(90, 100))],
  },
  {
    name: "outputs-of-all-scales",
    hard: "a vector whose elements lie between 10^-12 and 10^12, of one input",
    f: (x: Tensor) => mul(sin(x), [1e-12, 1e-6, 1, 1e6, 1e12]),
    inputs: (random) => [drawn(random, [1], ordinary)],
  },
  {
    name: "sensitive-to-one",
    hard: "one input matters 10^10 times as much as the others",
    f: (x: Tensor) => sum(sin(mul(x, [1e-5, 1, 1e5]))),
    inputs: few(ordinary),
  },
  {
    name: "zeros-in-products",
    hard: "products with zeros among the factors",
    f: (x: Tensor) => prod(x).add(sum(cumprod(x, 0))),
    inputs: few(sometimes([0], ordinary, 0.4)),
    options: { order: 2 },
  },
];

/** The same in float32. */
export const float32: readonly HardRow[] = [
  { name: "sine-float32", hard: "sin(100 x)", f: (x: Tensor) => sin(mul(x, 100)), inputs: single(ordinary) },
  {
    name: "exp-float32",
    hard: "e^x up to 10^37",
    f: (x: Tensor) => exp(x),
    inputs: single(between(-80, 85)),
  },
  {
    name: "pole-float32",
    hard: "1 / x near 0",
    f: (x: Tensor) => reciprocal(x),
    inputs: single(spread(-9, -2)),
  },
  {
    name: "softmax-float32",
    hard: "softmax of logits of 10^3",
    f: (x: Tensor) => softmax(x),
    inputs: single(between(-1e3, 1e3)),
  },
  {
    name: "logsumexp-float32",
    hard: "logsumexp of numbers of 10^3",
    f: (x: Tensor) => logsumexp(x),
    inputs: single(between(-1e3, 1e3)),
  },
  {
    name: "ripple-float32",
    hard: "1 + 10^-6 sin x, which float32 hardly shows",
    f: (x: Tensor) => mul(sin(x), 1e-6).add(1),
    inputs: single(ordinary),
  },
  {
    name: "offset-float32",
    hard: "(x + 10^4) - 10^4, which loses digits of x",
    f: (x: Tensor) => square(x.add(1e4).sub(1e4)),
    inputs: single(ordinary),
  },
  {
    name: "normalised-float32",
    hard: "layer normalisation of numbers that are close together",
    f: (x: Tensor) => {
      const centred = x.sub(mean(x));
      return centred.div(sqrt(mean(square(centred)).add(1e-5)));
    },
    inputs: (random) => {
      const centre = random.between(-3, 3);
      return [drawn(random, [4], (r) => centre + 0.01 * ordinary(r), "float32")];
    },
  },
  {
    name: "mixed-scales-float32",
    hard: "a sum of squares of numbers from 10^-6 to 10^6",
    f: (x: Tensor) => sum(square(x)),
    inputs: (random) => [drawn(random, [6], spread(-6, 6), "float32")],
  },
  {
    name: "long-sum-float32",
    hard: "cumulative sums of 200 numbers",
    f: (x: Tensor) => tanh(cumsum(x, 0).mul(0.01)),
    inputs: (random) => [drawn(random, [200], ordinary, "float32")],
  },
  {
    name: "mixed-dtypes",
    hard: "float32 and float64 arguments in one function",
    f: (x: Tensor, y: Tensor) => mul(sin(x), exp(y)),
    inputs: (random) => [drawn(random, [3], ordinary, "float32"), drawn(random, [3], ordinary)],
  },
];
