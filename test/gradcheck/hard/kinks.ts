import {
  abs,
  argmax,
  ceil,
  clip,
  cumsum,
  exp,
  floor,
  greater,
  leakyRelu,
  max,
  maximum,
  min,
  mod,
  mul,
  oneHot,
  relu,
  round,
  sign,
  sin,
  sort,
  square,
  sub,
  sum,
  type Tensor,
  trunc,
  where,
} from "@cotangent/core";
import { between, type Draw, drawn, ordinary, sometimes, spread } from "../support/draws.ts";
import type { HardRow, Inputs } from "../support/rows.ts";

/** Near one of the given places, by 10^low to 10^high. */
const nearOf =
  (places: readonly number[], low: number, high: number): Draw =>
  (random) =>
    places[random.whole(0, places.length - 1)] + random.sign() * 10 ** random.between(low, high);

const few =
  (draw: Draw): Inputs =>
  (random) => [drawn(random, [3], draw)];

/** Numbers that nearly tie: they differ by 10^low to 10^high. */
const nearTies =
  (low: number, high: number): Inputs =>
  (random) => {
    const centre = ordinary(random);
    let last = centre;
    return [drawn(random, [4], (r) => (last += r.sign() * 10 ** r.between(low, high)))];
  };

/** Functions with kinks and jumps, near them and at them. */
export const kinks: readonly HardRow[] = [
  {
    name: "abs-near-kink",
    hard: "|x - 10^-6|, near its kink",
    f: (x: Tensor) => abs(sub(x, 1e-6)),
    inputs: few(nearOf([1e-6], -9, -3)),
  },
  { name: "relu-near-0", hard: "relu near 0", f: (x: Tensor) => relu(x), inputs: few(spread(-10, -3)) },
  {
    name: "relu-of-sine",
    hard: "relu(sin(100 x)), with many kinks",
    f: (x: Tensor) => relu(sin(mul(x, 100))),
    inputs: few(ordinary),
    kinks: true,
  },
  {
    name: "max-near-ties",
    hard: "max of numbers that nearly tie",
    f: (x: Tensor) => max(x),
    inputs: nearTies(-9, -3),
  },
  {
    name: "min-near-ties",
    hard: "min of squares that nearly tie",
    f: (x: Tensor) => min(square(x)),
    inputs: nearTies(-9, -3),
  },
  {
    name: "maximum-near-ties",
    hard: "the greater of two that nearly tie",
    f: (x: Tensor, y: Tensor) => maximum(x, y),
    inputs: (random) => {
      const x = drawn(random, [3], ordinary);
      return [x, x.add(drawn(random, [3], spread(-9, -3)))];
    },
  },
  {
    name: "clip-near-bounds",
    hard: "clip near its bounds",
    f: (x: Tensor) => clip(x, -1, 1),
    inputs: few(nearOf([-1, 1], -9, -2)),
  },
  {
    name: "sort-near-ties",
    hard: "sorted numbers that nearly tie",
    f: (x: Tensor) => mul(sort(x), [1, 2, 3, 4]),
    inputs: nearTies(-8, -3),
  },
  {
    name: "floor-near-whole",
    hard: "x floor(x) near whole numbers",
    f: (x: Tensor) => mul(x, floor(x)),
    inputs: few(nearOf([-1, 1, 2], -8, -2)),
  },
  {
    name: "ceil-near-whole",
    hard: "ceil near whole numbers",
    f: (x: Tensor) => ceil(x).mul(x),
    inputs: few(nearOf([-1, 1, 2], -8, -2)),
  },
  {
    name: "mod-near-multiple",
    hard: "x mod 0.5 near its jumps",
    f: (x: Tensor) => mod(x, 0.5),
    inputs: few(nearOf([-0.5, 0.5, 1], -8, -2)),
  },
  {
    name: "where-near-threshold",
    hard: "where(x > 0.3, e^x, x^2), near its jump",
    f: (x: Tensor) => where(greater(x, 0.3), exp(x), square(x)),
    inputs: few(nearOf([0.3], -8, -1)),
  },
  {
    name: "leaky-relu-small",
    hard: "leaky relu near 0",
    f: (x: Tensor) => leakyRelu(x),
    inputs: few(spread(-9, -2)),
  },
  {
    name: "huber",
    hard: "a Huber loss: smooth once, near where it changes",
    f: (x: Tensor) => where(abs(x).lessEqual(1), square(x).mul(0.5), abs(x).sub(0.5)),
    inputs: few(nearOf([-1, 1], -7, -1)),
  },
  {
    name: "hinge",
    hard: "a hinge loss with margins near 1",
    f: (w: Tensor, x: Tensor) => sum(relu(sub(1, mul(w, x)))),
    inputs: (random) => {
      const w = drawn(random, [3], ordinary);
      return [w, w.reciprocal().mul(drawn(random, [3], nearOf([1], -7, -1)))];
    },
  },
  {
    name: "piecewise-constant",
    hard: "round(x) + sign(x) + trunc(x): no slope anywhere",
    f: (x: Tensor) => round(x).add(sign(x)).add(trunc(x)),
    inputs: few(nearOf([0.5, 0, 1, -1.5], -6, -1)),
  },
  {
    name: "staircase-of-sums",
    hard: "floor of a cumulative sum, times x",
    f: (x: Tensor) => mul(floor(mul(cumsum(x, 0), 3)), x),
    inputs: few(ordinary),
    kinks: true,
  },
  {
    name: "argmax-choice",
    hard: "the greatest chosen by argmax, next to near ties",
    f: (x: Tensor) => sum(mul(oneHot(argmax(x), 4, { dtype: "float64" }), square(x))),
    inputs: nearTies(-8, -3),
  },
  {
    name: "at-kinks",
    hard: "relu, |x| and clip at exactly 0 and 1",
    f: (x: Tensor) =>
      relu(x)
        .add(abs(x))
        .add(clip(x, 0, 1)),
    inputs: few(sometimes([0, 1], ordinary, 0.3)),
    kinks: true,
  },
  {
    name: "max-with-ties",
    hard: "max of numbers that tie exactly",
    f: (x: Tensor) => max(x),
    inputs: few(sometimes([1], between(-1, 1), 0.5)),
    kinks: true,
  },
];
