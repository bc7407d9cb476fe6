import {
  cumsum,
  div,
  greater,
  matmul,
  mul,
  sin,
  square,
  squeeze,
  sum,
  type Tensor,
  take,
  where,
} from "@cotangent/core";
import { batchFault } from "../../gradients/support/faults.ts";
import { drawn, ordinary, sometimes, whole } from "../support/draws.ts";
import type { FaultTable, Inputs } from "../support/rows.ts";
import { withBackward2 } from "../support/rules.ts";

const vector: Inputs = (random) => [drawn(random, [3], ordinary)];
const pair: Inputs = (random) => [drawn(random, [3], ordinary), drawn(random, [3], ordinary)];

const factors = (x: Tensor, y: Tensor) => mul(x, y);
const factorsRight = withBackward2(factors, (ct, x, y) => [mul(ct, y), mul(ct, x)]);
const factorsOnce = withBackward2(factors, (ct, x) => [mul(ct, x), null]);
/** The same tensor twice is a square, and somebody forgot the 2. */
const productOf = (x: Tensor, y: Tensor): Tensor => {
  if (x !== y) return factorsRight(x, y);
  return factorsOnce(x, y); // fault: aliased-inside, aliased-arguments
};

const ratio = (x: Tensor, y: Tensor) => div(x, y);
const ratioNaN = withBackward2(ratio, (ct, x, y) => [div(ct, y), mul(ct, div(x, square(y))).neg()]);

let calls = 0;

/** What only the checks on request show. */
export const properties: FaultTable = {
  url: import.meta.url,
  rows: [
    {
      name: "vmap-gather",
      wrong: "the batching rule of gather puts lanes in reverse order",
      f: (x: Tensor, indices: Tensor) => take(x, indices), // fault: vmap-gather
      inputs: (random) => [drawn(random, [4], ordinary), drawn(random, [3], whole(0, 3), "int32")],
      options: { also: ["vmap"] },
      fault: batchFault("gather", "reversed", (batch) => (b, ...rest) => {
        if (batch === "same") throw new Error("gather has a rule of its own");
        return b.flip(batch(b, ...rest), [0]);
      }),
      culprit: { operation: "gather" },
    },
    {
      name: "vmap-matmul",
      wrong: "the batching rule of a matrix product leaves the mapped axis where it is",
      f: (x: Tensor, w: Tensor) => matmul(x, w), // fault: vmap-matmul
      inputs: (random) => [drawn(random, [2, 2], ordinary), drawn(random, [2, 2], ordinary)],
      options: { also: ["vmap"] },
      fault: batchFault("dot", "left where it is", (batch) => (b, inputs, batched, params, size) => {
        if (batch === "same") throw new Error("dot has a rule of its own");
        const right = batch(b, inputs, batched, params, size);
        return right.rank < 3 ? right : b.flip(right, [1]);
      }),
      culprit: { operation: "dot" },
    },
    {
      name: "vmap-cumsum",
      wrong: "the batching rule of a cumulative sum adds up the lanes",
      f: (x: Tensor) => cumsum(sin(x), 0), // fault: vmap-cumsum
      inputs: vector,
      options: { also: ["vmap"] },
      fault: batchFault(
        "cumulativeSum",
        "lanes added up",
        () =>
          (b, [x]) =>
            b.cumulative("sum", x, 0),
      ),
      culprit: { operation: "cumulativeSum" },
    },
    {
      name: "value-read-out",
      wrong: "a number read out of the input with item(): no gradient goes through it",
      f: (x: Tensor) => mul(x, sum(x).item()), // fault: value-read-out
      inputs: vector,
      options: { also: ["purity"] },
      culprit: { operation: "mul" },
    },
    {
      name: "impure",
      wrong: "a function whose value depends on how often it was called",
      f: (x: Tensor) => mul(x, ++calls), // fault: impure
      inputs: vector,
      options: { also: ["purity"] },
      culprit: { operation: "mul" },
    },
    {
      name: "aliased-inside",
      wrong: "x x whose gradient is that of one of its factors",
      f: (x: Tensor) => productOf(x, x),
      inputs: vector,
      culprit: { operation: "factors" },
    },
    {
      name: "aliased-arguments",
      wrong: "x y, right for two arguments and wrong where both are the same tensor",
      f: (x: Tensor, y: Tensor) => productOf(x, y),
      inputs: pair,
      options: { also: ["aliasing"] },
      culprit: { operation: "factors" },
    },
    {
      name: "masked-quotient",
      wrong: "x / y where y > 0.5, else 0, and a NaN at y = 0 that gets through",
      f: (x: Tensor, y: Tensor) => where(greater(y, 0.5), ratioNaN(x, y), 0), // fault: masked-quotient
      inputs: (random) => [drawn(random, [3], ordinary), drawn(random, [3], sometimes([0], ordinary, 0.3))],
      options: { also: ["maskedNaN"] },
      culprit: { operation: "ratio" },
    },
    {
      name: "batch-of-1",
      wrong: "squeeze() that takes a batch of one for an axis to remove",
      f: (x: Tensor) => sum(squeeze(square(x)), -1), // fault: batch-of-1
      inputs: (random) => [drawn(random, [random.whole(2, 4), 2], ordinary)],
      options: { also: ["batchSizes"] },
      culprit: { operation: "reshape" },
    },
  ],
};
