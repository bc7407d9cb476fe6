import * as core from "@cotangent/core";
import { type DType, referenceEngine, setEngine, type Tensor, tensor } from "@cotangent/core";
import { expect, test } from "vitest";
import { createWasmEngine, wasmEngine } from "../src/index.ts";

/** Numbers of mixed signs and sizes, the same in every run. */
function values(shape: readonly number[], dtype: DType): Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  const data = Float64Array.from({ length: size }, (_, i) => 1.25 * Math.sin(i * 12.9898 + 1) + 0.01);
  const whole = Int32Array.from(data, (x) => Math.round(x * 1000));
  return dtype === "int32" || dtype === "uint32"
    ? tensor(whole, { shape }).cast(dtype)
    : tensor(data, { shape, dtype });
}

const OPERATIONS: Readonly<Record<string, (x: Tensor, axis: number, reverse: boolean) => Tensor>> = {
  cumsum: (x, axis, reverse) => core.cumsum(x, axis, { reverse }),
  cumprod: (x, axis, reverse) => core.cumprod(x, axis, { reverse }),
  cummax: (x, axis, reverse) => core.cummax(x, axis, { reverse }),
  cummin: (x, axis, reverse) => core.cummin(x, axis, { reverse }),
  affineScan: (x, axis, reverse) => core.affineScan(core.flip(x), x, { axis, reverse }),
};

/** Where strips of 64 and 16 bytes, groups of four rows and calls of 4096 steps begin, end and are left over. */
const SHAPES: readonly (readonly [shape: readonly number[], axis: number])[] = [
  [[1], 0], [[2], 0], [[4097], 0], [[8193], 0], [[3, 5], 1], [[4, 5], 1], [[7, 9], 1], [[9, 4098], 1], [[6, 1], 0],
  [[6, 2], 0], [[6, 3], 0], [[6, 4], 0], [[6, 5], 0], [[6, 7], 0], [[6, 15], 0], [[6, 16], 0], [[6, 17], 0],
  [[4100, 19], 0], [[5, 6, 33], 1], [[5, 6, 3], 1], [[2, 3, 4, 5], -3], [[3, 0, 2], 1], [[3, 4, 0], 1], [[2, 1, 9], 1],
]; // biome-ignore format: a table

const CASES = Object.keys(OPERATIONS).flatMap((name) =>
  (["float32", "float64", "int32", "uint32"] as const).map((dtype) => [name, dtype] as const),
);

const bitsOf = (x: Tensor): Uint8Array => {
  const data = x.dataSync();
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
};

test.each(CASES)("%s of %s gives the reference engine's bits", (name, dtype) => {
  for (const [shape, axis] of SHAPES) {
    for (const reverse of [false, true]) {
      const make = (): Tensor => OPERATIONS[name](values(shape, dtype), axis, reverse);
      setEngine(wasmEngine);
      const actual = bitsOf(make());
      setEngine(referenceEngine);
      expect(actual, `[${shape}] along ${axis}${reverse ? ", reversed" : ""}`).toEqual(bitsOf(make()));
    }
  }
});

test.each(["cumsum", "cummax"])("NaN, infinities and zeros of both signs in %s", (name) => {
  const special = [-0, 0, 1, Number.NEGATIVE_INFINITY, 3, Number.POSITIVE_INFINITY, 2, Number.NaN, 1];
  for (const dtype of ["float32", "float64"] as const) {
    for (let turn = 0; turn < special.length; turn++) {
      const line = [...special.slice(turn), ...special.slice(0, turn)];
      for (const columns of [1, 2, 4, 16]) {
        const make = (): Tensor => {
          const rows = line.flatMap((value) => new Array<number>(columns).fill(value));
          return OPERATIONS[name](tensor(rows, { dtype, shape: [line.length, columns] }), 0, turn % 2 === 1);
        };
        setEngine(wasmEngine);
        const actual = [...make().dataSync()];
        setEngine(referenceEngine);
        expect(actual).toEqual([...make().dataSync()]);
      }
    }
  }
});

test("the last of ten million running sums of 0.1 in float32 is off by less than 1e-6", () => {
  setEngine(wasmEngine);
  const count = 10_000_000;
  const totals = core.cumsum(core.tensor(new Float32Array(count).fill(0.1), { copy: false }), 0);
  const last = totals.slice(count - 1).item();
  const exact = count * Math.fround(0.1);
  expect(Math.abs(last - exact) / exact).toBeLessThan(1e-6);
});

test("the bits do not depend on the number of threads", () => {
  const results = [1, 3].map((threads) => {
    const engine = createWasmEngine({ threads, timeLimit: 10_000 });
    setEngine(engine);
    const results = Object.values(OPERATIONS).map((operation) => {
      const x = values([300, 2000], "float32");
      const both = [operation(x, 0, false), operation(x, 1, true)];
      return both.map((y) => [...y.dataSync()]);
    });
    expect(engine.stats().threads).toBe(threads);
    return results;
  });
  setEngine(wasmEngine);
  expect(results[1]).toEqual(results[0]);
});
