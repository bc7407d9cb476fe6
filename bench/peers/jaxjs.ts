/**
 * jax-js with its WebAssembly backend, everything under its `jit`. It counts references by hand: a function consumes its
 * arguments, `.ref` keeps one for another use.
 */

import { readFileSync } from "node:fs";
import { blockUntilReady, grad, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import * as data from "./data.ts";
import { serve } from "./serve.ts";
import { fingerprint, type Workload } from "./workload.ts";

// It asks the browser what it can do; Node before 21 has no `navigator`.
(globalThis as { navigator?: unknown }).navigator ??= {};
await init("wasm");

type Floats = Float32Array | Float64Array;
const array = (values: Floats, shape: number[]): np.Array =>
  np.array(values as Float32Array<ArrayBuffer>, { shape });

/** Runs a function of arrays again and again; what it gives is disposed before the next time. */
function repeated(f: () => np.Array[]): Workload {
  let last: np.Array[] = [];
  return {
    async iterate() {
      for (const one of last) one.dispose();
      last = f();
      await blockUntilReady(last);
    },
    result: async () => {
      const all = await Promise.all(last.map((one) => one.ref.data()));
      return all.flatMap((values) =>
        values.length === 1 ? [Number(values[0])] : fingerprint(values as Floats),
      );
    },
  };
}

/** The mean over the rows of [rows, classes]; the targets are one-hot. */
function crossEntropy(logits: np.Array, targets: np.Array): np.Array {
  const rows = logits.shape[0];
  return nn
    .logSoftmax(logits, -1)
    .mul(targets)
    .sum()
    .mul(-1 / rows);
}

type Layer = { kernel: np.Array; bias: np.Array };

function networkLoss(layers: Layer[], x: np.Array, y: np.Array): np.Array {
  const logits = layers.reduce((input, { kernel, bias }, i) => {
    const sum = np.matmul(input, kernel).add(bias);
    return i < layers.length - 1 ? nn.relu(sum) : sum;
  }, x);
  return crossEntropy(logits, y);
}

const file = new URL("../package.json", import.meta.resolve("@jax-js/jax"));

await serve({
  version: (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version,
  note: "WebAssembly; its threads need a browser's Worker",
  workloads: {
    mlp(work) {
      const { x: examples, labels, layers } = data.mlpData(work);
      const count = work.sizes[work.sizes.length - 1];
      const x = array(examples, [work.batch, work.sizes[0]]);
      const y = array(data.oneHot(labels, count), [work.batch, count]);
      let weights: Layer[] = layers.map(({ kernel, bias, inputs, units }) => ({
        kernel: array(kernel, [inputs, units]),
        bias: array(bias, [units]),
      }));
      let velocities: Layer[] = tree.map((one: np.Array) => np.zerosLike(one.ref), weights) as Layer[];
      const step = jit((weights: Layer[], velocities: Layer[], x: np.Array, y: np.Array) => {
        const [loss, gradients] = valueAndGrad(networkLoss)(tree.ref(weights), x, y);
        const next = tree.map(
          (velocity: np.Array, gradient: np.Array) => velocity.mul(work.momentum).add(gradient),
          velocities,
          gradients as Layer[],
        ) as Layer[];
        const moved = tree.map(
          (weight: np.Array, velocity: np.Array) => weight.sub(velocity.mul(work.learningRate)),
          weights,
          tree.ref(next),
        ) as Layer[];
        return [loss, moved, next] as [np.Array, Layer[], Layer[]];
      });
      let last = Number.NaN;
      return {
        async iterate() {
          const [loss, moved, next] = step(weights, velocities, x.ref, y.ref);
          [weights, velocities] = [moved, next];
          await blockUntilReady([moved, next]);
          last = Number((await loss.data())[0]);
        },
        result: () => [last],
      };
    },
    elementwiseGrad(work) {
      const x = array(data.elementwiseGradData(work).x, [work.size]);
      const f = (x: np.Array) => {
        const product = np.sin(x.ref).mul(np.exp(np.square(x.ref).neg()));
        return product.add(np.tanh(x)).sum();
      };
      const g = jit(grad(f));
      return repeated(() => [g(x.ref)]);
    },
    crossEntropyGrad(work) {
      const { logits, labels } = data.crossEntropyGradData(work);
      const shape = [work.rows, work.classes];
      const [x, y] = [array(logits, shape), array(data.oneHot(labels, work.classes), shape)];
      const g = jit(grad(crossEntropy));
      return repeated(() => [g(x.ref, y.ref)]);
    },
    matmul(work) {
      const values = data.matmulData(work);
      const shape = [work.size, work.size];
      const [a, b] = [array(values.a, shape), array(values.b, shape)];
      const f = jit((a: np.Array, b: np.Array) => np.matmul(a, b));
      return repeated(() => [f(a.ref, b.ref)]);
    },
    layerNorm(work) {
      const { rows, columns } = work;
      const values = data.layerNormData(work);
      const [x, target] = [values.x, values.target].map((one) => array(one, [rows, columns]));
      const [scale, shift] = [values.scale, values.shift].map((one) => array(one, [columns]));
      const f = (x: np.Array, scale: np.Array, shift: np.Array, target: np.Array) => {
        return nn.standardize(x, -1).mul(scale).add(shift).mul(target).sum();
      };
      const g = jit(valueAndGrad(f, { argnums: [0, 1, 2] }));
      return repeated(() => {
        const [value, slopes] = g(x.ref, scale.ref, shift.ref, target.ref);
        return [value, ...slopes];
      });
    },
    attention(work) {
      const { heads, length, depth } = work;
      const values = data.attentionData(work);
      const all = [values.q, values.k, values.v, values.target];
      const [q, k, v, target] = all.map((one) => array(one, [heads, length, depth]));
      const f = (q: np.Array, k: np.Array, v: np.Array, target: np.Array) => {
        const scores = np.matmul(q, np.transpose(k, [0, 2, 1])).mul(1 / Math.sqrt(depth));
        return np.matmul(nn.softmax(scores, -1), v).mul(target).sum();
      };
      const g = jit(valueAndGrad(f, { argnums: [0, 1, 2] }));
      return repeated(() => {
        const [value, slopes] = g(q.ref, k.ref, v.ref, target.ref);
        return [value, ...slopes];
      });
    },
    addChain(work) {
      const values = data.addChainData(work);
      const [x, c] = [array(values.x, [work.size]), array(values.c, [work.size])];
      const f = jit((x: np.Array, c: np.Array) => {
        let sum = x;
        for (let i = 0; i < work.length; i++) sum = sum.add(c.ref);
        c.dispose();
        return sum;
      });
      return repeated(() => [f(x.ref, c.ref)]);
    },
  },
});
