import { random, referenceEngine, setEngine, type Tensor, tensor } from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { explainPlan, wasmEngine } from "../src/index.ts";

/** Numbers whose sums are exact in any order. */
function whole(shape: readonly number[], seed: number): Tensor {
  setEngine(referenceEngine);
  const values = random.uniform(shape, { minval: -9, maxval: 10, seed }).floor().dataSync();
  return tensor(values, { shape });
}

function onBoth(make: () => Tensor): [number[], number[]] {
  setEngine(wasmEngine);
  const result = Array.from(make().dataSync());
  setEngine(referenceEngine);
  return [result, Array.from(make().dataSync())];
}

const OPERATIONS: Readonly<Record<string, (x: Tensor, axes: number | number[]) => Tensor>> = {
  sum: (x, axes) => x.sum(axes),
  max: (x, axes) => x.max(axes),
  min: (x, axes) => x.min(axes),
  all: (x, axes) => x.greater(-9).all(axes),
  any: (x, axes) => x.greater(8).any(axes),
  "sum of products": (x, axes) => x.mul(x).sub(1).sum(axes),
};

// Sizes at which strips, blocks and chunks begin and end, and those that no number of chunks divides.
describe.each([
  [[2048, 64], [0]],
  [[4099, 33], [0]],
  [[8192, 17], [0]],
  [[1600, 130], [0]],
  [[3000, 1], [0]],
  [[9, 2049], [0]],
  [[33, 40, 50], [0]],
  [
    [33, 40, 50],
    [0, 1],
  ],
  [[7, 300, 20], [1]],
  [
    [4, 5, 6, 1100],
    [0, 2],
  ],
  [
    [64, 256, 16],
    [0, 2],
  ],
  [
    [300, 300],
    [0, 1],
  ],
  [
    [130, 256],
    [0, 1],
  ],
  [
    [50, 60, 70],
    [0, 1, 2],
  ],
  [[40, 1000], [1]],
  [
    [3, 70000],
    [0, 1],
  ],
  [
    [2, 300, 400],
    [1, 2],
  ],
] as const)("reductions of %j along %j", (shape, axes) => {
  const x = whole(shape, shape[0]);
  test.each(Object.keys(OPERATIONS))("%s", (name) => {
    const [result, expected] = onBoth(() => OPERATIONS[name](x, [...axes]));
    expect(result).toEqual(expected);
  });

  test("sums of a transposed matrix, and two at once", () => {
    const y = whole(shape, 7);
    const turned = (): Tensor => x.transpose().sum(axes.map((axis) => shape.length - 1 - axis));
    const [result, expected] = onBoth(turned);
    expect(result).toEqual(expected);
    const both = (): Tensor =>
      x
        .mul(y)
        .sum([...axes])
        .sub(y.sum([...axes]).mul(2));
    const [second, secondExpected] = onBoth(both);
    expect(second).toEqual(secondExpected);
  });
});

test("float32 sums are as good as float64 sums that are rounded once", () => {
  for (const [shape, axes] of [
    [[100_000, 20], 0],
    [
      [2000, 1000],
      [0, 1],
    ],
    [[3_000_000], 0],
  ] as const) {
    setEngine(wasmEngine);
    const size = shape.reduce((product, n) => product * n, 1);
    const x = tensor(new Float32Array(size).fill(0.1), { shape });
    const sums = x.sum(typeof axes === "number" ? axes : [...axes]).dataSync();
    const exact = Math.fround((Math.fround(0.1) * size) / sums.length);
    for (const sum of sums) expect(Math.abs(sum - exact) / exact).toBeLessThan(1e-7);
  }
});

test("the sum of all elements of a matrix is made where its rows are", () => {
  setEngine(wasmEngine);
  const x = whole([400, 500], 1);
  setEngine(wasmEngine);
  const y = x.sub(x.mean(-1, { keepDims: true }));
  const kernels = explainPlan([y.mul(y).sum(), y.abs().max(-1)]).kernels.map(({ domain }) =>
    domain.join("x"),
  );
  expect(kernels).toEqual(["400x500", "400"]);
});
