import { describe, expect, test } from "vitest";
import { grad, IndexError, StateError, sort, tensor } from "../src/index.ts";

describe("sort", () => {
  test("puts NaN last in both directions, and keeps zeros in their order", () => {
    const x = tensor([0, Number.NaN, -0, Number.POSITIVE_INFINITY, -1, Number.NEGATIVE_INFINITY]);
    const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    expect(sort(x).arraySync()).toEqual([low, -1, 0, -0, high, Number.NaN]);
    expect(x.sort({ descending: true }).arraySync()).toEqual([high, 0, -0, -1, low, Number.NaN]);
  });

  test("sorts along an axis, in every size", () => {
    const x = tensor([
      [3, 1],
      [2, 5],
    ]);
    expect(x.sort({ axis: 0 }).arraySync()).toEqual([
      [2, 1],
      [3, 5],
    ]);
    expect(sort(tensor([], { shape: [0] })).arraySync()).toEqual([]);
    expect(sort([7]).arraySync()).toEqual([7]);
  });

  test("the gradient goes to where elements came from, ties in their order", () => {
    const weights = tensor([1, 2, 3]);
    expect(grad((x) => sort(x).mul(weights).sum())(tensor([5, 4, 4])).arraySync()).toEqual([3, 1, 2]);
  });

  test("refuses axes and options that there are not", () => {
    expect(() => sort([1], { axis: 1 })).toThrow(IndexError);
    expect(() => sort([1], { order: 1 } as never)).toThrow(StateError);
  });
});
