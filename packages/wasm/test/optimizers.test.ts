/** Optimisers as plans: how many kernels a step takes, looked at through `explainPlan`. */
import { gradients, random, runtimeNumber, setEngine, type Tensor, tensor, variable } from "@cotangent/core";
import * as optim from "@cotangent/optim";
import { beforeAll, describe, expect, test } from "vitest";
import { explainPlan, type KernelReport, wasmEngine } from "../src/index.ts";

beforeAll(() => setEngine(wasmEngine));

const normal = (shape: readonly number[], seed: number): Tensor =>
  tensor(random.normal(shape, { seed }).dataSync(), { shape });

/** All that one step of a linear model writes: new weights, and what is remembered. */
function step(transformation: optim.Transformation): Tensor[] {
  const weights = [variable(normal([20, 16], 1)), variable(normal([16], 2))];
  const error = normal([32, 20], 3)
    .matmul(weights[0])
    .add(weights[1])
    .sub(normal([32, 16], 4));
  const found = gradients(error.square().mean(), weights);
  const rate = runtimeNumber(() => 0.01);
  const all = optim.chain(
    transformation,
    optim.scaleByLearningRate(() => rate),
  );
  const state = all
    .init(weights)
    .map((slots) =>
      Object.fromEntries(Object.entries(slots).map(([name, value]) => [name, variable(value)])),
    );
  const at: optim.AtStep = (value, dtype) => runtimeNumber(() => value(0), dtype);
  const [updates, after] = all.update(found, state, weights, at);
  return [...updates.map((update, i) => weights[i].add(update)), ...after.flatMap(Object.values)];
}

const kernelsOf = (transformation: optim.Transformation): readonly KernelReport[] =>
  explainPlan(step(transformation)).kernels;

/** Kernels that are more than a few numbers of the step. */
const large = (kernels: readonly KernelReport[]): string[] =>
  kernels.filter(({ domain }) => domain.some((size) => size > 1)).map(({ kind }) => kind);

describe("a step of an adaptive optimiser", () => {
  const momentum = large(kernelsOf(optim.trace({ momentum: 0.9 })));

  test.each<[string, () => optim.Transformation, number]>([
    ["scaleByAdam", () => optim.scaleByAdam(), 3],
    ["scaleByAdam with amsgrad", () => optim.scaleByAdam({ amsgrad: true }), 4],
    ["scaleByAdam with nesterov", () => optim.scaleByAdam({ nesterov: true }), 3],
    ["AdamW's chain", () => optim.chain(optim.scaleByAdam(), optim.addDecayedWeights(0.01)), 3],
    ["scaleByRms", () => optim.scaleByRms(), 2],
    ["scaleByRms, centered", () => optim.scaleByRms({ centered: true }), 3],
    ["scaleByAdagrad", () => optim.scaleByAdagrad(), 2],
  ])("%s has the kernels of momentum: all it writes is the epilogue of the gradient", (_, make, written) => {
    const kernels = kernelsOf(make());
    expect(large(kernels)).toEqual(momentum);
    const product = kernels.filter(({ kind }) => kind === "dot with epilogue").at(-1);
    // The weights and each moment, and nothing else: the gradient itself is stored nowhere.
    expect(product?.bytesWritten).toBe(written * 20 * 16 * 4);
  });

  test("clipByGlobalNorm adds no more than one pass for each gradient, which now is stored", () => {
    const clipped = kernelsOf(optim.chain(optim.clipByGlobalNorm(1), optim.scaleByAdam()));
    expect(large(clipped).length - momentum.length).toBeLessThanOrEqual(4);
  });
});
