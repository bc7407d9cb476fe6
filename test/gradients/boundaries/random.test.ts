import * as core from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { expectNumbers, float64, numbers, ordersAt } from "../support/boundary.ts";

type Tensor = core.Tensor;
const { random } = core;
const INF = Number.POSITIVE_INFINITY;
const NAN = Number.NaN;

describe("the order of elements", () => {
  test.each([false, true])("is the same for zeros of both signs, NaN last, descending %s", (descending) => {
    const x = float64([0, NAN, -0, INF, -INF, NAN, 5e-324, -0]);
    const wanted = descending ? [3, 6, 0, 2, 7, 4, 1, 5] : [4, 0, 2, 7, 6, 3, 1, 5];
    expect(numbers(core.argsort(x, { descending }))).toEqual(wanted);
    expect(numbers(core.argsort(x.cast("float32"), { descending }))).toEqual(
      // The least float64 is 0 in float32.
      descending ? [3, 0, 2, 6, 7, 4, 1, 5] : [4, 0, 2, 6, 7, 3, 1, 5],
    );
  });

  test("of nothing, of one element, of rows that are empty", () => {
    expect(core.argsort(float64([])).shape).toEqual([0]);
    expect(numbers(core.argsort(float64([NAN])))).toEqual([0]);
    expect(core.argsort(core.zeros([3, 0])).shape).toEqual([3, 0]);
    expect(numbers(core.argsort(core.zeros([0, 3]), { axis: 0 }))).toEqual([]);
    expect(() => core.argsort(1)).toThrow(core.IndexError);
  });

  test("has the derivative 0 at ties and elsewhere", () => {
    const weighted = (x: Tensor): Tensor => core.argsort(x).cast("float64").mul(x);
    const { value, first, second } = ordersAt(weighted, [2, 1, 1, 3]);
    expectNumbers(value, [2, 2, 0, 9]);
    expectNumbers(first, [1, 2, 0, 3]);
    expectNumbers(second, [0, 0, 0, 0]);
  });
});

describe("draws at the edges of their parameters", () => {
  const key = random.key(1);

  test("a probability that is a tensor has the derivative 0, at 0 and 1 and outside too", () => {
    const truth = (p: Tensor): Tensor => random.bernoulli(p, { key }).cast("float64").mul(p);
    const { value, first, second } = ordersAt(truth, [0, 1, -INF, 2]);
    expectNumbers(value, [0, 1, NAN, 2]);
    expectNumbers(first, [0, 1, 0, 1]);
    expectNumbers(second, [0, 0, 0, 0]);
  });

  test("categories of logits that are infinite or NaN", () => {
    const category = (logits: number[]): number => random.categorical(float64(logits), { key }).item();
    expect(category([-INF, -INF, 0])).toBe(2);
    expect(category([0, INF, 0])).toBe(1);
    expect(category([0, 1, NAN])).toBe(2);
    expect(category([-INF, -INF])).toBe(0);
  });

  test("no draw is infinite", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const options = { seed: 2, dtype };
      const draws = [random.gumbel, random.exponential, random.laplace, random.truncatedNormal];
      for (const draw of draws) {
        expect([...draw([100_000], options).dataSync()].every(Number.isFinite)).toBe(true);
      }
      const tails = random.truncatedNormal([1000], { ...options, lower: -INF, upper: INF });
      expect([...tails.dataSync()].every(Number.isFinite)).toBe(true);
    }
  });

  test("draws of nothing have their shape", () => {
    expect(random.gumbel([0, 3], { key }).shape).toEqual([0, 3]);
    expect(random.randint([2, 0], { high: 3, key }).shape).toEqual([2, 0]);
    expect(random.categorical(core.zeros([0, 3]), { key }).shape).toEqual([0]);
    expect(random.permutation(0, { key }).shape).toEqual([0]);
  });
});
