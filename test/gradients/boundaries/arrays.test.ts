import * as core from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { float64, type Line, numbers, table } from "../support/boundary.ts";

type Tensor = core.Tensor;

const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];
const constant = (...values: number[]): Tensor => float64(values);
const zeros = (n: number): number[] => new Array<number>(n).fill(0);
const none = core.tensor(new Int32Array(0));
const segments = { numSegments: 3 };

const LINES: readonly Line[] = [
  ["at, an index twice", (x) => x.at([1, 1, -1]).get().square(), [1, 2, 3], [4, 4, 9], [0, 8, 6], [0, 4, 2]],
  ["at, no elements", (x) => x.at(core.range(2, 1)).get(), [1, 2], [], [0, 0], [0, 0]],
  ["at, nothing changed", (x) => x.at(core.range(2, 1)).add(7).square(), [1, 2], [1, 4], [2, 4], [2, 2]],
  [
    "at, set: what is replaced has no derivative",
    (x) => x.at(1).set(5).square(),
    [1, NAN, 3],
    [1, 25, 9],
    [2, 0, 6],
    [2, 0, 2],
  ],
  [
    "at, set twice: the last wins",
    (x) => constant(7, 8).at([0, 0]).set(x).square(),
    [2, 3],
    [9, 64],
    [0, 6],
    [0, 2],
  ],
  ["at, added twice", (x) => constant(1, 1).at([1, 1]).add(x).square(), [2, 3], [1, 36], [12, 12], [4, 4]],
  ["at, max, a tie", (x) => x.at(0).max(2), [2, 5], [2, 5], [0.5, 1], [0, 0]],
  ["at, min of a slice, NaN wins", (x) => x.at(core.range(0, 1)).min(2), [NAN, 5], [NAN, 5], [0, 1], [0, 0]],
  ["at, mul by 0", (x) => x.at([true, false]).mul(0), [2, 5], [0, 5], [0, 1], [0, 0]],
  [
    "at, a masked logarithm",
    (x) => x.at(x.greater(0)).apply((e) => e.log()),
    [0, 1],
    [0, 0],
    [1, 1],
    [0, -1],
  ],
  [
    "scatterNd, a tuple twice",
    (x) => core.scatterNd(constant(1, 2), [[1], [1]], x).square(),
    [3, 4],
    [1, 16],
    [0, 8],
    [0, 2],
  ],
  [
    "segmentMean, a segment without elements",
    (x) => core.segmentMean(x, [0, 2, 2], segments).square(),
    [1, 2, 4],
    [1, 0, 9],
    [2, 3, 3],
    [2, 1, 1],
  ],
  [
    "segmentMax, ties",
    (x) => core.segmentMax(x, [0, 0, 2], segments),
    [3, 3, 1],
    [3, -INF, 1],
    [0.5, 0.5, 1],
    zeros(3),
  ],
  [
    "segmentMin, NaN wins",
    (x) => core.segmentMin(x, [0, 0, 2], segments),
    [3, NAN, 1],
    [NAN, INF, 1],
    [0, 1, 1],
    zeros(3),
  ],
  [
    "segmentProd, a zero",
    (x) => core.segmentProd(x, [2, 0, 2, 2], segments),
    [0, 5, 2, 3],
    [5, 1, 0],
    [6, 1, 0, 0],
    // The derivatives of bc + ac + ab.
    [5, 0, 3, 2],
  ],
  [
    "segmentProd, infinite beside another segment",
    (x) => core.segmentProd(x, [0, 0, 1], segments),
    [INF, 2, 3],
    [INF, 3, 1],
    [2, INF, 1],
  ],
  ["segmentProd of nothing", (x) => core.segmentProd(x, none, segments), [], [1, 1, 1], [], []],
  [
    "topK, ties: the first",
    (x) => core.topK(x, 2)[0].square(),
    [1, 3, 3, 3],
    [9, 9],
    [0, 6, 6, 0],
    [0, 2, 2, 0],
  ],
  ["topK, NaN last", (x) => core.topK(x, 2)[0], [NAN, 1, INF], [INF, 1], [0, 1, 1], zeros(3)],
  ["topK of none", (x) => core.topK(x, 0)[0], [1, 2], [], [0, 0], [0, 0]],
  [
    "partition, ties",
    (x) => core.partition(x, 1).mul(constant(1, 2, 3)),
    [5, 5, 4],
    [4, 10, 15],
    [2, 3, 1],
    zeros(3),
  ],
  ["argpartition", (x) => core.argpartition(x, 0).cast("float64").mul(x), [2, 1], [2, 0], [1, 0], [0, 0]],
  ["median, odd", (x) => core.median(x), [3, 1, 2], [2], [0, 0, 1], zeros(3)],
  ["median, even, a tie", (x) => core.median(x), [3, 1, 3, 3], [3], [0.5, 0, 0.5, 0], zeros(4)],
  ["median of infinities", (x) => core.median(x), [INF, INF], [INF], [1, 0]],
  ["median, NaN wins", (x) => core.median(x), [3, NAN, 1], [NAN], [0, 1, 0], zeros(3)],
  ["median of one", (x) => core.median(x), [-2], [-2], [1], [0]],
  ["quantile, at the ends", (x) => core.quantile(x, [0, 1]), [3, 1, 2], [1, 3], [1, 1, 0], zeros(3)],
  ["quantile, at an element", (x) => core.quantile(x, 0.5), [3, -INF, 2], [2], [0, 0, 1], zeros(3)],
  ["quantile, between ties", (x) => core.quantile(x, 0.25), [1, 1], [1], [0.75, 0.25], [0, 0]],
  [
    "percentile, nearest, halfway",
    (x) => core.percentile(x, 50, undefined, { method: "nearest" }),
    [5, 2],
    [2],
    [0, 1],
    [0, 0],
  ],
  // At a place between elements, by q: the difference of the two; where q is 0 or 1, that of the side that floor takes.
  ["quantile, by q", (q) => core.quantile([1, 2, 4], q), [0.75], [3], [4], [0]],
  ["quantile, q out of range", (q) => core.quantile([1, 2, 4], q), [-0.1, NAN], [NAN, NAN], [0, 0], [0, 0]],
  [
    "interp, at a point: the piece behind it",
    (x) => core.interp(x, [0, 1, 2], [0, 1, 5]),
    [1, 2],
    [1, 5],
    [4, 4],
    [0, 0],
  ],
  [
    "interp, beyond the ends",
    (x) => core.interp(x, [0, 1], [2, 3]),
    [-1, 2, INF, NAN],
    [2, 3, 3, NAN],
    [0, 0, 0, 1],
  ],
  ["interp, one point", (x) => core.interp(x, [0], [2]), [-1, 0, 3], [2, 2, 2], [0, 0, 0], [0, 0, 0]],
  ["interp, a jump", (x) => core.interp(x, [0, 1, 1, 2], [0, 1, 3, 4]), [1, 0.5], [3, 0.5], [1, 1], [0, 0]],
  [
    "interp, around",
    (x) => core.interp(x, [0, 2], [0, 2], { period: 4 }),
    [3, -1, 6],
    [1, 1, 2],
    [-1, -1, -1],
    zeros(3),
  ],
  ["trapezoid of one", (x) => core.trapezoid(x), [3], [0], [0], [0]],
  ["trapezoid of nothing", (x) => core.trapezoid(x), [], [0], [], []],
  ["trapezoid", (x) => core.trapezoid(x, { x: x.square() }), [1, 2], [4.5], [-1.5, 7.5]],
  ["rot90, no elements", (x) => core.rot90(core.reshape(x, [0, 2])), [], [], [], []],
  ["rot90", (x) => core.rot90(core.reshape(x, [1, 2])).square(), [1, 2], [4, 1], [2, 4], [2, 2]],
  ["kron with one", (x) => core.kron(x, x.at(0).get()), [2, 3], [4, 6], [7, 2], [3, 1]],
  ["cross with itself", (x) => core.cross(x, x), [1, 2, 3], [0, 0, 0], zeros(3), zeros(3)],
  ["unique, ties: the first", (x) => core.unique(x).values.square(), [2, 1, 2], [1, 4], [4, 2, 0], [2, 2, 0]],
  ["unique, NaN once", (x) => core.unique(x).values, [NAN, 1, NAN], [1, NAN], [1, 1, 0], zeros(3)],
  ["unique of nothing", (x) => core.unique(x).values, [], [], [], []],
  ["bincount", (x) => core.bincount([1, 1], { weights: x, length: 3 }), [2, 3], [0, 5, 0], [1, 1], [0, 0]],
  [
    "histogram, the last edge, beyond, NaN",
    (x) => core.histogram(x, { bins: [0, 1, 2], weights: core.where(x.isNaN(), 0, x.square()) })[0],
    [2, 2.5, NAN, 1, -0],
    [0, 5],
    [4, 0, 0, 2, 0],
    [2, 0, 0, 2, 2],
  ],
  ["nonzero", (x) => x.at(...core.nonzero(x)).get(), [0, -0, NAN, 2], [NAN, 2], [0, 0, 1, 1], zeros(4)],
  ["nansum", (x) => core.nansum(x).square(), [NAN, 2, 1], [9], [0, 6, 6], [0, 4, 4]],
  ["nanmean of NaN alone", (x) => core.nanmean(x), [NAN, NAN], [NAN], [0, 0]],
  ["nanmean", (x) => core.nanmean(x), [NAN, 2, INF], [INF], [0, 0.5, 0.5], zeros(3)],
  ["nanmax, a tie", (x) => core.nanmax(x), [NAN, 2, 2], [2], [0, 0.5, 0.5], zeros(3)],
  ["nanmin of NaN alone", (x) => core.nanmin(x), [NAN], [NAN], [0], [0]],
  [
    "average by weights of which one is 0",
    (x) => core.average(x, 0, { weights: constant(0, 2) }),
    [5, 3],
    [3],
    [0, 1],
    zeros(2),
  ],
  [
    "average, by weights",
    (w) => core.average(constant(5, 3), 0, { weights: w }),
    [1, 1],
    [4],
    [0.5, -0.5],
    [-0.5, 0.5],
  ],
  ["cov", (x) => core.cov(x), [1, 3], [2], [-2, 2], [0, 0]],
  ["cov of one", (x) => core.cov(x), [1], [NAN]],
  ["corrcoef of one variable", (x) => core.corrcoef(x), [1, 3], [1], [0, 0], [0, 0]],
  [
    "isClose",
    (x) =>
      core
        .isClose(x, constant(1, 0, INF))
        .cast("float64")
        .mul(x),
    [1, 1, INF],
    [1, 0, INF],
    [1, 0, 1],
    zeros(3),
  ],
  ["allClose to itself", (x) => core.allClose(x, x).cast("float64").mul(x), [2, 3], [2, 3], [1, 1], zeros(2)],
  ["diff of one, with a start", (x) => core.diff(x, { prepend: 0 }), [3], [3], [1], [0]],
  ["diff of nothing", (x) => core.diff(x, { append: 1 }), [], [], [], []],
  [
    "repeat by a tensor that is cut off",
    (x) => core.repeat(x, core.tensor([2, 2], { dtype: "int32" }), 0, { totalRepeatLength: 3 }),
    [1, 2],
    [1, 1, 2],
    [2, 1],
    [0, 0],
  ],
];

table("array operations at ties, ends and nothing", LINES);

describe("places that depend on values", () => {
  test("NaN comes last: searchsorted, digitize, argwhere", () => {
    const sorted = float64([1, 2, 2, NAN]);
    expect(numbers(core.searchsorted(sorted, float64([0, 2, 3, NAN, INF])))).toEqual([0, 1, 3, 3, 3]);
    expect(numbers(core.searchsorted(sorted, float64([0, 2, 3, NAN]), { side: "right" }))).toEqual([
      0, 3, 3, 4,
    ]);
    expect(numbers(core.searchsorted(new Float32Array(0), [1, NAN]))).toEqual([0, 0]);
    expect(numbers(core.digitize(float64([0, 1, NAN]), [1]))).toEqual([0, 1, 1]);
    expect(core.argwhere(float64([0, NAN, -0, 1])).arraySync()).toEqual([[1], [3]]);
  });
});
