import {
  compile,
  EngineError,
  evaluate,
  full,
  gradients,
  ones,
  setEngine,
  type Tensor,
  tensor,
  variable,
} from "@cotangent/core";
import { beforeAll, describe, expect, test } from "vitest";
import { createWasmEngine, wasmEngine } from "../src/index.ts";

beforeAll(() => setEngine(wasmEngine));

const MIB = 2 ** 20;

describe("the engine's memory", () => {
  test("is no more than weights, their gradients' velocities and live activations in training", () => {
    const engine = createWasmEngine();
    setEngine(engine);
    const sizes = [784, 512, 512, 10];
    const batch = 128;
    const weights = sizes.slice(1).map((n, i) => variable(full([sizes[i], n], 0.01)));
    const velocities = weights.map((w) => variable(full(w.shape, 0)));
    const step = compile((x: Tensor) => {
      let h = x;
      for (const w of weights) h = h.matmul(w).maximum(0);
      const loss = h.mul(h).mean();
      gradients(loss, weights).forEach((g, i) => {
        const v = velocities[i].mul(0.9).add(g);
        velocities[i].assign(v);
        weights[i].assign(weights[i].sub(v.mul(0.01)));
      });
      return loss;
    });
    const x = tensor(new Float32Array(batch * sizes[0]).fill(0.5), { shape: [batch, sizes[0]] });
    for (let i = 0; i < 5; i++) step(x).item();
    const settled = engine.stats().usedBytes;
    for (let i = 0; i < 50; i++) step(x).item();
    // Less is right too: workers that have compiled let go of the modules.
    expect(engine.stats().usedBytes - settled).toBeLessThan(4096);
    const state = 2 * weights.reduce((sum, w) => sum + w.byteLength, 0);
    const activations = 4 * batch * sizes.reduce((sum, n) => sum + n, 0);
    // Gradients of activations replace activations that are not needed any more, or live beside them.
    expect(settled).toBeLessThan(1.3 * (state + 2 * activations) + MIB);
    setEngine(wasmEngine);
  });

  test("lets go of models that are dropped in a loop that never awaits", () => {
    const x = ones([1, 1600]);
    for (let i = 0; i < 250; i++) {
      const w = variable(full([1600, 1600], i));
      w.assign(w.mul(0.5));
      if (i % 50 === 0) expect(x.matmul(w).sum().item()).toBeCloseTo(1600 * 1600 * i * 0.5, -6);
      else evaluate(w);
    }
    expect(wasmEngine.stats().usedBytes).toBeLessThan(1400 * MIB);
  }, 120_000);

  test("keeps the values of results that are moved out to make room", () => {
    const engine = createWasmEngine();
    setEngine(engine);
    const results = Array.from({ length: 60 }, (_, i) => {
      const x = full([1600, 1600], i).add(1);
      evaluate(x);
      return x;
    });
    expect(engine.stats().residentBytes).toBeLessThan(400 * MIB);
    for (const [i, x] of results.entries()) expect(x.dataSync()[1600 * 1600 - 1]).toBe(i + 1);
    setEngine(wasmEngine);
  }, 60_000);

  test("that is too small is an error that says what did not fit, and the process goes on", () => {
    const rows = 20_000;
    const parts = [2, 3, 4].map((by) => ones([rows, rows]).mul(by));
    let caught: unknown;
    try {
      evaluate(...parts);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(EngineError);
    expect((caught as EngineError).message).toMatch(/1\.5 GiB did not fit.*of at most 4\.0 GiB/);
    expect((caught as EngineError).remedy).toBeDefined();
    expect(ones([3]).add(1).dataSync()).toEqual(new Float32Array([2, 2, 2]));
  }, 60_000);
});
