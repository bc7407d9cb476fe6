import * as core from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { expectNumbers, float64, numbers, table } from "../support/boundary.ts";

const INF = Number.POSITIVE_INFINITY;
const NAN = Number.NaN;
const zeros = (n: number): number[] => new Array<number>(n).fill(0);

const { LN2 } = Math;

table("running totals at zeros, ties and infinities", [
  ["cumsum", (x) => core.cumsum(x), [1, -0, 3], [1, 1, 4], [3, 2, 1], zeros(3)],
  ["cumsum of one", (x) => core.cumsum(x), [-0], [-0], [1], [0]],
  ["cumsum of nothing", (x) => core.cumsum(x), [], [], [], []],
  [
    "cumsum, exclusive",
    (x) => core.cumsum(x, 0, { exclusive: true }),
    [1, 2, 3],
    [0, 1, 3],
    [2, 1, 0],
    zeros(3),
  ],
  [
    "cumsum, exclusive and reversed",
    (x) => core.cumsum(x, 0, { exclusive: true, reverse: true }),
    [1, 2, INF],
    [INF, INF, 0],
    [0, 1, 2],
    zeros(3),
  ],
  [
    "cumsum of infinities",
    (x) => core.cumsum(x),
    [1, INF, -INF, 1],
    [1, INF, NAN, NAN],
    [4, 3, 2, 1],
    zeros(4),
  ],
  // y = x0 + x0 x1 + x0 x1 x2: derivatives at zeros are products of the others.
  ["cumprod, a zero", (x) => core.cumprod(x), [2, 0, 5], [2, 0, 0], [1, 12, 0], [6, 8, 2]],
  ["cumprod, two zeros", (x) => core.cumprod(x), [0, 0, 5], [0, 0, 0], [1, 0, 0], [6, 6, 0]],
  [
    "cumprod, reversed",
    (x) => core.cumprod(x, 0, { reverse: true }),
    [5, 0, 2],
    [0, 0, 2],
    [0, 12, 1],
    [2, 8, 6],
  ],
  [
    "cumprod, exclusive",
    (x) => core.cumprod(x, 0, { exclusive: true }),
    [0, 3, 7],
    [1, 0, 0],
    [4, 0, 0],
    [1, 1, 0],
  ],
  ["cumprod of nothing, exclusive", (x) => core.cumprod(x, 0, { exclusive: true }), [], [], [], []],
  // Of equal elements the first one holds the record.
  ["cummax, ties", (x) => core.cummax(x), [1, 2, 2, 0, 3], [1, 2, 2, 2, 3], [1, 3, 0, 0, 1], zeros(5)],
  ["cummin, ties", (x) => core.cummin(x), [2, 1, 1, 3, 1], [2, 1, 1, 1, 1], [1, 4, 0, 0, 0], zeros(5)],
  [
    "cummax, reversed",
    (x) => core.cummax(x, 0, { reverse: true }),
    [0, 2, 2, 1],
    [2, 2, 2, 1],
    [0, 0, 3, 1],
    zeros(4),
  ],
  [
    "cummax, the first NaN wins",
    (x) => core.cummax(x),
    [1, NAN, 5, NAN],
    [1, NAN, NAN, NAN],
    [1, 3, 0, 0],
    zeros(4),
  ],
  ["cummin, the first NaN wins", (x) => core.cummin(x), [NAN, -INF], [NAN, NAN], [2, 0], zeros(2)],
  [
    "cummax of infinities",
    (x) => core.cummax(x),
    [-INF, -INF, 0, INF],
    [-INF, -INF, 0, INF],
    [2, 0, 1, 1],
    zeros(4),
  ],
  ["cummax of zeros of both signs", (x) => core.cummax(x), [-0, 0], [0, 0], [2, 0], zeros(2)],
  [
    "logcumsumexp",
    (x) => core.logcumsumexp(x),
    [0, 0, LN2],
    [0, LN2, 2 * LN2],
    [1.75, 0.75, 0.5],
    [-0, 0, 0],
  ],
  [
    "logcumsumexp, -infinity first",
    (x) => core.logcumsumexp(x),
    [-INF, -INF, -1000, -1000],
    [-INF, -INF, -1000, LN2 - 1000],
    [0, 0, 1.5, 0.5],
    zeros(4),
  ],
  [
    "logcumsumexp, extreme",
    (x) => core.logcumsumexp(x),
    [-1e308, 1e308, -1e308, 1e308],
    [-1e308, 1e308, 1e308, 1e308],
    [1, 2.5, 0, 0.5],
    zeros(4),
  ],
  [
    "logcumsumexp, infinity and NaN",
    (x) => core.logcumsumexp(x),
    [0, INF, 0, NAN, 0],
    [0, INF, INF, NAN, NAN],
  ],
  [
    "logcumsumexp, reversed",
    (x) => core.logcumsumexp(x, 0, { reverse: true }),
    [1e4, -INF, 1e4],
    [1e4 + LN2, 1e4, 1e4],
    [0.5, 0, 2.5],
    zeros(3),
  ],
  // What the first factor is does not matter without a first state.
  [
    "affineScan, NaN as first factor",
    (x) => core.affineScan(float64([NAN, 0, 2]), x),
    [1, 2, 3],
    [1, 2, 7],
    [1, 3, 1],
  ],
  ["affineScan of x twice", (x) => core.affineScan(x, x), [1, 0, 2], [1, 0, 2], [1, 6, 1], [3, 5, 2]],
  ["diff", (x) => core.diff(x), [1, 4, INF], [3, INF], [-1, 0, 1], zeros(3)],
  ["diff twice", (x) => core.diff(x, { n: 2 }), [1, 4, 9], [2], [1, -2, 1], zeros(3)],
  ["diff beyond the axis", (x) => core.diff(x, { n: 5 }), [1, 4, 9], [], zeros(3), zeros(3)],
  [
    "a masked tail does not leak NaN through cumsum",
    (x) => core.where(core.tensor([true, true, false]), core.cumsum(core.log(x)), 0),
    [1, 1, -1],
    [0, 0, 0],
    [2, 1, 0],
    [-2, -1, 0],
  ],
]);

describe("forward mode, each element by itself", () => {
  const along = (f: (x: core.Tensor) => core.Tensor, at: readonly number[]): number[] =>
    numbers(core.jvp(f, [float64(at)], [float64(at.map((_, i) => i + 1))])[1]);

  test("after the first NaN all is NaN, whose tangent stays", () => {
    for (const f of [(x: core.Tensor) => core.cummax(x), (x: core.Tensor) => core.cummin(x)]) {
      expect(along(f, [1, NAN, 2, NAN, -5])).toEqual([1, 2, 2, 2, 2]);
      expect(along(f, [NAN, 1, NAN])).toEqual([1, 1, 1]);
    }
  });

  test("of ties the first one holds the record, and the first element always does", () => {
    expect(along((x) => core.cummax(x), [0, 0, -1, 2, 2])).toEqual([1, 1, 1, 4, 4]);
    expect(along((x) => core.cummin(x), [0, 0, 1, -2, -2])).toEqual([1, 1, 1, 4, 4]);
    const x = float64([0, 1, 2]);
    expect(numbers(core.grad((z: core.Tensor) => core.cummin(z).sum())(x))).toEqual([3, 0, 0]);
    expect(numbers(core.grad((z: core.Tensor) => core.cummax(z).sum())(x.neg()))).toEqual([3, 0, 0]);
  });
});

describe("errors", () => {
  test.each<readonly [string, () => unknown, RegExp]>([
    ["an axis that is not there", () => core.cumsum([1, 2], 1), /cumsum: axis 1 is out of range for rank 1/],
    ["a scan of scalars", () => core.affineScan(0.5, 1), /affineScan: axis 0 is out of range for rank 0/],
    [
      "a first state with the axis",
      () => core.affineScan([1, 2], [1, 2], { initial: [1, 2] }),
      /initial of shape \[2\]/,
    ],
    [
      "a negative number of differences",
      () => core.diff([1, 2], { n: -1 }),
      /diff: .* -1 times.*n is 0, 1, 2/,
    ],
    [
      "shapes that do not broadcast",
      () => core.affineScan([1, 2], [1, 2, 3]),
      /affineScan: shapes \[2\] and \[3\]/,
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});

test("scalars are flattened to a vector, and bool is counted", () => {
  expect(core.cumsum(core.tensor(3)).shape).toEqual([1]);
  expect(core.cumsum([true, false, true]).dtype).toBe("int32");
  expect(numbers(core.cumprod([true, false, true]))).toEqual([1, 0, 0]);
  expect(numbers(core.diff([true, false, true]))).toEqual([-1, 1]);
});

test("integers wrap", () => {
  const x = core.tensor(Int32Array.of(2 ** 30, 2 ** 30, 1));
  expect(numbers(x.cumsum(0))).toEqual([2 ** 30, -(2 ** 31), 1 - 2 ** 31]);
  expect(numbers(core.tensor(Uint32Array.of(2 ** 31, 3, 1)).cumprod())).toEqual([2 ** 31, 2 ** 31, 2 ** 31]);
});

test("an exponential moving average from a first state", () => {
  const x = float64([1, 2, 3]);
  const average = core.affineScan(0.5, x.mul(0.5), { initial: 4 });
  expectNumbers(numbers(average), [2.5, 2.25, 2.625]);
  const backwards = core.affineScan(0.5, x.mul(0.5), { initial: 4, reverse: true });
  expectNumbers(numbers(backwards), [1.875, 2.75, 3.5]);
});

test("formulas name what is computed", () => {
  const x = core.tensor([1, 2]);
  expect(core.formula(core.cumsum(x, 0))).toMatch(/^cumsum\(/);
  expect(core.formula(core.cumprod(x, 0, { reverse: true }))).toMatch(/^cumprodReversed\(/);
  expect(core.formula(core.cummax(x, 0), { format: "latex" })).toContain("\\operatorname{cummax}");
});
