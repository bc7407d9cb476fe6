/**
 * ONNX Runtime on the CPU. It runs models and differentiates nothing, so it takes part where the model can be written
 * down: training steps with their backward pass (`onnx/trainingStep.ts`) and products of matrices.
 */

import { env, InferenceSession, Tensor } from "onnxruntime-node";
import * as data from "./data.ts";
import { layerShapes, layerValues, matrixProduct, trainingStep } from "./onnx/trainingStep.ts";
import { serve } from "./serve.ts";
import { fingerprint } from "./workload.ts";

const THREADS = 2;
type Values = Record<string, Tensor>;

function session(model: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(model, { intraOpNumThreads: THREADS, interOpNumThreads: 1 });
}

await serve({
  version: env.versions.node ?? env.versions.common,
  note: "the backward pass is written by hand",
  workloads: {
    mlp(work) {
      const { x, labels, layers } = data.mlpData(work);
      const count = work.sizes[work.sizes.length - 1];
      const examples = {
        x: new Tensor(x, [work.batch, work.sizes[0]]),
        y: new Tensor(data.oneHot(labels, count), [work.batch, count]),
      };
      // Two sets of weights and velocities take turns: each step reads one and is given the other to write into.
      const names = layers.flatMap((_, i) => layerValues(i));
      const shapes = layers.flatMap((_, i) => layerShapes(work, i));
      const zeros = () => shapes.map((shape) => new Float32Array(shape.reduce((a, b) => a * b, 1)));
      const first = zeros();
      layers.forEach(({ kernel }, i) => {
        first[4 * i].set(kernel);
      });
      const sets = [first, zeros()].map((set) => {
        const tensors = set.map((values, k) => new Tensor(values, shapes[k]));
        const loss = new Tensor(new Float32Array(1), []);
        return {
          read: { ...examples, ...Object.fromEntries(names.map((name, k) => [name, tensors[k]])) } as Values,
          write: {
            loss,
            ...Object.fromEntries(names.map((name, k) => [`${name}.next`, tensors[k]])),
          } as Values,
        };
      });
      let opened: InferenceSession | undefined;
      let steps = 0;
      let last = Number.NaN;
      return {
        async iterate() {
          opened ??= await session(trainingStep(work));
          const [from, to] = [sets[steps % 2], sets[(steps + 1) % 2]];
          const { loss } = await opened.run(from.read, to.write);
          last = (loss.data as Float32Array)[0];
          steps++;
        },
        result: () => [last],
      };
    },
    matmul(work) {
      const values = data.matmulData(work);
      const shape = [work.size, work.size];
      const feeds = {
        a: new Tensor(work.dtype, values.a, shape),
        b: new Tensor(work.dtype, values.b, shape),
      };
      const c = new Tensor(work.dtype, values.a.slice(), shape);
      let opened: InferenceSession | undefined;
      return {
        async iterate() {
          opened ??= await session(matrixProduct(work.size, work.dtype));
          await opened.run(feeds, { c });
        },
        result: () => fingerprint(c.data as Float32Array | Float64Array),
      };
    },
  },
});
