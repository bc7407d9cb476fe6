import type { Shape, Tensor } from "@cotangent/core";
import * as core from "@cotangent/core";
import * as nn from "@cotangent/nn";
import fc from "fast-check";
import { type Domain, interval } from "../support/domains.ts";
import type { Row, Setup } from "../support/row.ts";
import { broadcastable, shapes, sizeOf, whole } from "../support/shapes.ts";
import { custom, type Extras } from "./build.ts";

const smooth = interval(-2, 2);
const probability = interval(0.3, 1);
const float64 = { dtype: "float64" } as const;

/** A model as an operation of its input and of all its weights. */
export function modelSetup(model: nn.Module, inputShape: Shape, options?: unknown): Setup {
  const weights = [...model.namedVariables()];
  return {
    shapes: [inputShape, ...weights.map(([, { shape }]) => shape)],
    domains: [smooth, ...weights.map(() => smooth)],
    options,
    apply: (x, ...values) =>
      nn.functionalCall(model, new Map(weights.map(([path], i) => [path, values[i]])), x),
  };
}

const ACTIVATIONS = ["linear", "tanh", "sigmoid", "softmax", "relu"] as const;

/** Dense layers on inputs of any rank, with and without bias. */
const denseSetups = fc
  .tuple(shapes({ minRank: 1 }), whole(1, 3), fc.constantFrom(...ACTIVATIONS), fc.boolean())
  .map(([drawn, units, activation, useBias]) => {
    const shape = drawn.with(-1, Math.max(drawn[drawn.length - 1], 1));
    const model = new nn.Dense(shape[shape.length - 1], units, { ...float64, activation, useBias, seed: 1 });
    return modelSetup(model, shape, { units, activation, useBias });
  });

const sequentialSetups = fc.tuple(whole(1, 3), whole(0, 2), whole(1, 2)).map(([batch, rows, columns]) => {
  const model = nn.sequential({ inputShape: [rows + 1, columns], seed: 2 }, [
    nn.flatten(),
    nn.dense(3, { ...float64, activation: "tanh" }),
    nn.activation("sigmoid"),
    nn.dense(2, { ...float64, activation: nn.softmax }),
  ]);
  return modelSetup(model, [batch, rows + 1, columns]);
});

const flattenSetups = shapes({ minRank: 1 }).map((shape) => modelSetup(new nn.Flatten(), shape));

type Loss = (predictions: Tensor, targets: Tensor) => Tensor;

/** A loss as an operation of predictions and targets of one shape. */
const lossRow = (name: string, loss: Loss, predictions: Domain, targets: Domain, extras: Extras = {}): Row =>
  custom(
    name,
    shapes({ minRank: 1, nonEmpty: true }).map((shape) => ({
      shapes: [shape, shape],
      domains: [predictions, targets],
      apply: loss,
    })),
    {
      ...extras,
      aliased: shapes({ minRank: 1, nonEmpty: true }).map((shape) => ({
        shapes: [shape],
        domains: [predictions],
        apply: (x: Tensor) => loss(x, x),
      })),
    },
  );

/** A loss whose targets are class indices. */
const indexRow = (name: string, loss: Loss, predictions: Domain, extras: Extras): Row =>
  custom(
    name,
    shapes({ minRank: 1, nonEmpty: true }).map((shape) => {
      const leading = shape.slice(0, -1);
      const classes = shape[shape.length - 1];
      const indices = Int32Array.from({ length: sizeOf(leading) }, (_, i) => (i * 7 + 1) % classes);
      const targets = core.tensor(indices, { shape: leading });
      return { shapes: [shape], domains: [predictions], apply: (x: Tensor) => loss(x, targets) };
    }),
    extras,
  );

/** Weights of every initialiser, [3, ...shape] or a scalar. */
function initialised(shape: Shape): Tensor[] {
  const { constant, identity, normal, truncatedNormal, uniform, varianceScaling, ...plain } = nn.initializers;
  const options = { ...float64, seed: 5 };
  const ofOptions = [
    constant(0.5),
    normal(),
    truncatedNormal(),
    uniform(),
    varianceScaling({ mode: "fanOut" }),
  ];
  return [
    ...[...Object.values(plain), ...ofOptions].map((make) => make([3, ...shape, 2], options).sum(-1)),
    identity({ gain: 2 })([2, 3], options).sum(),
  ];
}

/** A layer that drops the same elements at every call: in evaluation, and in training with a key. */
const dropoutSetups = fc
  .tuple(shapes(), fc.constantFrom(0, 0.5, 1), fc.boolean())
  .map(([shape, rate, training]) => ({
    shapes: [shape],
    domains: [smooth],
    options: { rate, training },
    apply: (x: Tensor) => {
      const layer = new nn.Dropout(rate, { seed: 3 });
      return (training ? layer : layer.eval()).forward(x).mul(x);
    },
  }));

const { meanSquaredError, softmaxCrossEntropy, categoricalCrossEntropy } = nn.losses;

/** Layers and losses. */
export const nnRows: readonly Row[] = [
  custom("Dense", denseSetups),
  custom("Flatten", flattenSetups),
  custom("Dropout", dropoutSetups),
  custom(
    "LayerNorm",
    fc.tuple(shapes({ minRank: 1, nonEmpty: true }), whole(1, 2)).map(([shape, axes]) => {
      const sizes = shape.slice(-axes);
      return modelSetup(new nn.LayerNorm(sizes, { ...float64, epsilon: 0.5 }), shape, { sizes });
    }),
    { covers: ["LayerNorm"] },
  ),
  custom(
    "LayerNorm in a model",
    whole(1, 3).map((batch) =>
      modelSetup(nn.sequential({ inputShape: [3] }, [nn.layerNorm({ ...float64, epsilon: 0.5 })]), [
        batch,
        3,
      ]),
    ),
    { covers: ["layerNorm"] },
  ),
  custom(
    "Dropout in a model",
    fc.boolean().map((training) => {
      const model = nn.sequential({ inputShape: [4], seed: 3 }, [nn.dense(3, float64), nn.dropout(0)]);
      return modelSetup(training ? model : model.eval(), [2, 4]);
    }),
    { covers: ["dropout"] },
  ),
  custom("Sequential", sequentialSetups, {
    covers: ["Sequential", "sequential", "dense", "flatten", "activation", "Activation", "functionalCall"],
  }),
  lossRow("meanSquaredError", meanSquaredError, smooth, smooth, { covers: ["losses.meanSquaredError"] }),
  lossRow("softmaxCrossEntropy", softmaxCrossEntropy, smooth, probability, {
    covers: ["losses.softmaxCrossEntropy"],
  }),
  indexRow("softmaxCrossEntropy of indices", softmaxCrossEntropy, smooth, {
    covers: ["losses.softmaxCrossEntropy"],
  }),
  lossRow("categoricalCrossEntropy", categoricalCrossEntropy, probability, probability, {
    covers: ["losses.categoricalCrossEntropy"],
  }),
  indexRow("categoricalCrossEntropy of indices", categoricalCrossEntropy, probability, {
    covers: ["losses.categoricalCrossEntropy"],
  }),
  lossRow(
    "categoricalCrossEntropy of a softmax",
    (x, targets) => categoricalCrossEntropy(nn.softmax(x), targets),
    smooth,
    probability,
    { covers: ["losses.categoricalCrossEntropy", "softmax"] },
  ),
  custom(
    "initialisers beside an argument",
    broadcastable(1, { minRank: 2, nonEmpty: true }).map(([shape]) => ({
      shapes: [shape],
      domains: [smooth],
      apply: (x) =>
        initialised(x.shape)
          .map((weights) => x.mul(weights))
          .reduce((total, term) => total.add(term)),
    })),
    { covers: Object.keys(nn.initializers).map((name) => `initializers.${name}`) },
  ),
];
