import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import {
  compile,
  formula,
  GradientError,
  grad,
  gradients,
  jvp,
  printGraph,
  type Tensor,
  tensor,
  vmap,
} from "../src/index.ts";
import { counting } from "./support/countingEngine.ts";
import { batch, network } from "./support/network.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const MEBIBYTE = 2 ** 20;

/** JavaScript's heap and the bytes of typed arrays, in MiB, after a collection; the second one waits for the first one's sweepers. */
function memory(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / MEBIBYTE;
}

describe("memory", () => {
  test("is flat over 10^6 rounds of x = step(x); x.dataSync()", { timeout: 240_000 }, () => {
    const start = memory();
    let x = tensor([1, 2, 3]);
    const samples: number[] = [];
    for (let round = 1; round <= 1e6; round++) {
      x = x.mul(0.5).add(1);
      x.dataSync();
      if (round % 1e5 === 0) samples.push(memory() - start);
    }
    expect(x.arraySync()).toEqual([2, 2, 2]);
    // The history that derivatives may need: 256 MiB by the library's own estimate, then it starts anew.
    expect(Math.max(...samples)).toBeLessThan(420);
  });

  test("is flat over 20,000 training steps that never await and never read", { timeout: 120_000 }, () => {
    const net = network();
    const { x, y } = batch();
    const steps = (count: number) => {
      for (let step = 0; step < count; step++) net.minimize(net.loss(x, y), 0.01);
    };
    steps(2000);
    const before = memory();
    steps(20_000);
    expect(memory() - before).toBeLessThan(10);
  });

  test("is flat over a loop that neither reads nor has variables", { timeout: 60_000 }, () => {
    let x = tensor(new Float64Array(50).fill(1));
    const before = memory();
    for (let round = 0; round < 200_000; round++) x = x.mul(0.5).add(1);
    expect(x.slice(0, 1).item()).toBe(2);
    expect(memory() - before).toBeLessThan(420);
  });

  test("is not held by compiled functions that are gone", { timeout: 60_000 }, () => {
    const once = (n: number) => {
      const big = tensor(new Float64Array(1e5).fill(n));
      return compile((x: Tensor) => x.mul(big).sum())(big).item();
    };
    once(1);
    const before = memory();
    for (let n = 0; n < 300; n++) once(n);
    expect(memory() - before).toBeLessThan(50);
  });

  test("holds a history that was cut: a gradient through it is an error", { timeout: 60_000 }, () => {
    const origin = tensor(new Float64Array(2 ** 20).fill(1));
    let x = origin;
    for (let round = 0; round < 40; round++) {
      x = x.mul(0.5).add(1);
      x.slice(0, 1).item();
      x.dataSync();
    }
    expect(() => gradients(x.sum(), [origin])).toThrow(GradientError);
    expect(() => gradients(x.sum(), [origin])).toThrow(/cut/);
    expect(
      grad((z) => z.mul(z).sum())(x)
        .slice(0, 1)
        .item(),
    ).toBeCloseTo(4, 6);
  });
});

describe("a graph deeper than what is evaluated at once", () => {
  test("has a gradient that is computed with its value, as one plan", () => {
    const x = tensor(0.5);
    counting((counts) => {
      let y: Tensor = x;
      for (let i = 0; i < 4000; i++) y = y.mul(1.0001).tanh().add(x);
      const [slope] = gradients(y, [x]);
      expect([y, slope].every((one) => Number.isFinite(one.item()))).toBe(true);
      // The first 10,000 operations are computed while the graph is built.
      expect(counts.runs).toBe(2);
    });
  });
});

describe("a graph 100,000 operations deep", () => {
  const depth = 100_000;
  const deep = (x: Tensor): Tensor => {
    let h = x;
    for (let i = 0; i < depth; i++) h = h.mul(0.99999);
    return h;
  };
  const x = tensor([1, 2], { dtype: "float64" });
  const factor = 0.99999 ** depth;

  test("evaluates and differentiates, forward and backward", { timeout: 120_000 }, () => {
    expect(deep(x).dataSync()[1]).toBeCloseTo(2 * factor, 9);
    expect(grad((z) => deep(z).sum())(x).dataSync()[0]).toBeCloseTo(factor, 9);
    expect(jvp(deep, [x], [x])[1].dataSync()[1]).toBeCloseTo(2 * factor, 9);
  });

  test("is mapped, compiled and printed", { timeout: 120_000 }, () => {
    expect(vmap(deep)(x).dataSync()[1]).toBeCloseTo(2 * factor, 9);
    expect(compile(deep)(x).dataSync()[1]).toBeCloseTo(2 * factor, 9);
    const y = deep(x);
    expect(printGraph(y).split("\n").length).toBeGreaterThan(depth);
    expect(formula(y)).toContain("...");
  });
});
