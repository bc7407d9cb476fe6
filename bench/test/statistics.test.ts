import { describe, expect, test } from "vitest";
import { geometricMean, iterationsFor, largestDifference, median, summarize } from "../runner/statistics.ts";

describe("median", () => {
  test("is the middle, whatever the order", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  test("leaves its argument as it was", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  test("of nothing is NaN", () => expect(median([])).toBeNaN());
});

describe("geometricMean", () => {
  test("gives a ratio and its inverse the same weight", () => {
    expect(geometricMean([4, 1 / 4])).toBeCloseTo(1, 12);
    expect(geometricMean([2, 8])).toBeCloseTo(4, 12);
  });

  test("of nothing is NaN", () => expect(geometricMean([])).toBeNaN());
});

describe("summarize", () => {
  test("takes the median of the rounds' medians: a disturbed round counts once", () => {
    const quiet = [10, 11, 12];
    const disturbed = new Array(1000).fill(99);
    expect(summarize([quiet, quiet, disturbed]).median).toBe(11);
  });

  test("counts pauses in the mean", () => {
    const { median, mean, iterations } = summarize([[1, 1, 1, 97]]);
    expect([median, mean, iterations]).toEqual([1, 25, 4]);
  });

  test("says how far the rounds lie apart", () => {
    expect(summarize([[9], [10], [11]]).spread).toBeCloseTo(0.2, 12);
    expect(summarize([[10], [10]]).spread).toBe(0);
  });
});

describe("iterationsFor", () => {
  test("fills the time of a round", () => expect(iterationsFor(100, 50)).toBe(500));
  test("is one at least", () => expect(iterationsFor(2_000_000, 50)).toBe(1));
  test("has an upper limit", () => expect(iterationsFor(0, 1000, 300)).toBe(300));
});

describe("largestDifference", () => {
  test("is relative to the larger number", () => {
    expect(largestDifference([[1000, -2]], [[999, -2]])).toBeCloseTo(1e-3, 12);
    expect(largestDifference([[1], [2]], [[1], [4]])).toBe(0.5);
    expect(largestDifference([[0, 5]], [[0, 5]])).toBe(0);
    expect(largestDifference([[0]], [[1e-9]])).toBe(1);
  });

  test("is infinite when results are missing or not numbers", () => {
    const inf = Number.POSITIVE_INFINITY;
    expect(largestDifference([[1, 2]], [[1]])).toBe(inf);
    expect(largestDifference([[1], [2]], [[1]])).toBe(inf);
    expect(largestDifference([[Number.NaN]], [[Number.NaN]])).toBe(inf);
    expect(largestDifference([[Number.NaN], [1]], [[1], [1]])).toBe(inf);
  });
});
