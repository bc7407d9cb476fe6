import type { Tensor } from "@cotangent/core";
import { losses } from "@cotangent/nn";
import { float64, table } from "../support/boundary.ts";

const INF = Number.POSITIVE_INFINITY;
const { LN2 } = Math;
const { NaN: NAN } = Number;
const each = { reduction: "none" } as const;
const zeros = (n: number): number[] => new Array<number>(n).fill(0);
const ones = (n: number): number[] => new Array<number>(n).fill(1);

type Loss = (predictions: Tensor, targets: Tensor) => Tensor;
/** The losses of single predictions whose targets are all one number. */
const against =
  (target: number, loss: Loss) =>
  (x: Tensor): Tensor =>
    loss(x, float64(new Array<number>(x.size).fill(target)));
/** The loss of one row. */
const row =
  (target: readonly number[], loss: Loss) =>
  (x: Tensor): Tensor =>
    loss(x.reshape([1, -1]), float64(target).reshape([1, -1]));

table("losses of numbers", [
  [
    "meanSquaredError",
    against(0, (p, t) => losses.meanSquaredError(p, t, each)),
    [0, 1, -3, 1e200, -INF],
    [0, 1, 9, INF, INF],
    [0, 2, -6, 2e200, -INF],
    [2, 2, 2, 2, 2],
  ],
  [
    "meanAbsoluteError",
    against(1, (p, t) => losses.meanAbsoluteError(p, t, each)),
    [-1, 1, 3, INF],
    [2, 0, 2, INF],
    [-1, 0, 1, 1],
    zeros(4),
  ],
  [
    "huber, at its bends",
    against(0, (p, t) => losses.huber(p, t, each)),
    [-2, -1, 0, 1, 2, 1e300, INF],
    [1.5, 0.5, 0, 0.5, 1.5, 1e300, INF],
    [-1, -1, 0, 1, 1, 1, 1],
  ],
  [
    "logCosh",
    against(0, (p, t) => losses.logCosh(p, t, each)),
    [0, 1000, -1000],
    [0, 1000 - LN2, 1000 - LN2],
    [0, 1, -1],
    [1, 0, 0],
  ],
  [
    "poisson",
    against(0, (p, t) => losses.poisson(p, t, each)),
    [0, 1, INF],
    [0, 1, INF],
    [1, 1, 1],
    zeros(3),
  ],
  [
    "poisson of a rate 0 that has come",
    against(2, (p, t) => losses.poisson(p, t, each)),
    [0, 1, 2],
    [INF, 1, 2 - 2 * LN2],
  ],
  [
    "poisson of logarithms",
    against(2, (p, t) => losses.poisson(p, t, { ...each, logRates: true })),
    [0, -1000, 1000],
    [1, 2000, INF],
    [-1, -2, INF],
    [1, 0, INF],
  ],
  [
    "gaussianNegativeLogLikelihood",
    against(0, (p, t) => losses.gaussianNegativeLogLikelihood(p, t, { ...each, variance: 4 })),
    [0, 2, 1e200],
    [LN2, LN2 + 0.5, INF],
    [0, 0.5, 2.5e199],
    [0.25, 0.25, 0.25],
  ],
]);

table("losses of two classes", [
  [
    "sigmoidBinaryCrossEntropy, true",
    against(1, (p, t) => losses.sigmoidBinaryCrossEntropy(p, t, each)),
    [0, 1000, -1000],
    [LN2, 0, 1000],
    [-0.5, 0, -1],
    [0.25, 0, 0],
  ],
  [
    "sigmoidBinaryCrossEntropy, false",
    against(0, (p, t) => losses.sigmoidBinaryCrossEntropy(p, t, each)),
    [0, 1000, -1000],
    [LN2, 1000, 0],
    [0.5, 1, 0],
    [0.25, 0, 0],
  ],
  [
    "binaryCrossEntropy, true",
    against(1, (p, t) => losses.binaryCrossEntropy(p, t, each)),
    [1, 0.5, 0],
    [0, LN2, INF],
    [-1, -2, -INF],
  ],
  [
    "binaryCrossEntropy, false",
    against(0, (p, t) => losses.binaryCrossEntropy(p, t, each)),
    [0, 0.5, 1],
    [0, LN2, INF],
    [1, 2, INF],
  ],
  [
    "binaryCrossEntropy of a sigmoid that underflows",
    against(1, (p, t) => losses.binaryCrossEntropy(p.sigmoid(), t, each)),
    [0, 1000, -1000],
    [LN2, 0, 1000],
    [-0.5, 0, -1],
    [0.25, 0, 0],
  ],
  [
    "hinge, at its margin",
    against(1, (p, t) => losses.hinge(p, t, each)),
    [2, 1, 0, -1, INF, -INF],
    [0, 0, 1, 2, 0, INF],
    [0, 0, -1, -1, 0, -1],
    zeros(6),
  ],
  [
    "squaredHinge, at its margin",
    against(1, (p, t) => losses.squaredHinge(p, t, each)),
    [2, 1, 0, -1],
    [0, 0, 1, 4],
    [0, 0, -2, -4],
    [0, 0, 2, 2],
  ],
]);

table("losses of rows", [
  [
    "softmaxCrossEntropy, far apart",
    row([0, 1], (p, t) => losses.softmaxCrossEntropy(p, t)),
    [1000, -1000],
    [2000],
    [1, -1],
    zeros(2),
  ],
  [
    "softmaxCrossEntropy, right and sure",
    row([1, 0], (p, t) => losses.softmaxCrossEntropy(p, t)),
    [1000, -1000],
    [0],
    zeros(2),
    zeros(2),
  ],
  [
    "categoricalCrossEntropy of a softmax that underflows",
    row([0, 1], (p, t) => losses.categoricalCrossEntropy(p.softmax(), t)),
    [1000, -1000],
    [2000],
    [1, -1],
    zeros(2),
  ],
  [
    "categoricalCrossEntropy, impossible",
    row([0, 1], (p, t) => losses.categoricalCrossEntropy(p, t)),
    [1, 0],
    [INF],
    [0, -INF],
  ],
  [
    "klDivergence of itself",
    row([0.5, 0.5], (p, t) => losses.klDivergence(p, t)),
    [0.5, 0.5],
    [0],
    [-1, -1],
    [2, 2],
  ],
  [
    "klDivergence, a class that is neither",
    row([1, 0], (p, t) => losses.klDivergence(p, t)),
    [1, 0],
    [0],
    [-1, 0],
  ],
  ["klDivergence, impossible", row([0.5, 0.5], (p, t) => losses.klDivergence(p, t)), [1, 0], [INF]],
  ["cosineDistance of nothing", row([1, 0], (p, t) => losses.cosineDistance(p, t)), [0, 0], [1], zeros(2)],
  [
    "cosineDistance, huge and tiny",
    row([1e-300, 0], (p, t) => losses.cosineDistance(p, t)),
    [1e300, 0],
    [0],
    zeros(2),
  ],
  ["cosineDistance, opposite", row([1, 0], (p, t) => losses.cosineDistance(p, t)), [-2, 0], [2], [0, 0]],
  [
    "categoricalHinge, at its margin",
    row([1, 0, 0], (p, t) => losses.categoricalHinge(p, t)),
    [2, 1, 0],
    [0],
    zeros(3),
    zeros(3),
  ],
  [
    "categoricalHinge, ties among the others",
    row([1, 0, 0], (p, t) => losses.categoricalHinge(p, t)),
    [0, 1, 1],
    [2],
    [-1, 0.5, 0.5],
    zeros(3),
  ],
  [
    "a weight of 0 leaves out what is not finite",
    (x) => losses.meanSquaredError(x, x.mul(0).add(1), { weights: float64([1, 0]) }),
    [3, 1],
    [4],
    [4, 0],
    [2, 0],
  ],
  ["NaN goes through", against(0, (p, t) => losses.huber(p, t, each)), [NAN], [NAN]],
  [
    "a mean of ones",
    against(0, (p, t) => losses.meanAbsoluteError(p, t)),
    ones(4),
    [1],
    [0.25, 0.25, 0.25, 0.25],
  ],
]);
