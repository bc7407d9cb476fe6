import * as core from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { checkLine, float64, type Line, numbers } from "../support/boundary.ts";

type Tensor = core.Tensor;

const { NaN: NAN } = Number;

const none = core.tensor(new Int32Array(0));
const constant = (...values: number[]): Tensor => float64(values);

const LINES: readonly Line[] = [
  [
    "take, an index twice",
    (x) => core.take(x, [1, 1, -1]).square(),
    [1, 2, 3],
    [4, 4, 9],
    [0, 8, 6],
    [0, 4, 2],
  ],
  ["take, no indices", (x) => core.take(x, none), [1, 2], [], [0, 0], [0, 0]],
  ["take of NaN", (x) => core.take(x, [0, 1]), [NAN, 2, 3], [NAN, 2], [1, 1, 0], [0, 0, 0]],
  [
    "scatterSet, duplicates: the last wins",
    (x) => core.scatterSet(constant(7, 8), [0, 0], x).square(),
    [2, 3],
    [9, 64],
    [0, 6],
    [0, 2],
  ],
  [
    "scatterSet into x: what is replaced has no derivative",
    (x) => core.scatterSet(x, [1], constant(5)).square(),
    [2, 3],
    [4, 25],
    [4, 0],
    [2, 0],
  ],
  [
    "scatterSet, no indices",
    (x) => core.scatterSet(x, none, core.zeros([0], { dtype: "float64" })),
    [2],
    [2],
    [1],
  ],
  [
    "scatterAdd, duplicates",
    (x) => core.scatterAdd(constant(1, 1), [1, 1], x).square(),
    [2, 3],
    [1, 36],
    [12, 12],
    [4, 4],
  ],
  [
    "scatterMul, one zero",
    (x) => core.scatterMul(constant(2, 1), [0, 0, 0], x),
    [0, 3, 5],
    [0, 1],
    [30, 0, 0],
    // The derivatives of 2bc + 2ac + 2ab.
    [16, 10, 6],
  ],
  [
    "scatterMul, two zeros",
    (x) => core.scatterMul(constant(2, 1), [0, 0, 0], x),
    [0, 0, 5],
    [0, 1],
    [0, 0, 0],
    [10, 10, 0],
  ],
  [
    "scatterMul, x is zero",
    (x) => core.scatterMul(x, [0, -2], constant(3, 4)),
    [0, 2],
    [0, 2],
    [12, 1],
    [0, 0],
  ],
  [
    "scatterMax, ties of updates and x",
    (x) => core.scatterMax(x, [0, 0], core.concat([core.slice(x, 0, 1), constant(1)], 0)),
    [3, 9],
    [3, 9],
    [1, 1],
    [0, 0],
  ],
  [
    "scatterMax, a tie with a constant",
    (x) => core.scatterMax(x, [0], constant(2)),
    [2, 5],
    [2, 5],
    [0.5, 1],
    [0, 0],
  ],
  [
    "scatterMin, a tie with two",
    (x) => core.scatterMin(constant(4), [0, 0], x),
    [4, 4],
    [4],
    [1 / 3, 1 / 3],
    [0, 0],
  ],
  ["scatterMax, NaN wins", (x) => core.scatterMax(constant(4), [0, 0], x), [NAN, 9], [NAN], [1, 0], [0, 0]],
  ["scatterMax, x is NaN", (x) => core.scatterMax(x, [0], constant(1)), [NAN, 3], [NAN, 3], [1, 1], [0, 0]],
  ["scatterMin, NaN wins", (x) => core.scatterMin(constant(4), [0, 0], x), [NAN, 1], [NAN], [1, 0], [0, 0]],
  ["scatterMin, x is NaN", (x) => core.scatterMin(x, [0], constant(1)), [NAN, 3], [NAN, 3], [1, 1], [0, 0]],
  [
    "segmentSum, a segment without elements",
    (x) => core.segmentSum(x, [2, 0, 2], { numSegments: 4 }).square(),
    [1, 2, 3],
    [4, 0, 16, 0],
    [8, 4, 8],
    [4, 2, 4],
  ],
  [
    "takeAlongAxis, size 1",
    (x) => core.takeAlongAxis(core.reshape(x, [2, 1]), [[-1], [0]]),
    [1, 2],
    [1, 2],
    [1, 1],
    [0, 0],
  ],
  [
    "putAlongAxis, twice",
    (x) => core.putAlongAxis(constant(0, 0), [1, 1], x),
    [5, 6],
    [0, 6],
    [0, 1],
    [0, 0],
  ],
  [
    "gatherNd, a tuple twice",
    (x) => core.gatherNd(core.reshape(x, [2, 2]), [[0, 1], [0, 1]]).square(), // biome-ignore format: a matrix
    [1, 2, 3, 4],
    [4, 4],
    [0, 8, 0, 0],
    [0, 4, 0, 0],
  ],
];

describe("what indices name, at the edges", () => {
  test.each(LINES.map((line) => [line[0], line] as const))("%s", (_, line) => checkLine(line));

  test("a third derivative of a product of three updates, all of them 0, is 1", () => {
    const product = (x: Tensor): Tensor => core.scatterMul(constant(1), [0, 0, 0], x).sum();
    const line = (t: Tensor): Tensor => product(core.broadcastTo(t, [3]));
    const third = core.grad(core.grad(core.grad(line)));
    expect(third(core.tensor(0, { dtype: "float64" })).item()).toBe(6);
  });

  test("a masked place does not leak what it was made of", () => {
    const masked = (x: Tensor): Tensor => core.where([true, false], core.take(core.log(x), [1, 0]), 0).sum();
    expect(numbers(core.grad(masked)(float64([0, 4])))).toEqual([0, 0.25]);
  });

  test("an axis of size 0 has no index in range", () => {
    const empty = core.zeros([2, 0]);
    expect(core.take(empty, none, { axis: 1 }).shape).toEqual([2, 0]);
    expect(() => core.take(empty, [0], { axis: 1 })).toThrow(core.IndexError);
    expect(core.take(empty, [1], { axis: 0 }).arraySync()).toEqual([[]]);
  });
});
