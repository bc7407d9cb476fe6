import {
  compile,
  IndexError,
  type Program,
  programOf,
  random,
  referenceEngine,
  Storage,
  scatterAdd,
  scatterMax,
  scatterMul,
  scatterSet,
  setEngine,
  type Tensor,
  take,
  tensor,
  variable,
} from "@cotangent/core";
import { afterAll, describe, expect, test } from "vitest";
import { createWasmEngine, type WasmEngine, wasmEngine } from "../src/index.ts";
import type { WasmExecutable } from "../src/run/executable.ts";

afterAll(() => setEngine(wasmEngine));

const given = (shape: readonly number[], seed: number): Tensor => {
  setEngine(referenceEngine);
  return tensor(random.normal(shape, { seed }).dataSync(), { shape });
};
const indices = (count: number, size: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => (Math.imul(i, 7919) >>> 3) % size);

const bitsOf = (x: Tensor): Uint32Array => new Uint32Array((x.dataSync() as Float32Array).slice().buffer);

/** The engine after so many runs of something that its other threads take part. */
async function warm(threads: number, run: () => void): Promise<WasmEngine> {
  const engine = createWasmEngine({ threads });
  setEngine(engine);
  for (let i = 0; i < 3000; i++) {
    run();
    if (threads === 1 || engine.stats().parallelRuns > 20) break;
    if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return engine;
}

describe("bits do not depend on the number of threads", () => {
  const table = given([500, 96], 1);
  const index = tensor(indices(6000, 500));
  const updates = given([6000, 96], 2);
  const long = given([3, 10_000], 3);
  const rows = given([40, 10_000], 4);

  test.each<[string, () => Tensor]>([
    ["take", () => take(table, index, { axis: 0 })],
    ["take of elements", () => take(table, tensor(indices(300_000, 48_000)))],
    ["scatterAdd", () => scatterAdd(table, index, updates)],
    ["scatterMul", () => scatterMul(table, index, updates)],
    ["scatterSet", () => scatterSet(table, index, updates)],
    ["scatterMax of long rows", () => scatterMax(long, tensor(indices(40, 3)), rows)],
  ])("%s", async (_, make) => {
    setEngine(referenceEngine);
    const expected = bitsOf(make());
    for (const threads of [1, 2]) {
      let bits: Uint32Array = new Uint32Array();
      const engine = await warm(threads, () => {
        bits = bitsOf(make());
      });
      expect(engine.stats().parallelRuns > 0).toBe(threads > 1);
      expect(bits.findIndex((word, i) => word !== expected[i])).toBe(-1);
    }
  });
});

test.each([1, 2, 3])(
  "with %i threads the first index out of range is named, and nothing else",
  async (threads) => {
    const table = given([100, 64], 5);
    const count = 100_000;
    const f = compile((index: Tensor) => take(table, index, { axis: 0 }).sum());
    const good = tensor(indices(count, 100));
    const engine = await warm(threads, () => f(good).item());
    expect(engine.stats().parallelRuns > 0).toBe(threads > 1);
    const total = f(good).item();
    for (let run = 0; run < 12; run++) {
      const values = indices(count, 100);
      values[count - 1] = 2 ** 31 - 1;
      values[70_000] = -101;
      values[70_001] = 100;
      expect(() => f(tensor(values)).item()).toThrow(/index -101 at \[70000\]/);
      expect(f(good).item()).toBe(total);
    }
  },
);

describe("variables that are written over", () => {
  /** The rows that are taken, and a new table in the place of the old one. */
  function withUpdate(index: Int32Array): { program: Program; storages: readonly Storage[]; slot: number } {
    const table = variable(tensor([1, 2, 3, 4]), { name: "table" });
    const { program, storages } = programOf(table.take(tensor(index)), table.mul(2));
    const slot = program.inputs.findIndex(({ kind }) => kind === "variable");
    const [taken, next] = program.outputs;
    return { program: { ...program, outputs: [taken], updates: [{ node: next, slot }] }, storages, slot };
  }

  const run = (index: Int32Array) => {
    const engine = createWasmEngine({ threads: 1 });
    const { program, storages, slot } = withUpdate(index);
    const executable = engine.compile(program) as WasmExecutable;
    const old = new Storage("float32", 4, Float32Array.of(1, 2, 3, 4));
    storages.forEach((storage, i) => {
      executable.bind(i, i === slot ? old : storage);
    });
    expect(executable.plan.updates[0].overwrites).toBe(slot);
    expect(executable.plan.afterChecks).toBeGreaterThan(0);
    return { executable, slot, old };
  };
  const elements = (storage: Storage) =>
    Array.from((storage.host ?? storage.resident?.read()) as Float32Array);

  test("are written over when all indices were in range", () => {
    const { executable, slot } = run(Int32Array.of(3, -4));
    const [taken, table] = executable.run([slot]);
    expect(elements(taken)).toEqual([4, 1]);
    expect(elements(table)).toEqual([2, 4, 6, 8]);
  });

  test("stay as they were when one was not", () => {
    const { executable, slot, old } = run(Int32Array.of(3, 4));
    for (let again = 0; again < 3; again++) {
      expect(() => executable.run([slot])).toThrow(IndexError);
      expect(elements(old)).toEqual([1, 2, 3, 4]);
    }
  });
});
