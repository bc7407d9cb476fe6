import { describe, expect, test } from "vitest";
import { isTight, judged, type Sample } from "../src/check/judge.ts";

/** Windows with ever smaller steps: numeric value and tolerance of each. */
const windows = (...list: readonly (readonly [numeric: number, tolerance: number])[]): Sample[] =>
  list.map(([numeric, tolerance], i) => ({ numeric, tolerance, exponent: -4 * (i + 1) }));

const verdictOf = (analytic: number, samples: readonly Sample[], scale = 1) =>
  judged(analytic, samples, scale).verdict;

describe("a verdict", () => {
  test("is right where the most exact of the windows that agree agrees", () => {
    expect(verdictOf(1, windows([1 + 1e-12, 1e-11], [1, 1e-9], [1.0001, 1e-3]))).toBe("right");
  });

  test("is wrong where two windows say so", () => {
    expect(verdictOf(1.00001, windows([1, 1e-11], [1, 1e-9], [1, 1e-3]))).toBe("wrong");
    expect(verdictOf(-1, windows([1, 1e-3], [1.0001, 2e-3]))).toBe("wrong");
    expect(verdictOf(Number.NaN, windows([1, 1e-11], [1, 1e-9]))).toBe("wrong");
    expect(verdictOf(Number.POSITIVE_INFINITY, windows([1, 1e-11], [1, 1e-9]))).toBe("wrong");
  });

  test("is open where only one says so", () => {
    expect(verdictOf(2, windows([1, 1e-11]))).toBe("inconclusive");
  });

  test("is open where the numeric value is not known well enough", () => {
    expect(verdictOf(1, windows([1.1, 0.2], [0.9, 0.2]))).toBe("inconclusive");
    expect(verdictOf(1, windows([Number.NaN, Number.NaN]))).toBe("inconclusive");
    expect(verdictOf(1, [])).toBe("inconclusive");
  });

  test("believes the small steps of a function that only looks flat at large ones", () => {
    const needle = windows([0, 1e-12], [0, 1e-11], [1e6, 1e2], [1e6, 1e1]);
    expect(verdictOf(1e6, needle)).toBe("right");
    expect(verdictOf(2e6, needle)).toBe("wrong");
  });

  test("takes a derivative that is nothing beside the function for zero", () => {
    expect(verdictOf(0, windows([1e-13, 1e-12]))).toBe("right");
    expect(verdictOf(0, windows([1e-13, 1e-12]), 0)).toBe("inconclusive");
  });
});

test("nothing more is asked where both values agree to seven digits", () => {
  const [sample] = windows([1, 1e-9]);
  expect(isTight(1, sample, 1)).toBe(true);
  expect(isTight(1 + 1e-8, sample, 1)).toBe(false);
  expect(isTight(1, { ...sample, tolerance: 1e-5 }, 1)).toBe(false);
});
