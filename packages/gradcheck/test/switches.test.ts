import * as core from "@cotangent/core";
import { graphOf, primitives, type Tensor, tensor } from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { isSwitch, switchesIn } from "../src/kinks/switches.ts";
import { Runner } from "../src/numeric/runner.ts";

const float64 = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensor(new Float64Array(values), { shape });

/** A function, a point, and the least distance from a kink there. */
const DISTANCES: readonly (readonly [string, (x: Tensor) => Tensor, Tensor, number])[] = [
  ["relu", core.relu, float64([3, -0.25, 7]), 0.25],
  ["abs", core.abs, float64([3, -0.25]), 0.25],
  ["sign", core.sign, float64([3, -0.25]), 0.25],
  ["maximum", (x) => core.maximum(x, x.mul(2)), float64([3, -0.5]), 0.5],
  ["maximum of the same", (x) => core.maximum(x, x), float64([3, -0.5]), Number.POSITIVE_INFINITY],
  ["minimum", (x) => core.minimum(x, 1), float64([3, 1.125]), 0.125],
  ["clip", (x) => core.clip(x, 0, 1), float64([0.75, 0.5]), 0.25],
  ["floor", core.floor, float64([1.5, 2.125]), 0.125],
  ["ceil", core.ceil, float64([1.5, 2.875]), 0.125],
  ["trunc", core.trunc, float64([-1.75]), 0.25],
  ["round", core.round, float64([1.25, 2.75]), 0.25],
  ["mod", (x) => core.mod(x, 2), float64([4.5, 1]), 0.5],
  ["where", (x) => core.where(x.greater(1), x, 0), float64([1.5, 0.25]), 0.5],
  ["max over an axis", (x) => x.max(1), float64([1, 2, 4, 7, 3, 6.5], [2, 3]), 0.5],
  ["max over all", (x) => x.max(), float64([1, 2, 4, 7, 3, 6.5], [2, 3]), 0.5],
  ["max at a tie", (x) => x.max(), float64([1, 7, 7]), 0],
  ["min over an axis", (x) => x.min(0), float64([1, 2, 4, 1.25, 3, 6.5], [2, 3]), 0.25],
  ["argmax", (x) => x.argmax(0).cast("float64"), float64([1, 7, 3]), 4],
  ["sort", (x) => core.sort(x), float64([1, 7, 3, 6.5]), 0.5],
  ["sort along an axis", (x) => core.sort(x, { axis: 0 }), float64([1, 7, 3, 6.5], [2, 2]), 0.5],
  ["cummax", (x) => core.cummax(x, 0), float64([1, 7, 3, 6.5]), 0.5],
  ["cast to whole numbers", (x) => x.cast("int32").cast("float64"), float64([1.25]), 0.25],
  ["no kink at all", (x) => x.sin().mul(x).sum(), float64([0]), Number.POSITIVE_INFINITY],
  [
    "a kink of something that does not move",
    () => core.abs(float64([0.5])),
    float64([1]),
    Number.POSITIVE_INFINITY,
  ],
];

test.each(DISTANCES)("the distance from a kink of %s", (_, f, x, expected) => {
  const graph = graphOf([f(x)], [x]);
  const { nodes } = graph.program;
  const distances = switchesIn(graph, 1).map(({ place, distance }) => {
    const operands = nodes[place].inputs.map((source) => graph.tensors[source]);
    return distance(new Runner(operands, [x]).run([x.dataSync()]), nodes[place]);
  });
  expect(Math.min(Number.POSITIVE_INFINITY, ...distances)).toBe(expected);
});

describe("the piece on which a point lies", () => {
  test.each(DISTANCES.filter(([, , , distance]) => distance > 0 && distance < 10))(
    "of %s is the same nearer than the kink, and another one behind it",
    (_, f, x, distance) => {
      const graph = graphOf([f(x)], [x]);
      const runner = new Runner(
        switchesIn(graph, 1).map(({ piece }) => piece),
        [x],
      );
      const here = x.dataSync();
      const text = (values: ArrayLike<number>) =>
        runner
          .run([Float64Array.from(values)])
          .map(String)
          .join();
      const moved = (by: number) =>
        [...here].flatMap((_, i) =>
          [1, -1].map((sign) => text(here.map((v, k) => (i === k ? v + sign * by : v)))),
        );
      expect(new Set(moved(0.9 * distance))).toEqual(new Set([text(here)]));
      expect(moved(1.1 * distance).some((other) => other !== text(here))).toBe(true);
    },
  );
});

/** Primitives whose results are whole numbers or chosen, and which are no switches all the same. */
const NO_SWITCHES = [
  // Their operands are no floating numbers, or their results say nothing of them.
  "reduceAnd", "reduceOr", "bitwise", "shift", "randomBits", "isNaN", "isFinite", "bitcast", "iota",
]; // biome-ignore format: a list

test("every primitive without a derivative is a switch, or there is a reason why not", () => {
  const flat = primitives().filter(
    ({ derivative, leaf, name }) => derivative.kind === "none" && leaf !== true && name !== "constant",
  );
  const others = ["stopGradient", "compiledResult"];
  expect(
    flat
      .map(({ name }) => name)
      .filter((name) => !isSwitch(name) && !NO_SWITCHES.includes(name) && !others.includes(name)),
  ).toEqual([]);
});
