import { describe, expect, test } from "vitest";
import {
  arange,
  argwhere,
  bincount,
  compile,
  cross,
  DTypeError,
  diff,
  digitize,
  grad,
  histogram,
  IndexError,
  interp,
  median,
  nonzero,
  partition,
  quantile,
  repeat,
  rot90,
  ShapeError,
  StateError,
  scatterNd,
  searchsorted,
  segmentMax,
  segmentMean,
  segmentProd,
  type Tensor,
  TraceError,
  take,
  tensor,
  topK,
  trapezoid,
  unique,
  vmap,
  zeros,
} from "../src/index.ts";

const x = tensor([3, 1, 2, 3, 1]);
const ints = (...values: number[]): Tensor => tensor(Int32Array.from(values));

describe("sizes that depend on values", () => {
  test("are read, where there are values", () => {
    expect(unique(x).values.arraySync()).toEqual([1, 2, 3]);
    expect(unique(x).counts.arraySync()).toEqual([2, 1, 2]);
    expect(nonzero(x.greater(1))[0].arraySync()).toEqual([0, 2, 3]);
    expect(argwhere(tensor([[0, 1], [1, 0]])).arraySync()).toEqual([[0, 1], [1, 0]]); // biome-ignore format: matrices
    expect(argwhere(tensor(5)).shape).toEqual([1, 0]);
    expect(bincount(ints(0, 2, 2)).arraySync()).toEqual([1, 0, 2]);
    expect(repeat(x, ints(1, 0, 0, 2, 0)).arraySync()).toEqual([3, 3, 3]);
  });

  test("are given, while a function is traced", () => {
    const traced: [string, (z: Tensor) => Tensor, (z: Tensor) => Tensor][] = [
      ["unique", (z) => unique(z).values, (z) => unique(z, { size: 4 }).values],
      ["nonzero", (z) => nonzero(z)[0], (z) => nonzero(z, { size: 7, fillValue: -1 })[0]],
      ["argwhere", argwhere, (z) => argwhere(z, { size: 2 })],
      ["bincount", (z) => bincount(z.cast("int32")), (z) => bincount(z.cast("int32"), { length: 4 })],
      ["repeat", (z) => repeat(z, z.cast("int32")), (z) => repeat(z, z.cast("int32"), 0, { totalRepeatLength: 12 })], // biome-ignore format: a line
    ];
    for (const [name, wrong, right] of traced) {
      expect(() => compile(wrong)(x), name).toThrow(TraceError);
      expect(() => vmap(wrong)(x.reshape([1, 5])), name).toThrow(
        `${name}: the number of elements depends on values`,
      );
      expect(compile(right)(x).arraySync(), name).toEqual(right(x).arraySync());
      expect(vmap(right)(x.reshape([1, 5])).arraySync(), name).toEqual([right(x).arraySync()]);
    }
    expect(unique(x, { size: 4 }).values.arraySync()).toEqual([1, 2, 3, 1]);
    expect(unique(x, { size: 2, fillValue: 9 }).values.arraySync()).toEqual([1, 2]);
    expect(unique(x, { size: 5, fillValue: 9 }).values.arraySync()).toEqual([1, 2, 3, 9, 9]);
  });
});

describe("values", () => {
  test("inverse puts x together again", () => {
    const { values, inverse } = unique(x.reshape([5, 1]));
    expect(take(values, inverse).arraySync()).toEqual(x.reshape([5, 1]).arraySync());
  });

  test("large searches are right", () => {
    const table = arange(100_000);
    expect(searchsorted(table, ints(0, 99_999, 100_000, -1, 31_337)).arraySync()).toEqual([
      0, 99_999, 100_000, 0, 31_337,
    ]);
  });

  test("products of segments that are not sorted, with their derivatives", () => {
    const f = (z: Tensor) => segmentProd(z, [1, 0, -1, 0, 1], { numSegments: 2 }).sum();
    expect(f(x).item()).toBe(3 + 6);
    expect(grad(f)(x).arraySync()).toEqual([2, 3, 3, 1, 6]);
  });

  test("a weighted histogram is differentiable by its weights", () => {
    const f = (w: Tensor) => histogram(x, { bins: 2, weights: w, density: true })[0].at(0).get();
    expect(f(tensor([1, 1, 1, 1, 1])).item()).toBeCloseTo(0.4);
    expect(
      grad(f)(tensor([1, 1, 1, 1, 1]))
        .at(0)
        .get()
        .item(),
    ).toBeCloseTo(-0.08);
  });
});

describe("errors", () => {
  const wrong: [string, () => unknown, unknown, RegExp][] = [
    [
      "topK of too many",
      () => topK(x, 6),
      IndexError,
      /topK: 6 elements cannot be chosen along axis 0 of \[5\]/,
    ],
    [
      "topK, an unknown option",
      () => topK(x, 1, { sorted: true } as object),
      StateError,
      /unknown option sorted/,
    ],
    ["partition", () => partition(x, [0, 5]), IndexError, /partition: place 5 is out of range/],
    ["median of nothing", () => median(zeros([0])), ShapeError, /median: there are no elements in \[0\]/],
    ["quantile", () => quantile(x, 1.5), IndexError, /quantile: 1\.5 is not between 0 and 1/],
    [
      "quantile, method",
      () => quantile(x, 0.5, 0, { method: "mean" as "lower" }),
      StateError,
      /method is .*mean/,
    ],
    ["searchsorted, side", () => searchsorted(x, 1, { side: "top" as "left" }), StateError, /side is .*top/],
    ["searchsorted in a scalar", () => searchsorted(3, x), ShapeError, /cannot be searched for in \[\]/],
    ["searchsorted, batches", () => searchsorted(zeros([2, 3]), zeros([3, 1])), ShapeError, /in \[2, 3\]/],
    ["digitize", () => digitize(x, zeros([2, 2])), ShapeError, /digitize: shape \[2, 2\] is no vector/],
    ["histogram, bins", () => histogram(x, { bins: 0 }), StateError, /histogram: bins is number 0/],
    ["histogram, an edge", () => histogram(x, { bins: [1] }), ShapeError, /1 edges make no interval/],
    ["histogram, range", () => histogram(x, { range: [2, 1] }), IndexError, /histogram: range is/],
    [
      "histogram, weights",
      () => histogram(x, { weights: [1] }),
      ShapeError,
      /weights have shape \[1\], not \[5\]/,
    ],
    ["bincount of fractions", () => bincount(x), DTypeError, /bincount: indices have dtype float32/],
    ["nonzero of a scalar", () => nonzero(tensor(1)), ShapeError, /nonzero: a scalar has no indices/],
    ["a negative size", () => nonzero(x, { size: -1 }), ShapeError, /nonzero: \[-1\] is not a shape/],
    ["segments", () => segmentMean(x, [0, 1], { numSegments: 2 }), ShapeError, /segment ids of shape \[2\]/],
    ["segments, an option", () => segmentMax(x, ints(0, 1, 0, 1, 0), { segments: 2 } as never), StateError, /unknown option segments/], // biome-ignore format: a line
    ["scatterNd", () => scatterNd(x, [[0, 1]], [1]), ShapeError, /scatterNd: tuples in indices \[1, 2\]/],
    ["scatterNd, reduction", () => scatterNd(x, [[0]], [1], { reduction: "sum" as "add" }), StateError, /reduction is .*sum/], // biome-ignore format: a line
    ["interp", () => interp(x, [1, 2], [1]), ShapeError, /points at \[2\] have values \[1\]/],
    ["interp, period", () => interp(x, [1, 2], [1, 2], { period: 0 }), StateError, /period is number 0/],
    ["trapezoid", () => trapezoid(x, { x: [1, 2] }), ShapeError, /x \[2\] does not say where the points of y \[5\] are/], // biome-ignore format: a line
    ["rot90 of a vector", () => rot90(x), IndexError, /rot90: axis 1 is out of range/],
    ["rot90, one axis", () => rot90(zeros([2, 2]), { axes: [1, -1] }), IndexError, /rot90: 1 turns in the plane of axes \[1, -1\]/], // biome-ignore format: a line
    [
      "cross in the plane",
      () => cross([1, 2], [3, 4]),
      ShapeError,
      /cross: axis -1 of \[2\] has size 2, not 3/,
    ],
    ["diff, a start of another rank", () => diff(zeros([2, 2]), { prepend: zeros([3]), axis: 0 }), ShapeError, /\[3\] cannot be joined to \[2, 2\]/], // biome-ignore format: a line
    ["repeat", () => repeat(x, ints(1, 2)), ShapeError, /counts of shape \[2\] for axis 0 of \[5\]/],
  ];

  test.each(wrong)("%s", (_, call, type, message) => {
    expect(call).toThrow(type as typeof IndexError);
    expect(call).toThrow(message);
  });

  test("numbers that cannot be counted are errors of the read", () => {
    expect(() => bincount(ints(0, 5), { length: 3 }).arraySync()).toThrow(
      "bincount: index 5 at [1] is out of range",
    );
    expect(() => bincount(ints(0, -1), { length: 3 }).arraySync()).toThrow(IndexError);
    expect(() => segmentProd([1, 2], ints(0, 2), { numSegments: 2 }).arraySync()).toThrow(
      "segmentProd: index 2 at [1]",
    );
  });
});
