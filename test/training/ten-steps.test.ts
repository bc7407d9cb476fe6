import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile, gradients, type Tensor, tensor } from "@cotangent/core";
import { loadIdx } from "@cotangent/data";
import { Dense, losses, relu, Sequential, softmax } from "@cotangent/nn";
import { SGD } from "@cotangent/optim";
import { describe, expect, test } from "vitest";

// The numbers come from PyTorch: generate/ten_steps.py.
interface Step {
  readonly loss: number;
  readonly gradientNorms: readonly number[];
  readonly norms: readonly number[];
  readonly entries: readonly (readonly number[])[];
}
interface Reference {
  readonly seed: number;
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly steps: readonly Step[];
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const reference = JSON.parse(readFileSync(file("ten-steps.json"), "utf8")) as Reference;

/**
 * Both sides round every operation to float32 (2^-24 = 6e-8), PyTorch sums in float32 as well, and ten steps add up:
 * the largest difference seen is below 5e-7.
 */
const RELATIVE = 2e-6;

/** The generator of ten_steps.py: the upper 24 bits of a linear congruential generator, as numbers in [0, 1). */
function uniformSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

function demoNetwork(): Sequential {
  const next = uniformSource(reference.seed);
  const { sizes } = reference;
  const model = new Sequential(
    sizes.slice(1).map((units, i) => {
      const activation = i < sizes.length - 2 ? relu : softmax;
      return new Dense(sizes[i], units, { activation, seed: i });
    }),
  );
  for (const cell of model.variables()) {
    const values = new Float32Array(cell.size);
    if (cell.rank === 2) {
      const limit = Math.fround(Math.sqrt(6 / (cell.shape[0] + cell.shape[1])));
      values.forEach((_, i) => {
        values[i] = Math.fround(Math.fround(next() * 2 - 1) * limit);
      });
    }
    cell.assign(tensor(values, { shape: cell.shape }));
  }
  return model;
}

async function batches(): Promise<{ x: Tensor; y: Tensor }[]> {
  const folder = "../../examples/fashion-mnist/data";
  const images = await loadIdx(file(`${folder}/train-images-10k-idx3-ubyte.gz`));
  const labels = await loadIdx(file(`${folder}/train-labels-10k-idx1-ubyte.gz`));
  const { batch } = reference;
  return reference.steps.map((_, i) => ({
    x: images
      .slice(i * batch, (i + 1) * batch)
      .cast("float32")
      .reshape([batch, 784])
      .div(255),
    y: labels.slice(i * batch, (i + 1) * batch),
  }));
}

const norm = (x: Tensor): number => Math.hypot(...x.dataSync());

function expectClose(actual: number, expected: number, scale: number, what: string): void {
  expect(Math.abs(actual - expected), `${what}: ${actual} for ${expected}`).toBeLessThanOrEqual(
    RELATIVE * scale,
  );
}

function expectStep(model: Sequential, loss: number, gradientNorms: readonly number[], step: number): void {
  const expected = reference.steps[step];
  expectClose(loss, expected.loss, expected.loss, `loss of step ${step}`);
  model.variables().forEach((cell, i) => {
    const where = `${cell.name} ${i} after step ${step}`;
    if (gradientNorms.length > 0) {
      expectClose(
        gradientNorms[i],
        expected.gradientNorms[i],
        expected.gradientNorms[i],
        `gradient of ${where}`,
      );
    }
    expectClose(norm(cell), expected.norms[i], expected.norms[i], `norm of ${where}`);
    const values = cell.dataSync();
    const stride = Math.max(1, Math.floor(values.length / 7));
    expected.entries[i].forEach((value, k) => {
      expectClose(
        values[k * stride],
        value,
        Math.abs(value) + expected.norms[i] / Math.sqrt(values.length),
        where,
      );
    });
  });
}

describe("the first ten training steps of the demo network are PyTorch's", () => {
  test("in a plain loop", async () => {
    const model = demoNetwork();
    const optimizer = new SGD({ learningRate: 0.01, momentum: 0.9 });
    (await batches()).forEach(({ x, y }, step) => {
      const loss = losses.categoricalCrossEntropy(model.forward(x), y);
      const slopes = gradients(loss, model.variables());
      optimizer.apply(model.variables(), slopes);
      const value = loss.item();
      expectStep(model, value, slopes.map(norm), step);
    });
  });

  test("compiled", async () => {
    const model = demoNetwork();
    const optimizer = new SGD({ learningRate: 0.01, momentum: 0.9 });
    const train = compile((x: Tensor, y: Tensor) => {
      const loss = losses.categoricalCrossEntropy(model.forward(x), y);
      optimizer.minimize(loss, model);
      return loss;
    });
    (await batches()).forEach(({ x, y }, step) => {
      expectStep(model, train(x, y).item(), [], step);
    });
  });
});
