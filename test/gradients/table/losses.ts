import type { Shape, Tensor } from "@cotangent/core";
import * as core from "@cotangent/core";
import * as nn from "@cotangent/nn";
import fc from "fast-check";
import { type Domain, interval, oneOf, signed } from "../support/domains.ts";
import type { Row } from "../support/row.ts";
import { shapes, sizeOf } from "../support/shapes.ts";
import { custom } from "./build.ts";

const { losses } = nn;
const smooth = interval(-2, 2);
const probability = interval(0.2, 0.8);
/** Two domains whose numbers are never closer than 0.2, and so are errors to 0. */
const low = interval(-2, -0.1);
const high = interval(0.1, 2);

type Loss = (p: Tensor, t: Tensor, options?: nn.losses.LossOptions) => Tensor;

/** How often a loss is called: plainly, or weighed and put together in each way; weights are an argument too. */
const calls = fc.tuple(
  fc.constantFrom("mean", "sum", "none" as const) as fc.Arbitrary<nn.losses.Reduction>,
  fc.constantFrom("no weights", "weights of examples", "weights of all"),
);

/** A loss as an operation of predictions, targets and weights. `rows`: it compares rows, which have one weight. */
const lossRow = (
  name: string,
  loss: Loss,
  [predictions, targets]: readonly [Domain, Domain],
  { rows = false, covers = [`losses.${name}`] }: { rows?: boolean; covers?: string[] } = {},
): Row =>
  custom(
    name,
    fc.tuple(shapes({ minRank: 1, nonEmpty: true }), calls).map(([shape, [reduction, kind]]) => {
      const each = rows ? shape.slice(0, -1) : shape;
      const weights = kind === "weights of all" ? each : each.slice(0, 1);
      const options = { reduction, kind };
      if (kind === "no weights") {
        return {
          shapes: [shape, shape],
          domains: [predictions, targets],
          options,
          apply: (p: Tensor, t: Tensor) => loss(p, t, { reduction }),
        };
      }
      return {
        shapes: [shape, shape, weights],
        domains: [predictions, targets, interval(0.5, 2)],
        options,
        apply: (p: Tensor, t: Tensor, w: Tensor) => loss(p, t, { reduction, weights: w }),
      };
    }),
    { covers },
  );

/** A loss whose targets are class indices. */
const indexRow = (name: string, loss: Loss, predictions: Domain, covers: string): Row =>
  custom(
    name,
    shapes({ minRank: 1, nonEmpty: true }).map((shape) => {
      const targets = classesFor(shape);
      return { shapes: [shape], domains: [predictions], apply: (x: Tensor) => loss(x, targets) };
    }),
    { covers: [covers] },
  );

function classesFor(shape: Shape): Tensor {
  const leading = shape.slice(0, -1);
  const classes = shape[shape.length - 1];
  const indices = Int32Array.from({ length: sizeOf(leading) }, (_, i) => (i * 7 + 1) % classes);
  return core.tensor(indices, { shape: leading });
}

/** Scores of which the greatest, and the distances to a margin of 1, stay where they are for some way around. */
const scores: Domain = (random, size) => {
  const places = Float64Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const k = random.whole(0, i);
    [places[i], places[k]] = [places[k], places[i]];
  }
  return places.map((place) => place * 0.7 + 0.1);
};

export const lossRows: readonly Row[] = [
  lossRow("weighted meanSquaredError", losses.meanSquaredError, [smooth, smooth], {
    covers: ["losses.meanSquaredError"],
  }),
  lossRow("meanAbsoluteError", losses.meanAbsoluteError, [low, high]),
  lossRow("huber", (p, t, o) => losses.huber(p, t, o), [interval(-0.4, 0.4), interval(-0.4, 0.4)]),
  lossRow(
    "huber of outliers",
    (p, t, o) => losses.huber(p, t, { ...o, delta: 0.5 }),
    [interval(-2, -0.5), interval(0.5, 2)],
    { covers: ["losses.huber"] },
  ),
  lossRow("logCosh", losses.logCosh, [interval(-0.4, 0.4), interval(-0.4, 0.4)]),
  lossRow("logCosh of outliers", losses.logCosh, [interval(-3, -0.7), interval(0.7, 2)], {
    covers: ["losses.logCosh"],
  }),
  lossRow("binaryCrossEntropy", losses.binaryCrossEntropy, [probability, probability]),
  lossRow(
    "binaryCrossEntropy of a sigmoid",
    (p, t, o) => losses.binaryCrossEntropy(nn.sigmoid(p), t, { ...o, labelSmoothing: 0.2 }),
    [smooth, probability],
    { covers: ["losses.binaryCrossEntropy"] },
  ),
  lossRow("sigmoidBinaryCrossEntropy", losses.sigmoidBinaryCrossEntropy, [smooth, probability]),
  lossRow("hinge", losses.hinge, [oneOf([-3, -1.3], [-0.7, 0.7], [1.3, 3]), signed(0.999, 1.001)]),
  lossRow("squaredHinge", losses.squaredHinge, [
    oneOf([-3, -1.3], [-0.7, 0.7], [1.3, 3]),
    signed(0.999, 1.001),
  ]),
  lossRow("poisson", (p, t, o) => losses.poisson(p, t, o), [interval(0.4, 3), interval(0.2, 4)]),
  lossRow(
    "poisson of log rates",
    (p, t, o) => losses.poisson(p, t, { ...o, logRates: true }),
    [smooth, interval(0.2, 4)],
    { covers: ["losses.poisson"] },
  ),
  lossRow("klDivergence", losses.klDivergence, [probability, probability], { rows: true }),
  lossRow(
    "klDivergence of a softmax",
    (p, t, o) => losses.klDivergence(nn.softmax(p), t, o),
    [smooth, probability],
    { rows: true, covers: ["losses.klDivergence"] },
  ),
  lossRow("cosineDistance", losses.cosineDistance, [signed(0.5, 2), signed(0.5, 2)], { rows: true }),
  indexRow("categoricalHinge", losses.categoricalHinge, scores, "losses.categoricalHinge"),
  lossRow(
    "weighted softmaxCrossEntropy",
    (p, t, o) => losses.softmaxCrossEntropy(p, t, { ...o, labelSmoothing: 0.1 }),
    [smooth, probability],
    { rows: true, covers: ["losses.softmaxCrossEntropy"] },
  ),
  indexRow(
    "softmaxCrossEntropy of indices, smoothed",
    (p, t) => losses.softmaxCrossEntropy(p, t, { labelSmoothing: 0.1 }),
    smooth,
    "losses.softmaxCrossEntropy",
  ),
  lossRow(
    "weighted categoricalCrossEntropy",
    (p, t, o) => losses.categoricalCrossEntropy(p, t, { ...o, labelSmoothing: 0.1 }),
    [probability, probability],
    { rows: true, covers: ["losses.categoricalCrossEntropy"] },
  ),
  custom(
    "gaussianNegativeLogLikelihood",
    fc
      .tuple(shapes({ minRank: 1, nonEmpty: true }), fc.boolean(), fc.boolean())
      .map(([shape, one, full]) => ({
        shapes: [shape, shape, one ? [] : shape],
        domains: [smooth, smooth, interval(0.5, 2)],
        options: { one, full },
        apply: (p: Tensor, t: Tensor, variance: Tensor) =>
          losses.gaussianNegativeLogLikelihood(p, t, { variance, full }),
      })),
    { covers: ["losses.gaussianNegativeLogLikelihood"] },
  ),
];
