import {
  add,
  checkpoint,
  customJvp,
  customVjp,
  einsum,
  exp,
  floor,
  linspace,
  log,
  logSoftmax,
  logsumexp,
  matmul,
  mean,
  mul,
  prod,
  random,
  reshape,
  scatterAdd,
  sigmoid,
  sin,
  softmax,
  sqrt,
  square,
  sum,
  type Tensor,
  take,
  tanh,
  transpose,
  where,
} from "@cotangent/core";
import type { Random } from "../../gradients/support/random.ts";
import { between, drawn, ordinary, spread, whole } from "../support/draws.ts";
import type { HardRow, Inputs } from "../support/rows.ts";

const vector: Inputs = (source) => [drawn(source, [3], ordinary)];

interface Layer {
  readonly w: Tensor;
  readonly b: Tensor;
}

const layer = (source: Random, n: number, m: number): Layer => ({
  w: drawn(source, [n, m], ordinary),
  b: drawn(source, [m], ordinary),
});

/** tanh, whose rule is written with what forward keeps. */
const squash = customVjp((x: Tensor) => tanh(x), {
  forward: (x: Tensor) => {
    const y = tanh(x);
    return [y, y];
  },
  backward: (y, ct) => [mul(ct, square(y).neg().add(1))],
});

/** log(1 + e^x) with a forward rule. */
const soft = customJvp((x: Tensor) => log(add(exp(x), 1)), {
  jvp: ([x], [dx]) => [log(add(exp(x), 1)), mul(dx, sigmoid(x))],
});

const piece = checkpoint((x: Tensor) => tanh(mul(x, 1.5)).add(exp(x)));

/** Graphs that are deep, large, or of unusual structure. */
export const structure: readonly HardRow[] = [
  {
    name: "deep-chain",
    hard: "a chain of 1,000 operations",
    f: (x: Tensor) => {
      let y = x;
      for (let i = 0; i < 500; i++) y = sin(y).add(0.9);
      return y;
    },
    inputs: (source) => [drawn(source, [2], ordinary)],
    weight: 8,
  },
  {
    name: "logistic-map",
    hard: "20 steps of a chaotic recurrence",
    f: (x: Tensor) => {
      let y = x;
      for (let i = 0; i < 20; i++) y = mul(mul(y, y.neg().add(1)), 3.7);
      return y;
    },
    inputs: (source) => [drawn(source, [2], between(0.1, 0.9))],
  },
  {
    name: "100000-inputs",
    hard: "100,000 inputs",
    f: (x: Tensor) => sum(sin(x)),
    inputs: (source) => [drawn(source, [100_000], ordinary)],
    weight: 20,
  },
  {
    name: "100000-inputs-of-all-scales",
    hard: "100,000 inputs between 10^-6 and 10^3",
    f: (x: Tensor) => logsumexp(mul(tanh(x), 3)),
    inputs: (source) => [drawn(source, [100_000], spread(-6, 3))],
    weight: 20,
  },
  {
    name: "many-outputs",
    hard: "500 outputs of 3 inputs",
    f: (x: Tensor) => sin(matmul(linspace(0, 5, 1500, { dtype: "float64" }).reshape([500, 3]), x)),
    inputs: vector,
    weight: 4,
  },
  {
    name: "rank-4",
    hard: "a tensor of rank 4, permuted and reduced",
    f: (x: Tensor) => sum(square(sin(transpose(x, [3, 1, 0, 2]))), [0, 2]),
    inputs: (source) => [drawn(source, [2, 1, 3, 2], ordinary)],
  },
  {
    name: "size-0",
    hard: "an empty tensor beside another",
    f: (x: Tensor, y: Tensor) => add(sum(x), sum(sin(y))),
    inputs: (source) => [drawn(source, [0, 3], ordinary), drawn(source, [2], ordinary)],
  },
  {
    name: "empty-result",
    hard: "a result without elements",
    f: (x: Tensor) => sin(x).slice(0, 0),
    inputs: vector,
  },
  {
    name: "scalar",
    hard: "a scalar of a scalar",
    f: (x: Tensor) => exp(sin(x)),
    inputs: (source) => [drawn(source, [], ordinary)],
  },
  {
    name: "constant-result",
    hard: "a result that does not depend on its input",
    f: (x: Tensor) => mul(x, 0).add(3),
    inputs: vector,
  },
  {
    name: "unused-argument",
    hard: "an argument that nothing uses",
    f: (x: Tensor, _: Tensor) => sin(x),
    inputs: (source) => [drawn(source, [3], ordinary), drawn(source, [2], ordinary)],
    options: { also: ["unused"] },
  },
  {
    name: "trees",
    hard: "trees of arguments and results",
    f: (layers: readonly Layer[], x: Tensor) => {
      const hidden = tanh(add(matmul(x, layers[0].w), layers[0].b));
      const out = add(matmul(hidden, layers[1].w), layers[1].b);
      return { loss: mean(square(out)), parts: [out, { hidden }] };
    },
    inputs: (source) => [[layer(source, 3, 2), layer(source, 2, 2)], drawn(source, [2, 3], ordinary)],
  },
  {
    name: "integers-beside",
    hard: "integer indices beside the floating argument",
    f: (x: Tensor, indices: Tensor) => square(take(x, indices)),
    inputs: (source) => [drawn(source, [4], ordinary), drawn(source, [5], whole(0, 3), "int32")],
    options: { order: 2 },
  },
  {
    name: "scatter-repeated",
    hard: "additions to places that repeat",
    f: (x: Tensor, indices: Tensor, y: Tensor) => square(scatterAdd(x, indices, y)),
    inputs: (source) => [
      drawn(source, [3], ordinary),
      drawn(source, [4], whole(0, 2), "int32"),
      drawn(source, [4], ordinary),
    ],
  },
  {
    name: "random-mask",
    hard: "dropout with a fixed key",
    f: (x: Tensor) => where(random.bernoulli([4], { p: 0.5, key: random.key(7) }), sin(x).mul(2), 0),
    inputs: (source) => [drawn(source, [4], ordinary)],
    options: { also: ["purity"] },
  },
  {
    name: "random-noise",
    hard: "noise with a fixed key, scaled by the input",
    f: (x: Tensor) => mul(x, random.normal([3], { key: random.key(3), dtype: "float64" })),
    inputs: vector,
    options: { also: ["purity"] },
  },
  {
    name: "right-vjp-rule",
    hard: "a right rule of customVjp",
    f: (x: Tensor) => squash(mul(x, 2)),
    inputs: vector,
    options: { order: 2 },
  },
  {
    name: "right-jvp-rule",
    hard: "a right rule of customJvp",
    f: (x: Tensor) => soft(mul(x, 2)),
    inputs: vector,
    options: { order: 2 },
  },
  {
    name: "right-vjp-rule-float32",
    hard: "a right rule of customVjp, in float32",
    f: (x: Tensor) => squash(mul(x, 2)),
    inputs: (source) => [drawn(source, [3], ordinary, "float32")],
    options: { order: 2 },
  },
  {
    name: "right-jvp-rule-float32",
    hard: "a right rule of customJvp, in float32",
    f: (x: Tensor) => soft(mul(x, 2)),
    inputs: (source) => [drawn(source, [3], ordinary, "float32")],
    options: { order: 2 },
  },
  {
    name: "checkpointed-float32",
    hard: "a part that is computed again in the backward pass, in float32",
    f: (x: Tensor) => mul(piece(x), x),
    inputs: (source) => [drawn(source, [3], ordinary, "float32")],
    options: { order: 2 },
  },
  {
    name: "attention",
    hard: "attention with a causal mask",
    f: (q: Tensor, k: Tensor, v: Tensor) => {
      const scores = matmul(q, transpose(k)).mul(0.5);
      return matmul(
        softmax(
          where(
            [
              [true, false],
              [true, true],
            ],
            scores,
            -1e9,
          ),
        ),
        v,
      );
    },
    inputs: (source) => [0, 1, 2].map(() => drawn(source, [2, 3], ordinary)),
  },
  {
    name: "einsum-chain",
    hard: "a chain of contractions",
    f: (a: Tensor, b: Tensor, c: Tensor) => einsum("ij,jk,kl->il", a, b, c),
    inputs: (source) => [0, 1, 2].map(() => drawn(source, [2, 2], ordinary)),
  },
  {
    name: "cross-entropy",
    hard: "the loss of a classifier that is almost certain",
    f: (x: Tensor, labels: Tensor) =>
      logSoftmax(x)
        .takeAlongAxis(reshape(labels, [2, 1]))
        .mean()
        .neg(),
    inputs: (source) => [drawn(source, [2, 3], between(-40, 40)), drawn(source, [2], whole(0, 2), "int32")],
  },
  {
    name: "shared-subgraph",
    hard: "a value used many times on different ways",
    f: (x: Tensor) => {
      let y = sin(x);
      for (let i = 0; i < 12; i++) y = mul(y, 0.5).add(mul(y, sin(y)));
      return y;
    },
    inputs: vector,
  },
  {
    name: "masked-sqrt",
    hard: "sqrt where x > 0, else 0: no NaN",
    f: (x: Tensor) => where(x.greater(0), sqrt(x), 0),
    inputs: vector,
    options: { also: ["maskedNaN"] },
  },
];

/** Second derivatives of what is hard at first order. */
export const second: readonly HardRow[] = [
  {
    name: "fast-sine-second",
    hard: "sin(100 x)",
    f: (x: Tensor) => sin(mul(x, 100)),
    inputs: vector,
    options: { order: 2 },
  },
  {
    name: "softmax-second",
    hard: "softmax",
    f: (x: Tensor) => softmax(mul(x, 3)),
    inputs: vector,
    options: { order: 2 },
  },
  {
    name: "prod-second",
    hard: "a product",
    f: (x: Tensor) => prod(x),
    inputs: vector,
    options: { order: 2 },
  },
  {
    name: "logsumexp-second",
    hard: "logsumexp",
    f: (x: Tensor) => logsumexp(mul(x, 5)),
    inputs: vector,
    options: { order: 2 },
  },
  {
    name: "rosenbrock-second",
    hard: "the Rosenbrock function, badly conditioned",
    f: (x: Tensor) => {
      const [a, b] = [x.slice(0, 1), x.slice(1, 2)];
      return sum(
        square(b.sub(square(a)))
          .mul(100)
          .add(square(a.neg().add(1))),
      );
    },
    inputs: (source) => [drawn(source, [2], ordinary)],
    options: { order: 2 },
  },
  {
    name: "floor-second",
    hard: "x^2 floor(3x), smooth between its jumps",
    f: (x: Tensor) => mul(square(x), floor(mul(x, 3))),
    inputs: vector,
    options: { order: 2 },
    kinks: true,
  },
  {
    name: "pole-second",
    hard: "1 / x near 0",
    f: (x: Tensor) => x.reciprocal(),
    inputs: (source) => [drawn(source, [2], spread(-4, -2))],
    options: { order: 2 },
  },
  {
    name: "sine-float32-second",
    hard: "sin(10 x) in float32",
    f: (x: Tensor) => sin(mul(x, 10)),
    inputs: (source) => [drawn(source, [3], ordinary, "float32")],
    options: { order: 2 },
  },
  {
    name: "network-second",
    hard: "a small network",
    f: (layers: readonly Layer[], x: Tensor) =>
      sum(square(add(matmul(tanh(add(matmul(x, layers[0].w), layers[0].b)), layers[1].w), layers[1].b))),
    inputs: (source) => [[layer(source, 2, 2), layer(source, 2, 1)], drawn(source, [1, 2], ordinary)],
    options: { order: 2 },
  },
];
