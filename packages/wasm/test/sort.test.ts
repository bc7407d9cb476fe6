import { argsort, type DType, random, referenceEngine, setEngine, tensor } from "@cotangent/core";
import { afterEach, describe, expect, test } from "vitest";
import { createWasmEngine, explainPlan, wasmEngine } from "../src/index.ts";

afterEach(() => setEngine(wasmEngine));

/** Many ties, and some NaN where the dtype has them. */
function rows(count: number, size: number, dtype: DType) {
  setEngine(referenceEngine);
  const values = Float64Array.from(random.bits([count * size], { seed: size }).dataSync(), (n) =>
    n % 11 === 0 ? Number.NaN : (n % 5000) - 2500.5,
  );
  return tensor(values, { dtype, shape: [count, size] });
}

describe("sorting", () => {
  // Rows that share each thread's scratch, and rows with memory of their own.
  test.each([
    [4000, 60],
    [300, 1500],
    [6, 70_000],
  ])("%i rows of %i elements gives the same on one thread and on three", (count, size) => {
    for (const dtype of ["float32", "float64", "int32"] as const) {
      const x = rows(count, size, dtype);
      const orders = [1, 3].map((threads) => {
        setEngine(createWasmEngine({ threads, timeLimit: 10_000 }));
        return argsort(x).dataSync();
      });
      setEngine(referenceEngine);
      const wanted = argsort(x).dataSync();
      for (const order of orders)
        expect(Buffer.from(order.buffer).equals(Buffer.from(wanted.buffer))).toBe(true);
    }
  });

  test("is a kernel of the library, which plans show", () => {
    const report = explainPlan(argsort(tensor([3, 1, 2]).mul(2), { descending: true }));
    expect(report.kernels.map(({ kind }) => kind)).toContain("argSort");
    expect(report.passes()).toMatch(/argsort of b\d+, descending/);
    expect(report.passes()).toContain("argsort.float32, 1 units");
  });
});
