/**
 * Cotangent, the way its users write it. With the argument `loop` nothing is compiled: the same functions run as plain
 * loops, whose graphs are built anew in each iteration and meet the plan cache.
 */

import {
  compile,
  conv2d,
  Dense,
  evaluate,
  getEngine,
  grad,
  losses,
  maxPool,
  relu,
  Sequential,
  SGD,
  scan,
  softmax,
  type Tensor,
  type TypedArray,
  tensor,
  VERSION,
  valueAndGrad,
  variable,
  zeros,
} from "cotangent";
import type { CnnWork, LayerNormWork, MlpWork } from "../lines/line.ts";
import * as data from "./data.ts";
import { serve } from "./serve.ts";
import { fingerprint, type Workload } from "./workload.ts";

const compiled = process.argv[2] !== "loop";

/** The function as the peer runs it. */
function prepared<A extends readonly unknown[], R>(f: (...args: A) => R): (...args: A) => R {
  return compiled ? compile(f) : f;
}

/** Runs a function of tensors again and again; its results are evaluated, and compared by their fingerprints. */
function repeated(f: () => readonly Tensor[]): Workload {
  let last: readonly Tensor[] = [];
  return {
    iterate() {
      last = f();
      evaluate(...last);
    },
    result: () => last.flatMap((one) => (one.size === 1 ? [one.item()] : fingerprint(one.dataSync()))),
  };
}

function mlp(work: MlpWork): Workload {
  const { x: examples, labels, layers } = data.mlpData(work);
  const last = layers.length - 1;
  const model = new Sequential(
    layers.map(({ inputs, units }, i) => {
      return new Dense(inputs, units, { activation: i < last ? relu : undefined });
    }),
  );
  layers.forEach(({ kernel, inputs, units }, i) => {
    const layer = model.layers[i] as Dense;
    layer.kernel.assign(tensor(kernel, { shape: [inputs, units] }));
  });
  const { learningRate, momentum } = work;
  const optimizer = new SGD({ learningRate, momentum });
  const x = tensor(examples, { shape: [work.batch, work.sizes[0]] });
  const y = tensor(labels);
  const step = prepared((x: Tensor, y: Tensor) => {
    const loss = losses.softmaxCrossEntropy(model.forward(x), y);
    optimizer.minimize(loss, model);
    return loss;
  });
  let loss = Number.NaN;
  return {
    iterate() {
      loss = step(x, y).item();
    },
    result: () => [loss],
  };
}

function cnn(work: CnnWork): Workload {
  const { x: examples, labels, convolutions, dense } = data.cnnData(work);
  const { learningRate, momentum, size, channels, batch, classes } = work;
  const layers = convolutions.map(({ inputs, outputs, kernel, bias }) => ({
    kernel: variable(tensor(kernel, { shape: [3, 3, inputs, outputs] })),
    bias: variable(tensor(bias)),
  }));
  const kernel = variable(tensor(dense.kernel, { shape: [dense.inputs, classes] }));
  const bias = variable(tensor(dense.bias));
  const weights = [...layers.flatMap((layer) => [layer.kernel, layer.bias]), kernel, bias];
  const optimizer = new SGD({ learningRate, momentum });
  const x = tensor(examples, { shape: [batch, size, size, channels[0]] });
  const y = tensor(labels);
  const step = prepared((x: Tensor, y: Tensor) => {
    let h: Tensor = x;
    for (const layer of layers) {
      h = maxPool(relu(conv2d(h, layer.kernel, { padding: "same" }).add(layer.bias)), 2);
    }
    const logits = h.reshape([batch, dense.inputs]).matmul(kernel).add(bias);
    const loss = losses.softmaxCrossEntropy(logits, y);
    optimizer.minimize(loss, weights);
    return loss;
  });
  let loss = Number.NaN;
  return {
    iterate() {
      loss = step(x, y).item();
    },
    result: () => [loss],
  };
}

function layerNormValue(x: Tensor, scale: Tensor, shift: Tensor, target: Tensor): Tensor {
  const centred = x.sub(x.mean(-1, { keepDims: true }));
  const variance = centred.square().mean(-1, { keepDims: true });
  return centred.div(variance.add(1e-5).sqrt()).mul(scale).add(shift).mul(target).sum();
}

function layerNorm(work: LayerNormWork): Workload {
  const { rows, columns } = work;
  const values = data.layerNormData(work);
  const [x, target] = [values.x, values.target].map((one) => tensor(one, { shape: [rows, columns] }));
  const [scale, shift] = [tensor(values.scale), tensor(values.shift)];
  const f = prepared(valueAndGrad(layerNormValue, { argnums: [0, 1, 2] }));
  return repeated(() => {
    const [value, slopes] = f(x, scale, shift, target);
    return [value, ...slopes];
  });
}

function attentionValue(q: Tensor, k: Tensor, v: Tensor, target: Tensor): Tensor {
  const scores = q.matmul(k.transpose([0, 2, 1])).div(Math.sqrt(q.shape[2]));
  return softmax(scores, -1).matmul(v).mul(target).sum();
}

function recurrentValue(w: Tensor, x: Tensor): Tensor {
  const step = (h: Tensor, row: Tensor): [Tensor, Tensor] => {
    const next = w.matmul(h).add(row).tanh();
    return [next, next.square().sum()];
  };
  return scan(step, zeros([w.shape[0]]), x)[1].mean();
}

await serve({
  version: VERSION,
  note: `the engine is ${getEngine().name}`,
  workloads: {
    mlp,
    cnn,
    layerNorm,
    recurrent(work) {
      const { units, steps } = work;
      const values = data.recurrentData(work);
      const w = tensor(values.w, { shape: [units, units] });
      const x = tensor(values.x, { shape: [steps, units] });
      const f = prepared(valueAndGrad(recurrentValue));
      return repeated(() => {
        const [value, slope] = f(w, x);
        return [value, slope];
      });
    },
    elementwiseGrad(work) {
      const x = tensor(data.elementwiseGradData(work).x);
      const f = prepared(grad((x: Tensor) => x.sin().mul(x.square().neg().exp()).add(x.tanh()).sum()));
      return repeated(() => [f(x)]);
    },
    crossEntropyGrad(work) {
      const { logits: values, labels } = data.crossEntropyGradData(work);
      const [logits, y] = [tensor(values, { shape: [work.rows, work.classes] }), tensor(labels)];
      const f = prepared(grad((logits: Tensor, y: Tensor) => losses.softmaxCrossEntropy(logits, y)));
      return repeated(() => [f(logits, y)]);
    },
    matmul(work) {
      const values = data.matmulData(work);
      const matrix = (one: TypedArray) => tensor(one, { shape: [work.size, work.size] });
      const [a, b] = [matrix(values.a), matrix(values.b)];
      const f = prepared((a: Tensor, b: Tensor) => a.matmul(b));
      return repeated(() => [f(a, b)]);
    },
    attention(work) {
      const shape = [work.heads, work.length, work.depth];
      const { q, k, v, target } = data.attentionData(work);
      const args = [q, k, v, target].map((one) => tensor(one, { shape }));
      const f = prepared(valueAndGrad(attentionValue, { argnums: [0, 1, 2] }));
      return repeated(() => {
        const [value, slopes] = f(args[0], args[1], args[2], args[3]);
        return [value, ...slopes];
      });
    },
    addChain(work) {
      const values = data.addChainData(work);
      const [x, c] = [tensor(values.x), tensor(values.c)];
      const f = prepared((x: Tensor, c: Tensor) => {
        let sum: Tensor = x;
        for (let i = 0; i < work.length; i++) sum = sum.add(c);
        return sum;
      });
      return repeated(() => [f(x, c)]);
    },
  },
});
