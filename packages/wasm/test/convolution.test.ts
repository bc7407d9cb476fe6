/** Convolutions and windows: the wasm engine beside the reference engine, its plans, its threads. */
import {
  averagePool,
  type ConvOptions,
  conv,
  conv2d,
  evaluate,
  gradients,
  maxPool,
  mul,
  type PoolOptions,
  random,
  reduceWindow,
  referenceEngine,
  relu,
  setEngine,
  type Tensor,
  tensor,
  variable,
} from "@cotangent/core";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { createWasmEngine, explainPlan, wasmEngine } from "../src/index.ts";

afterEach(() => setEngine(wasmEngine));

type Values = Parameters<typeof tensor>[0];
type Build = (leaf: (shape: readonly number[], seed: number) => Tensor) => Tensor[];

/** What a graph computes on an engine; leaves are the same numbers on all of them. */
function computed(
  build: Build,
  engine: typeof referenceEngine,
  dtype: "float32" | "float64",
): Float64Array[] {
  setEngine(engine);
  const leaf = (shape: readonly number[], seed: number): Tensor => {
    const values = new Float64Array(shape.reduce((size, n) => size * n, 1));
    let state = 2 * seed + 1;
    for (let i = 0; i < values.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      // Few different values, so that windows have equal elements.
      values[i] = ((state >>> 20) % 41) / 20 - 1;
    }
    return tensor(values as Values, { shape, dtype });
  };
  const results = build(leaf);
  evaluate(...results);
  return results.map((one) => Float64Array.from(one.dataSync()));
}

function expectSame(build: Build, dtype: "float32" | "float64" = "float32"): void {
  const [expected, found] = [referenceEngine, wasmEngine].map((engine) => computed(build, engine, dtype));
  const allowed = dtype === "float32" ? 3e-5 : 1e-13;
  expected.forEach((values, i) => {
    expect(found[i].length).toBe(values.length);
    const scale = Math.max(1, ...values.map(Math.abs));
    const worst = values.reduce((most, value, k) => Math.max(most, Math.abs(value - found[i][k])), 0);
    expect(worst / scale, `result ${i}`).toBeLessThan(allowed);
  });
}

/** A convolution and its gradients, weighed so that no two elements count the same. */
const withGradients =
  (xShape: readonly number[], wShape: readonly number[], options: ConvOptions): Build =>
  (leaf) => {
    const [x, w] = [leaf(xShape, 1), leaf(wShape, 2)];
    const y = conv(x, w, options);
    return [y, ...gradients(mul(y, leaf(y.shape, 3)).sum(), [x, w])];
  };

const spatial = fc.integer({ min: 1, max: 3 });
const channelCounts = fc.constantFrom(1, 2, 3, 5, 8, 9, 16, 20);

/** A convolution that fits, of up to three axes. */
const problems = fc
  .record({
    axes: spatial,
    batch: fc.integer({ min: 0, max: 3 }),
    groups: fc.constantFrom(1, 1, 1, 2, 5),
    inputs: channelCounts,
    outputs: channelCounts,
    seed: fc.array(fc.nat(1000), { minLength: 24, maxLength: 24 }),
    isLast: fc.boolean(),
    isDouble: fc.boolean(),
  })
  .map(({ axes, batch, groups, inputs, outputs, seed, isLast, isDouble }) => {
    const pick = (i: number, n: number): number => seed[i] % n;
    const each = (make: (i: number) => number): number[] => Array.from({ length: axes }, (_, i) => make(i));
    const kernel = each((i) => 1 + pick(i, 4));
    const dilation = each((i) => 1 + (pick(3 + i, 4) === 0 ? 1 : 0));
    const strides = each((i) => 1 + (pick(6 + i, 3) === 0 ? 1 + pick(9 + i, 2) : 0));
    const padding = each((i) => i).map((i): [number, number] => [pick(12 + i, 3), pick(15 + i, 3)]);
    const limit = [20, 12, 6][axes - 1];
    const sizes = each((i) => (kernel[i] - 1) * dilation[i] + 1 + pick(18 + i, limit));
    const depth = groups > 2 ? 1 : Math.min(inputs, 24 / axes);
    const channels = Math.floor(depth) * groups;
    const outs = Math.min(outputs, 24 / axes) * groups;
    const x = isLast ? [batch, ...sizes, channels] : [batch, channels, ...sizes];
    const w = isLast ? [...kernel, channels / groups, outs] : [outs, channels / groups, ...kernel];
    const dataFormat = isLast ? ("channelsLast" as const) : ("channelsFirst" as const);
    const options: ConvOptions = { strides, dilation, padding, groups, dataFormat };
    return { x, w, options, dtype: isDouble ? ("float64" as const) : ("float32" as const) };
  });

describe("convolutions and their gradients", () => {
  test("of any shape are those of the reference engine", () => {
    fc.assert(
      fc.property(problems, ({ x, w, options, dtype }) => expectSame(withGradients(x, w, options), dtype)),
      { numRuns: 60 },
    );
  });

  // Several blocks of rows, columns, taps; sums in chunks; weights that are packed, and those that are not.
  test.each<[string, readonly number[], readonly number[], ConvOptions]>([
    ["many channels", [1, 6, 6, 130], [3, 3, 130, 33], { padding: "same" }],
    ["many outputs", [1, 5, 5, 66], [1, 1, 66, 300], {}],
    ["large images", [1, 70, 40, 3], [3, 3, 3, 8], { padding: "same", strides: 2 }],
    ["long sequences", [2, 3000, 2], [9, 2, 4], { padding: "same" }],
    ["a network's middle", [5, 14, 14, 16], [3, 3, 16, 32], { padding: "same" }],
    ["groups", [2, 9, 9, 24], [3, 3, 6, 32], { groups: 4, padding: 1 }],
    ["each channel on its own", [2, 12, 11, 37], [3, 3, 1, 37], { groups: 37, padding: "same" }],
    ["each channel on its own, apart", [2, 13, 13, 40], [5, 3, 1, 40], { groups: 40, strides: 2 }],
    ["kernels as large as x", [6, 8, 8, 5], [8, 8, 5, 9], {}],
  ])("%s", (_, x, w, options) => expectSame(withGradients(x, w, options)));

  test("nothing meets nothing", () => {
    expectSame((leaf) => [conv2d(leaf([0, 4, 4, 2], 1), leaf([3, 3, 2, 3], 2)).add(1)]);
    expectSame((leaf) => [conv2d(leaf([2, 4, 4, 0], 1), leaf([3, 3, 0, 3], 2)).add(1)]);
    expectSame((leaf) => [conv2d(leaf([2, 4, 4, 2], 1), leaf([3, 3, 2, 0], 2)).add(1)]);
  });
});

describe("pooling and its gradients", () => {
  const pools: Record<string, (x: Tensor, options: PoolOptions) => Tensor> = {
    max: (x, options) => maxPool(x, 2, options),
    "max of three": (x, options) => maxPool(x, 3, options),
    average: (x, options) => averagePool(x, [3, 2], options),
    "greatest of many": (x, options) => maxPool(x, 6, options),
  };
  const layouts: readonly PoolOptions[] = [
    {},
    { strides: 1, padding: "same" },
    { strides: [3, 2], padding: 1 },
    { dilation: [2, 1] },
    { dataFormat: "channelsFirst" },
  ];
  test.each(Object.keys(pools))("%s", (name) => {
    for (const options of layouts) {
      expectSame((leaf) => {
        const isFirst = options.dataFormat !== undefined;
        const x = leaf(isFirst ? [2, 5, 13, 12] : [2, 13, 12, 5], 1);
        const y = pools[name](relu(x.sub(0.3)).mul(x), options);
        const [slope] = gradients(mul(y, leaf(y.shape, 2)).sum(), [x]);
        return [y, slope, y.sum(), slope.sum([0])];
      });
    }
  });

  test("behind a convolution, whose bias and relu come between", () => {
    for (const size of [8, 9]) {
      expectSame((leaf) => {
        const [x, w, b] = [leaf([3, size, size, 3], 1), leaf([3, 3, 3, 8], 2), leaf([8], 3)];
        const y = maxPool(relu(conv2d(x, w, { padding: "same" }).add(b)), 2);
        const loss = mul(y, leaf(y.shape, 4)).sum();
        return [y, ...gradients(loss, [x, w, b])];
      });
    }
  });

  test("sums of windows, to second order", () => {
    expectSame((leaf) => {
      const x = leaf([2, 9, 4], 1);
      const y = reduceWindow(x.exp(), "sum", 3, { axes: 1, strides: 2 });
      const [first] = gradients(y.square().sum(), [x]);
      return [y, first, ...gradients(first.square().sum(), [x])];
    }, "float64");
  });
});

/** Two convolutions with pooling, a dense layer; new weights after a step of momentum. */
function trainingStep(): Tensor[] {
  const normal = (shape: readonly number[], seed: number) => random.normal(shape, { seed });
  const fixed = (one: Tensor) => tensor(one.dataSync(), { shape: [...one.shape] });
  const shapes = [[3, 3, 1, 16], [16], [3, 3, 16, 32], [32], [1568, 10]];
  const weights = shapes.map((shape, i) => variable(normal(shape, i).mul(0.1)));
  const velocities = shapes.map((shape, i) => variable(normal(shape, 10 + i)));
  const x = fixed(normal([8, 28, 28, 1], 20));
  const layer = (h: Tensor, i: number) =>
    maxPool(relu(conv2d(h, weights[i], { padding: "same" }).add(weights[i + 1])), 2);
  const h = layer(layer(x, 0), 2);
  const loss = h.reshape([8, 1568]).matmul(weights[4]).square().mean();
  const moved = gradients(loss, weights).map((slope, i) => velocities[i].mul(0.9).add(slope));
  return [...moved, ...moved.map((velocity, i) => weights[i].sub(velocity.mul(0.01)))];
}

describe("a step of a network whose channels come last", () => {
  const { kernels } = explainPlan(trainingStep());

  test("copies nothing", () => {
    expect(kernels.filter(({ operations }) => operations.join() === "copy")).toEqual([]);
    expect(kernels.filter(({ kind }) => kind === "fold" || kind === "fill")).toEqual([]);
  });

  test("copies nothing of maps that are smaller than the kernels, either", () => {
    const normal = (shape: readonly number[], seed: number) =>
      tensor(random.normal(shape, { seed }).dataSync(), { shape });
    const weights = [1, 2, 3, 4].map((seed) => variable(normal([3, 3, 4, 4], seed)));
    let h: Tensor = normal([2, 8, 8, 4], 5);
    weights.forEach((w, i) => {
      const y = relu(conv2d(h, w, { padding: "same" })).add(h);
      h = i < 2 ? maxPool(y, 2) : y;
    });
    const report = explainPlan(gradients(h.square().sum(), weights));
    expect(report.kernels.filter(({ operations }) => operations.join() === "copy")).toEqual([]);
  });

  test("has a kernel for each convolution, forward and backward, the updates in those of the weights", () => {
    const convolutions = kernels.filter(({ kind }) => kind.startsWith("conv"));
    expect(convolutions.map(({ domain }) => domain.join("x"))).toEqual([
      "1x6272x16x9",
      "1x1568x32x144",
      "1x1568x16x288",
      "1x9x16x6272",
      "1x144x32x1568",
    ]);
    const updates = convolutions.slice(-2);
    expect(updates.map(({ operations }) => operations.join(" "))).toEqual(
      updates.map(() => "conv mul add mul sub"),
    );
  });

  test("has the same bits on any number of threads", () => {
    const runs = [1, 2, 3].map((threads) => {
      setEngine(createWasmEngine({ threads, timeLimit: 20_000 }));
      const results = trainingStep();
      evaluate(...results);
      return results.map((one) => Array.from(one.dataSync()));
    });
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });
});
