import { describe, expect, test } from "vitest";
import { argsort, DTYPES, type DType, random, type Tensor, tensor, vmap } from "../src/index.ts";

/** The order by JavaScript's own stable sort. */
function expected(values: readonly number[], descending: boolean): number[] {
  const sign = descending ? -1 : 1;
  const nan = (i: number) => Number(Number.isNaN(values[i]));
  return values
    .map((_, i) => i)
    .sort(
      (i, k) =>
        nan(i) - nan(k) ||
        (nan(i) ? 0 : sign * ((values[i] > values[k] ? 1 : 0) - (values[i] < values[k] ? 1 : 0))),
    );
}

const INF = Number.POSITIVE_INFINITY;
const SPECIAL: Readonly<Record<DType, readonly number[]>> = {
  bool: [1, 0, 1, 0, 0],
  int32: [3, -1, 0, -(2 ** 31), 2 ** 31 - 1, 3, -1, 255, 256, -256],
  uint32: [3, 2 ** 32 - 1, 0, 2 ** 31, 3, 255, 256, 65536],
  float32: [0, -0, Number.NaN, INF, -INF, 1, -1, -0, 0, 1e-45, -1e-45, -Number.NaN, 3e38, INF],
  float64: [0, -0, Number.NaN, INF, -INF, 1, -1, -0, 0, 5e-324, -5e-324, Number.NaN, 1e308, INF],
};

/** Numbers with many ties, and all special ones. */
function values(dtype: DType, count: number, seed: number): number[] {
  const bits = [...random.bits([Math.max(count, 1)], { seed }).dataSync()];
  const special = SPECIAL[dtype];
  return bits.slice(0, count).map((n, i) => {
    if (n % 7 === 0 || dtype === "bool") return special[(n >>> 8) % special.length];
    if (n % 3 === 0) return n % 64;
    if (dtype === "uint32") return n;
    if (dtype === "int32") return n | 0;
    return ((n | 0) / (dtype === "float64" ? 3 : 1)) * 2 ** ((i % 60) - 30);
  });
}

describe.each(DTYPES)("argsort of %s", (dtype) => {
  test.each([false, true])("orders special values stably, descending %s", (descending) => {
    const x = tensor([...SPECIAL[dtype]], { dtype });
    expect(argsort(x, { descending }).arraySync()).toEqual(expected([...x.dataSync()], descending));
  });

  test.each([0, 1, 2, 31, 32, 33, 300, 5000, 70_000])("rows of %i elements", (size) => {
    const rows = size > 1000 ? 2 : 5;
    const x = tensor(values(dtype, rows * size, size), { dtype, shape: [rows, size] });
    for (const descending of [false, true]) {
      const order = argsort(x, { descending });
      expect(order.dtype).toBe("int32");
      const data = [...x.dataSync()];
      const wanted = Array.from({ length: rows }, (_, r) =>
        expected(data.slice(r * size, (r + 1) * size), descending),
      );
      expect([...order.dataSync()]).toEqual(wanted.flat());
    }
  });

  test("along any axis, and in lanes", () => {
    const x = tensor(values(dtype, 2 * 40 * 3, 5), { dtype, shape: [2, 40, 3] });
    const columns = argsort(x.transpose([0, 2, 1]))
      .transpose([0, 2, 1])
      .arraySync();
    expect(argsort(x, { axis: 1 }).arraySync()).toEqual(columns);
    expect(argsort(x, { axis: -2 }).arraySync()).toEqual(columns);
    expect(vmap((row: Tensor) => argsort(row, { axis: 0 }))(x).arraySync()).toEqual(columns);
  });
});

test("rows with one digit, with two, and of equal elements", () => {
  const equal = new Array<number>(100).fill(7);
  expect(argsort(tensor(equal)).arraySync()).toEqual(equal.map((_, i) => i));
  expect(argsort(tensor(equal), { descending: true }).arraySync()).toEqual(equal.map((_, i) => i));
  const two = equal.map((_, i) => (i % 2) * 2 ** 24);
  expect(argsort(tensor(two, { dtype: "int32" })).arraySync()).toEqual(expected(two, false));
});

test("a million elements", () => {
  const bits = random.bits([1_000_000], { seed: 3 });
  const x = bits.cast("float64").mul(2 ** -32);
  const order = argsort(x).dataSync();
  const data = x.dataSync();
  let sorted = true;
  for (let i = 1; i < order.length; i++) {
    const [a, b] = [data[order[i - 1]], data[order[i]]];
    sorted = sorted && (a < b || (a === b && order[i - 1] < order[i]));
  }
  expect(sorted).toBe(true);
  expect(new Set(order).size).toBe(order.length);
});
