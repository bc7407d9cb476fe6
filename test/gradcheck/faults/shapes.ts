import {
  add,
  concat,
  cumsum,
  exp,
  flip,
  type IndexingParams,
  matmul,
  mean,
  mul,
  reshape,
  scatterAdd,
  sin,
  slice,
  softmax,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  take,
  transpose,
  variance,
} from "@cotangent/core";
import { explicitFault, transposeFault } from "../../gradients/support/faults.ts";
import { drawn, ordinary, sometimes, square as squareShape, whole } from "../support/draws.ts";
import type { FaultTable, Inputs } from "../support/rows.ts";
import { withBackward, withBackward2 } from "../support/rules.ts";

const vector: Inputs = (random) => [drawn(random, [random.whole(2, 5)], ordinary)];
const matrix: Inputs = (random) => [drawn(random, [random.whole(2, 3), random.whole(2, 3)], ordinary)];
const squares: Inputs = (random) => [drawn(random, squareShape(random), ordinary)];

const dense = (x: Tensor, w: Tensor) => matmul(x, w);
const denseTransposed = withBackward2(dense, (ct, x, w) => [
  matmul(ct, transpose(w)),
  transpose(matmul(transpose(x), ct)),
]);

const biased = (x: Tensor, b: Tensor) => add(x, b);
const biasedFirstRow = withBackward2(biased, (ct, _, b) => [ct, reshape(slice(ct, 0, 1), b.shape)]);
const biasedWrongAxis = withBackward2(biased, (ct) => [ct, sum(ct, 1)]);
const biasedSizeOne = withBackward2(biased, (ct, _, b) => [
  ct,
  b.rank === 1 ? sum(ct, 0) : b.shape[0] === 1 ? slice(ct, 0, 1) : ct,
]);
const biasedMean = withBackward2(biased, (ct) => [ct, mean(ct, 0)]);

const average = (x: Tensor) => mean(x);
const averageWithoutShare = withBackward(average, (ct, x) => ct.broadcastTo(x.shape));

const centred = (x: Tensor) => sub(x, mean(x));
const centredSizeOne = withBackward(centred, (ct, x) => (x.size === 1 ? ct : sub(ct, mean(ct))));

const scores = (x: Tensor) => softmax(x);
const scoresWithoutTerm = withBackward(scores, (ct, x) => mul(ct, softmax(x)));
const scoresWrongAxis = withBackward(scores, (ct, x) => {
  const y = softmax(x);
  return mul(y, sub(ct, sum(mul(ct, y), 0, { keepDims: true })));
});

const rowSums = (x: Tensor) => sum(x, 1);
const rowSumsWrongAxis = withBackward(rowSums, (ct, x) => ct.broadcastTo(x.shape));

const spreadOf = (x: Tensor) => variance(x, undefined, { correction: 1 });
const spreadOfBiased = withBackward(spreadOf, (ct, x) => mul(ct, sub(x, mean(x))).mul(2 / x.size));

const rows = (table: Tensor, indices: Tensor) => take(table, indices, { axis: 0 });
const rowsOffByOne = withBackward2(rows, (ct, table, indices) => {
  const next = indices.add(1).mod(table.shape[0]);
  return [scatterAdd(table.mul(0), next, ct), null];
});

const total = (x: Tensor) => sum(x);
const totalAtRankZero = withBackward(total, (ct, x) => (x.rank === 0 ? ct.mul(2) : ct.broadcastTo(x.shape)));

const bothTotals = (x: Tensor, y: Tensor) => add(sum(x), sum(square(y)));
const bothTotalsEmpty = withBackward2(bothTotals, (ct, x, y) => [
  ct.broadcastTo(x.shape),
  mul(ct, y).mul((2 * x.size) / x.size),
]);

const LARGE = 100_000;
const PLACE = 73_211;
const waves = (x: Tensor) => sin(x);
const wavesInOnePlace = withBackward(waves, (ct, x) => {
  const right = mul(ct, x.cos());
  return scatterAdd(right, [PLACE], slice(right, PLACE, PLACE + 1).mul(1e-3));
});

const filter = (x: Tensor) => add(mul(x, 0.5), flip(x, 0));
const filterNotTurned = withBackward(filter, (ct) => add(mul(ct, 0.5), ct));

const grown = (x: Tensor) => exp(x);
const lastRowLost = withBackward(grown, (ct, x) => {
  const right = mul(ct, exp(x));
  const n = x.shape[0];
  return n < 3 ? right : concat([slice(right, 0, n - 1), slice(right, n - 1).mul(0)], 0);
});

/** Rules whose mistake has to do with shapes, axes and places. */
export const shapes: FaultTable = {
  url: import.meta.url,
  rows: [
    {
      name: "matmul-transposed",
      wrong: "the gradient of a square weight matrix transposed",
      f: (x: Tensor, w: Tensor) => denseTransposed(x, w), // fault: matmul-transposed
      inputs: (random) => {
        const shape = squareShape(random);
        return [drawn(random, shape, ordinary), drawn(random, shape, ordinary)];
      },
      culprit: { operation: "dense", operand: 1 },
    },
    {
      name: "bias-first-row",
      wrong: "a bias that gets the first row of the cotangent, not the sum",
      f: (x: Tensor, b: Tensor) => biasedFirstRow(x, b), // fault: bias-first-row
      inputs: (random) => [drawn(random, [random.whole(1, 3), 2], ordinary), drawn(random, [2], ordinary)],
      culprit: { operation: "biased", operand: 1 },
    },
    {
      name: "bias-wrong-axis",
      wrong: "a bias whose gradient is summed over the other axis of a square",
      f: (x: Tensor, b: Tensor) => biasedWrongAxis(x, b), // fault: bias-wrong-axis
      inputs: (random) => {
        const [n] = squareShape(random);
        return [drawn(random, [n, n], ordinary), drawn(random, [n], ordinary)];
      },
      culprit: { operation: "biased", operand: 1 },
    },
    {
      name: "bias-size-1",
      wrong: "a reduction that is missing only where an axis of size 1 stretches",
      f: (x: Tensor, b: Tensor) => biasedSizeOne(x, b), // fault: bias-size-1
      inputs: (random) => {
        const x = drawn(random, [3, 2], ordinary);
        const shape = [[2], [1, 2], [3, 2]][random.whole(0, 2)];
        return [x, drawn(random, shape, ordinary)];
      },
      culprit: { operation: "biased", operand: 1 },
    },
    {
      name: "bias-mean",
      wrong: "a bias whose gradient is averaged instead of summed",
      f: (x: Tensor, b: Tensor) => biasedMean(x, b), // fault: bias-mean
      inputs: (random) => [drawn(random, [random.whole(1, 3), 2], ordinary), drawn(random, [2], ordinary)],
      culprit: { operation: "biased", operand: 1 },
    },
    {
      name: "broadcast-primitive",
      wrong: "broadcasting itself takes the first of what was repeated, not the sum",
      f: (x: Tensor, y: Tensor) => add(x, y), // fault: broadcast-primitive
      inputs: (random) => [drawn(random, [3, 2], ordinary), drawn(random, [2], ordinary)],
      fault: transposeFault("broadcast", "no sum", () => (b, ct, [x]) => {
        const start = ct.shape.map(() => 0);
        const offset = ct.rank - x.rank;
        const end = ct.shape.map((size, axis) =>
          axis < offset ? 1 : Math.min(size, x.shape[axis - offset]),
        );
        return [b.reshape(b.slice(ct, start, end), x.shape)];
      }),
      culprit: { operation: "broadcast", operand: 0 },
    },
    {
      name: "mean-without-1/n",
      wrong: "a mean whose gradient is that of a sum",
      f: (x: Tensor) => averageWithoutShare(x), // fault: mean-without-1/n
      inputs: vector,
      culprit: { operation: "average", operand: 0 },
    },
    {
      name: "centred-size-1",
      wrong: "x - mean(x) whose gradient is wrong only for one element",
      f: (x: Tensor) => centredSizeOne(x), // fault: centred-size-1
      inputs: (random) => [drawn(random, [random.whole(1, 4)], ordinary)],
      culprit: { operation: "centred", operand: 0 },
    },
    {
      name: "norm-as-constant",
      wrong: "x / |x| with |x| taken for a constant",
      f: (x: Tensor) => x.div(stopGradient(sqrt(sum(square(x))))), // fault: norm-as-constant
      inputs: vector,
      culprit: { operation: "stopGradient" },
    },
    {
      name: "softmax-without-term",
      wrong: "softmax without the subtraction in its derivative",
      f: (x: Tensor) => scoresWithoutTerm(x), // fault: softmax-without-term
      inputs: vector,
      culprit: { operation: "scores", operand: 0 },
    },
    {
      name: "softmax-wrong-axis",
      wrong: "softmax whose derivative sums over the other axis of a square",
      f: (x: Tensor) => scoresWrongAxis(x), // fault: softmax-wrong-axis
      inputs: squares,
      culprit: { operation: "scores", operand: 0 },
    },
    {
      name: "sum-wrong-axis",
      wrong: "sums of rows whose cotangent is spread along columns",
      f: (x: Tensor) => rowSumsWrongAxis(x), // fault: sum-wrong-axis
      inputs: squares,
      culprit: { operation: "rowSums", operand: 0 },
    },
    {
      name: "variance-n",
      wrong: "the variance with n - 1 whose derivative divides by n",
      f: (x: Tensor) => spreadOfBiased(x), // fault: variance-n
      inputs: vector,
      culprit: { operation: "spreadOf", operand: 0 },
    },
    {
      name: "cumsum-not-reversed",
      wrong: "a cumulative sum whose transpose walks in the same direction",
      f: (x: Tensor) => cumsum(x, 0), // fault: cumsum-not-reversed
      inputs: vector,
      fault: transposeFault("cumulativeSum", "the same direction", () => (b, ct, [x], params) => {
        const { axis, reverse } = params as { axis: number; reverse: boolean };
        return [b.cumulative("sum", ct, axis + x.rank, reverse)];
      }),
      culprit: { operation: "cumulativeSum", operand: 0 },
    },
    {
      name: "flip-not-turned",
      wrong: "x / 2 + flip(x) whose transpose forgets to flip",
      f: (x: Tensor) => filterNotTurned(x), // fault: flip-not-turned
      inputs: vector,
      culprit: { operation: "filter", operand: 0 },
    },
    {
      name: "slice-misplaced",
      wrong: "the cotangent of a slice put back in the wrong place",
      f: (x: Tensor) => sin(slice(x, 1, 2)), // fault: slice-misplaced
      inputs: matrix,
      fault: transposeFault("slice", "the wrong place", (transpose) => (b, ct, inputs, params) => {
        const axes = inputs[0].shape.map((_, axis) => axis);
        return transpose(b, ct, inputs, params).map((x) => x && b.flip(x, axes));
      }),
      culprit: { operation: "slice", operand: 0 },
    },
    {
      name: "concat-same-part",
      wrong: "parts of a concatenation that all get the gradient of the first",
      f: (x: Tensor, y: Tensor) => concat([x, y], 0), // fault: concat-same-part
      inputs: (random) => {
        const n = random.whole(1, 3);
        return [drawn(random, [n], ordinary), drawn(random, [random.whole(1, 3)], ordinary)];
      },
      fault: transposeFault("concat", "the first part", (transpose) => (...args) => {
        const parts = transpose(...args);
        return parts.map((part) => (part?.size === parts[0]?.size ? parts[0] : part));
      }),
      culprit: { operation: "concat", operand: 1 },
    },
    {
      name: "index-off-by-one",
      wrong: "rows of a table whose gradients go to the rows behind them",
      f: (x: Tensor, indices: Tensor) => rowsOffByOne(x, indices), // fault: index-off-by-one
      inputs: (random) => [
        drawn(random, [4, 2], ordinary),
        drawn(random, [random.whole(1, 3)], whole(0, 3), "int32"),
      ],
      culprit: { operation: "rows", operand: 0 },
    },
    {
      name: "index-twice",
      wrong: "of an index that occurs twice only one counts",
      f: (x: Tensor, indices: Tensor) => take(x, indices), // fault: index-twice
      inputs: (random) => [drawn(random, [4], ordinary), drawn(random, [3], whole(0, 3), "int32")],
      fault: explicitFault("gather", "set instead of add", ({ jvp }) => ({
        jvp,
        vjp: (b, ct, [x, indices], _, params) => [
          b.scatter("set", b.literal(0, x), indices, ct, params as IndexingParams),
          null,
        ],
      })),
      culprit: { operation: "gather", operand: 0 },
    },
    {
      name: "rank-0",
      wrong: "a sum whose gradient is wrong for scalars",
      f: (x: Tensor) => totalAtRankZero(x), // fault: rank-0
      inputs: (random) => [drawn(random, [[], [1], [2, 2]][random.whole(0, 2)], ordinary)],
      culprit: { operation: "total", operand: 0 },
    },
    {
      name: "size-0",
      wrong: "a gradient that is 0 / 0 when the other argument is empty",
      f: (x: Tensor, y: Tensor) => bothTotalsEmpty(x, y), // fault: size-0
      inputs: (random) => [drawn(random, [random.whole(0, 3)], ordinary), drawn(random, [2], ordinary)],
      culprit: { operation: "bothTotals", operand: 1 },
    },
    {
      name: "one-of-100000",
      wrong: "one element of 100,000 off by a thousandth of it",
      f: (x: Tensor) => sum(wavesInOnePlace(x)), // fault: one-of-100000
      inputs: (random) => [drawn(random, [LARGE], ordinary)],
      culprit: { operation: "waves", operand: 0 },
    },
    {
      name: "last-row",
      wrong: "the last row of a matrix left out where it has more than two",
      f: (x: Tensor) => lastRowLost(x), // fault: last-row
      inputs: (random) => [drawn(random, [random.whole(1, 4), 2], sometimes([0], ordinary))],
      culprit: { operation: "grown", operand: 0 },
    },
  ],
};
