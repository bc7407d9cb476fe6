/**
 * TensorFlow.js with its WebAssembly backend, as it sets itself up: SIMD; threads it uses in browsers only. The core and
 * the backend are what `@tensorflow/tfjs` re-exports for this; the umbrella's other backends are left out.
 */

import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs";
import * as data from "./data.ts";
import { serve } from "./serve.ts";
import { fingerprint, Unsupported, type Workload } from "./workload.ts";

await tf.setBackend("wasm");
await tf.ready();

/** Runs a function of tensors again and again; what it gives is disposed before the next time. */
function repeated(f: () => tf.Tensor[]): Workload {
  let last: tf.Tensor[] = [];
  return {
    iterate() {
      tf.dispose(last);
      last = tf.tidy(f);
    },
    result: () =>
      last.flatMap((one) => {
        const values = one.dataSync();
        return one.size === 1 ? [values[0]] : fingerprint(values);
      }),
  };
}

/** The mean over the rows of [rows, classes] (tf.losses.softmaxCrossEntropy, without its checks of weights). */
function crossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  return tf.losses.softmaxCrossEntropy(targets, logits) as tf.Scalar;
}

const { version_core: version } = tf;
const simd = (await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")) ? "with" : "without";
const threads = (await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT")) ? "threads" : "one thread";

await serve({
  version,
  note: `WebAssembly ${simd} SIMD, ${threads}`,
  workloads: {
    mlp(work) {
      const { x: examples, labels, layers } = data.mlpData(work);
      const x = tf.tensor2d(examples, [work.batch, work.sizes[0]]);
      const count = work.sizes[work.sizes.length - 1];
      const y = tf.tensor2d(data.oneHot(labels, count), [work.batch, count]);
      const cells = layers.map(({ kernel, bias, inputs, units }) => ({
        kernel: tf.variable(tf.tensor2d(kernel, [inputs, units])),
        bias: tf.variable(tf.tensor1d(bias)),
      }));
      const optimizer = tf.train.momentum(work.learningRate, work.momentum);
      const loss = () => {
        let h: tf.Tensor = x;
        cells.forEach(({ kernel, bias }, i) => {
          const activation = i < cells.length - 1 ? "relu" : "linear";
          h = tf.fused.matMul({ a: h, b: kernel, bias, activation });
        });
        return crossEntropy(h, y);
      };
      let last = Number.NaN;
      return {
        iterate() {
          const cost = optimizer.minimize(loss, true);
          last = cost?.dataSync()[0] ?? Number.NaN;
          cost?.dispose();
        },
        result: () => [last],
      };
    },
    elementwiseGrad(work) {
      const x = tf.tensor1d(data.elementwiseGradData(work).x);
      const f = tf.grad((x) => {
        const product = tf.mul(tf.sin(x), tf.exp(tf.neg(tf.square(x))));
        return tf.sum(tf.add(product, tf.tanh(x)));
      });
      return repeated(() => [f(x)]);
    },
    crossEntropyGrad(work) {
      const { logits, labels } = data.crossEntropyGradData(work);
      const shape: [number, number] = [work.rows, work.classes];
      const x = tf.tensor2d(logits, shape);
      const y = tf.tensor2d(data.oneHot(labels, work.classes), shape);
      const f = tf.grad((x) => crossEntropy(x, y));
      return repeated(() => [f(x)]);
    },
    matmul(work) {
      if (work.dtype !== "float32") throw new Unsupported(work.dtype);
      const values = data.matmulData(work);
      const [a, b] = [values.a, values.b].map((one) => {
        return tf.tensor2d(one as Float32Array, [work.size, work.size]);
      });
      return repeated(() => [tf.matMul(a, b)]);
    },
    layerNorm(work) {
      const values = data.layerNormData(work);
      const [x, target] = [values.x, values.target].map((one) => tf.tensor2d(one, [work.rows, work.columns]));
      const f = tf.valueAndGrads((...args: tf.Tensor[]) => {
        const [x, scale, shift] = args;
        const { mean, variance } = tf.moments(x, -1, true);
        const standard = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
        return tf.sum(tf.mul(tf.add(tf.mul(standard, scale), shift), target));
      });
      const args = [x, tf.tensor1d(values.scale), tf.tensor1d(values.shift)];
      return repeated(() => {
        const { value, grads } = f(args);
        return [value, ...grads];
      });
    },
    attention(work) {
      const { q, k, v, target } = data.attentionData(work);
      const shape: [number, number, number] = [work.heads, work.length, work.depth];
      const [t, ...args] = [target, q, k, v].map((one) => tf.tensor3d(one, shape));
      const f = tf.valueAndGrads((...args: tf.Tensor[]) => {
        const [q, k, v] = args;
        const scores = tf.div(tf.matMul(q, k, false, true), Math.sqrt(work.depth));
        return tf.sum(tf.mul(tf.matMul(tf.softmax(scores), v), t));
      });
      return repeated(() => {
        const { value, grads } = f(args);
        return [value, ...grads];
      });
    },
    addChain(work) {
      const values = data.addChainData(work);
      const [x, c] = [tf.tensor1d(values.x), tf.tensor1d(values.c)];
      return repeated(() => {
        let sum: tf.Tensor = x;
        for (let i = 0; i < work.length; i++) sum = tf.add(sum, c);
        return [sum];
      });
    },
  },
});
