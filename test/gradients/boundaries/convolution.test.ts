import * as core from "@cotangent/core";
import { expect, test } from "vitest";
import { float64, type Line, numbers, table } from "../support/boundary.ts";

type Tensor = core.Tensor;

const { NaN: NAN, POSITIVE_INFINITY: INFINITY } = Number;

const constant = (...values: number[]): Tensor => float64(values);
const zeros = (shape: core.Shape): Tensor => core.zeros(shape, { dtype: "float64" });
const ones = (shape: core.Shape): Tensor => core.ones(shape, { dtype: "float64" });

/** A sequence of one channel, as one example. */
const line = (x: Tensor): Tensor => x.reshape([1, x.size, 1]);
const kernel = (...values: number[]): Tensor => constant(...values).reshape([values.length, 1, 1]);

const LINES: readonly Line[] = [
  [
    "conv, kernel of one",
    (x) => core.conv(line(x), kernel(3)).square(),
    [2, -1],
    [36, 9],
    [36, -18],
    [18, 18],
  ],
  [
    "conv of one element",
    (x) => core.conv1d(line(x), kernel(1, 2, 4), { padding: "same" }),
    [5],
    [10],
    [2],
    [0],
  ],
  [
    "conv, the kernel larger than what it meets",
    (x) => core.conv1d(line(x), kernel(1, 2, 4, 8, 16), { padding: 2 }),
    [1, 1],
    [12, 6],
    [6, 12],
  ],
  ["conv over zeros", (x) => core.conv1d(line(x), line(x).reshape([2, 1, 1])), [0, 0], [0], [0, 0], [2, 2]],
  [
    "conv of infinity: padding is not read",
    (x) => core.conv1d(line(x), kernel(1, 1), { padding: [[0, 1]] }),
    [INFINITY, 2],
    [INFINITY, 2],
    [1, 2],
  ],
  [
    "convTranspose with gaps",
    (x) => core.convTranspose(line(x), kernel(1), { strides: 3, outputPadding: 1 }),
    [2, 3],
    [2, 0, 0, 3, 0],
    [1, 1],
  ],
  ["convolve of one with one", (x) => core.convolve(x, x), [3], [9], [6], [2]],
  ["correlate, the shorter one first", (x) => core.correlate(x, constant(1, 2, 3)), [4], [12, 8, 4], [6]],
  [
    "maxPool, ties share",
    (x) => core.maxPool(line(x), 3, { strides: 1 }).square(),
    [2, 2, 1, 2],
    [4, 4],
    [2, 4, 0, 2],
    [1, 2, 0, 1],
  ],
  ["maxPool of NaN", (x) => core.maxPool(line(x), 2), [1, NAN, 3, 2], [NAN, 3]],
  [
    "maxPool of -infinity",
    (x) => core.maxPool(line(x), 2, { padding: [[1, 1]] }),
    [-INFINITY, 3],
    [-INFINITY, 3],
  ],
  [
    "maxPool, padding is never the greatest",
    (x) => core.maxPool(line(x), 2, { padding: 1 }),
    [-2, -3],
    [-2, -3],
    [1, 1],
    [0, 0],
  ],
  [
    "averagePool counts what is there",
    (x) => core.averagePool(line(x), 2, { padding: 1 }),
    [4, 8],
    [4, 8],
    [1, 1],
    [0, 0],
  ],
  [
    "averagePool with padding",
    (x) => core.averagePool(line(x), 2, { padding: 1, countIncludePad: true }),
    [4, 8],
    [2, 4],
    [0.5, 0.5],
  ],
  ["lpPool of zeros", (x) => core.lpPool(line(x), 2), [0, 0, 3, 4], [0, 5], [0, 0, 0.6, 0.8]],
  ["lpPool, order 1", (x) => core.lpPool(line(x), 2, { ord: 1 }), [-1, 2], [3], [-1, 1], [0, 0]],
  ["adaptiveAveragePool to more", (x) => core.adaptiveAveragePool(line(x), 3), [1, 5], [1, 3, 5], [1.5, 1.5]],
  [
    "adaptiveMaxPool, sections overlap",
    (x) => core.adaptiveMaxPool(line(x), 2),
    [1, 7, 2],
    [7, 7],
    [0, 2, 0],
    [0, 0, 0],
  ],
  ["adaptiveMaxPool, ties share", (x) => core.adaptiveMaxPool(line(x), 2), [7, 7, 1], [7, 7], [0.5, 1.5, 0]],
  [
    "reduceWindow, product with a zero",
    (x) => core.reduceWindow(x, "prod", 2),
    [0, 3, 2],
    [0, 6],
    [3, 2, 3],
    [1, 2, 1],
  ],
  ["reduceWindow, ties of the least", (x) => core.reduceWindow(x, "min", 2), [1, 1], [1], [0.5, 0.5]],
  [
    "reduceWindow, sums of padding",
    (x) => core.reduceWindow(x, "sum", 1, { padding: 1 }),
    [5],
    [0, 5, 0],
    [1],
  ],
  ["slidingWindow, as long as x", (x) => core.slidingWindow(x, 2).square(), [1, 2], [1, 4], [2, 4], [2, 2]],
  [
    "unfold, an element in two patches",
    (x) => core.unfold(line(x), 2).square(),
    [1, 2, 3],
    [1, 4, 4, 9],
    [2, 8, 6],
    [2, 4, 2],
  ],
  [
    "fold adds up",
    (x) => core.fold(x.reshape([2, 2]), [3], 2).square(),
    [1, 2, 3, 4],
    [1, 25, 16],
    [2, 10, 10, 8],
  ],
  ["resize of one element", (x) => core.resize(line(x), [3]), [2], [2, 2, 2], [3], [0]],
  ["resize to one element", (x) => core.resize(line(x), [1]), [1, 2, 6], [20 / 7], [2 / 7, 3 / 7, 2 / 7]],
  ["resize, corners to one", (x) => core.resize(line(x), [1], { alignCorners: true }), [5, 7], [5], [1, 0]],
  [
    "resize to the same size",
    (x) => core.resize(line(x), [2], { method: "lanczos3" }),
    [INFINITY, 2],
    [INFINITY, 2],
    [1, 1],
  ],
  [
    "resize of infinity to the nearest",
    (x) => core.resize(line(x), [4], { method: "nearest" }),
    [INFINITY, 2],
    [INFINITY, INFINITY, 2, 2],
    [2, 2],
  ],
  [
    "gridSample far outside, and of NaN",
    (x) => core.gridSample(x.reshape([2, 1]), constant(-9, 1e30, NAN).reshape([3, 1])),
    [3, 4],
    [0, 0, 0],
    [0, 0],
  ],
  [
    "gridSample beside infinity",
    (x) => core.gridSample(x.reshape([2, 1]), constant(-0.5).reshape([1, 1]), { paddingMode: "border" }),
    [3, 4],
    [3],
    [1, 0],
  ],
  [
    "gridSample, reflection of one element",
    (x) =>
      core.gridSample(x.reshape([1, 1]), constant(-3, 0, 7).reshape([3, 1]), {
        paddingMode: "reflection",
        alignCorners: true,
      }),
    [5],
    [5, 5, 5],
    [3],
  ],
  [
    "gridSample, the slope of the grid on an element",
    (x) => core.gridSample(constant(1, 3).reshape([2, 1]), x.reshape([1, 1]), { alignCorners: true }),
    [-1],
    [1],
    [1],
    [0],
  ],
];

table("convolution, pooling and images at boundary points", LINES);

test("nothing gives nothing", () => {
  const shapes: readonly (readonly [Tensor, readonly number[]])[] = [
    [core.conv2d(zeros([0, 4, 4, 2]), zeros([3, 3, 2, 5])), [0, 2, 2, 5]],
    [core.conv2d(zeros([1, 4, 4, 0]), zeros([3, 3, 0, 5])), [1, 2, 2, 5]],
    [core.conv3d(zeros([1, 2, 2, 2, 1]), zeros([2, 2, 2, 1, 0])), [1, 1, 1, 1, 0]],
    [core.depthwiseConv(zeros([0, 3, 3, 2]), zeros([2, 2, 2, 1])), [0, 2, 2, 2]],
    [core.convTranspose(zeros([0, 3, 2]), zeros([2, 1, 2])), [0, 4, 1]],
    [core.maxPool(zeros([0, 4, 4, 1]), 2), [0, 2, 2, 1]],
    [core.averagePool(zeros([2, 4, 0]), 2), [2, 2, 0]],
    [core.unfold(zeros([0, 4, 4, 1]), 2), [0, 9, 4]],
    [core.resize(zeros([0, 2, 1]), [3]), [0, 3, 1]],
    [core.gridSample(zeros([2, 3, 1]), zeros([2, 0, 1])), [2, 0, 1]],
  ];
  for (const [result, shape] of shapes) expect(result.shape).toEqual(shape);
  for (const [result] of shapes) expect(numbers(result.sum())).toEqual([0]);
  // The gradient by the kernel is what a sum over nothing is.
  const byKernel = core.grad((w: Tensor) => core.conv2d(zeros([0, 4, 4, 2]), w).sum())(ones([3, 3, 2, 1]));
  expect(numbers(byKernel.sum())).toEqual([0]);
});

test("integers multiply and add modulo 2^32, and pool as they are", () => {
  const large = core.tensor(Int32Array.of(2 ** 30, 3), { shape: [2, 1] });
  const w = core.tensor(Int32Array.of(4, 5), { shape: [2, 1, 1] });
  expect(numbers(core.conv1d(large, w))).toEqual([15]);
  expect(numbers(core.maxPool(large, [2], { padding: 1, strides: 1 }))).toEqual([2 ** 30, 2 ** 30, 3]);
  const unsigned = core.tensor(Uint32Array.of(2 ** 31, 2 ** 31, 7));
  expect(numbers(core.reduceWindow(unsigned, "sum", 2))).toEqual([0, 2 ** 31 + 7]);
  expect(numbers(core.reduceWindow(unsigned, "min", 2, { padding: 1 }))).toEqual([2 ** 31, 2 ** 31, 7, 7]);
  expect(
    numbers(
      core.fold(
        core.tensor([
          [true, true],
          [true, false],
        ]),
        [3],
        2,
      ),
    ),
  ).toEqual([1, 2, 0]);
});

test("what the cotangent masks stays masked through windows", () => {
  const x = float64([1, 0, 4]);
  const gradient = core.grad((z: Tensor) => {
    const windows = core.slidingWindow(z.log(), 1).reshape([3]);
    return core.where(z.greater(0), windows, 0).sum();
  })(x);
  expect(numbers(gradient)).toEqual([1, 0, 0.25]);
});

test("formulas name the operations", () => {
  const x = core.symbol("x", { shape: [4, 1] });
  const w = core.symbol("w", { shape: [2, 1, 1] });
  expect(core.formula(core.conv1d(x, w))).toContain("conv(");
  expect(core.formula(core.slidingWindow(x, [2, 1]))).toContain("windows(");
});
