import {
  abs,
  cummax,
  cumprod,
  type IndexingParams,
  max,
  maximum,
  prod,
  scatterSet,
  sin,
  sort,
  type Tensor,
} from "@cotangent/core";
import { explicitFault, ruleFault } from "../../gradients/support/faults.ts";
import { between, drawn, ordinary, sometimes, whole } from "../support/draws.ts";
import type { FaultTable, Inputs } from "../support/rows.ts";

/** Often several equal numbers. */
const ties: Inputs = (random) => [drawn(random, [3], sometimes([1.5], between(0, 1.5), 0.4))];
const zeros: Inputs = (random) => [drawn(random, [3], sometimes([0], ordinary, 0.3))];

/** Rules that are wrong at ties, zeros and other places of measure zero. */
export const tied: FaultTable = {
  url: import.meta.url,
  rows: [
    {
      name: "max-all-ties",
      wrong: "all of the elements that are the greatest get the whole gradient",
      f: (x: Tensor) => max(x), // fault: max-all-ties
      inputs: ties,
      fault: explicitFault("reduceMax", "no shares", ({ jvp }) => ({
        jvp,
        vjp: (b, ct, [x], out, params) => {
          const { axes } = params as { axes: readonly number[] };
          const kept = x.shape.map((size, axis) => (axes.includes(axis - x.rank) ? 1 : size));
          const spread = (t: Tensor) => b.broadcast(b.reshape(t, kept), x.shape);
          return [b.where(b.compare("equal", x, spread(out)), spread(ct), 0)];
        },
      })),
      culprit: { operation: "reduceMax", operand: 0 },
    },
    {
      name: "maximum-both",
      wrong: "the greater of two gives both the whole gradient at a tie",
      f: (x: Tensor, y: Tensor) => maximum(x, y), // fault: maximum-both
      inputs: (random) => [
        drawn(random, [3], sometimes([1], ordinary, 0.5)),
        drawn(random, [3], sometimes([1], ordinary, 0.5)),
      ],
      fault: ruleFault(
        "max",
        "not shared",
        0,
        () =>
          (b, t, [x, y]) =>
            b.where(b.compare("greaterEqual", x, y), t, 0),
      ),
      culprit: { operation: "max" },
    },
    {
      name: "abs-at-0",
      wrong: "2 for the derivative of |x| at 0, which lies outside of [-1, 1]",
      f: (x: Tensor) => abs(x), // fault: abs-at-0
      inputs: zeros,
      fault: ruleFault(
        "abs",
        "2 at 0",
        0,
        () =>
          (b, t, [x]) =>
            b.mul(t, b.where(b.compare("equal", x, 0), 2, b.sign(x))),
      ),
      culprit: { operation: "abs", operand: 0 },
    },
    {
      name: "prod-at-zeros",
      wrong: "product / x for the derivative of a product: NaN at zeros",
      f: (x: Tensor) => prod(x), // fault: prod-at-zeros
      inputs: zeros,
      fault: explicitFault("reduceProd", "product / x", () => ({
        vjp: (b, ct, [x], out, params) => {
          const { axes } = params as { axes: readonly number[] };
          const kept = x.shape.map((size, axis) => (axes.includes(axis - x.rank) ? 1 : size));
          return [b.div(b.broadcast(b.reshape(b.mul(ct, out), kept), x.shape), x)];
        },
      })),
      culprit: { operation: "reduceProd", operand: 0 },
    },
    {
      name: "cumprod-at-zeros",
      wrong: "total / x for the derivative of a cumulative product",
      f: (x: Tensor) => cumprod(x, 0), // fault: cumprod-at-zeros
      inputs: zeros,
      fault: explicitFault("cumulativeProd", "total / x", ({ jvp }) => ({
        jvp,
        vjp: (b, ct, [x], out, params) => {
          const { axis, reverse } = params as { axis: number; reverse: boolean };
          return [b.div(b.cumulative("sum", b.mul(ct, out), axis + x.rank, !reverse), x)];
        },
      })),
      culprit: { operation: "cumulativeProd", operand: 0 },
    },
    {
      name: "cummax-stays",
      wrong: "a running maximum whose cotangents stay where they are",
      f: (x: Tensor) => cummax(x, 0), // fault: cummax-stays
      inputs: (random) => [drawn(random, [4], ordinary)],
      fault: explicitFault("cumulativeMax", "stays", ({ jvp }) => ({
        jvp,
        vjp: (b, ct, [x], out) => [b.where(b.compare("equal", x, out), ct, 0)],
      })),
      culprit: { operation: "cumulativeMax", operand: 0 },
    },
    {
      name: "scatter-replaced",
      wrong: "updates that others have replaced get a gradient, too",
      f: (x: Tensor, indices: Tensor, y: Tensor) => scatterSet(x, indices, y), // fault: scatter-replaced
      inputs: (random) => [
        drawn(random, [4], ordinary),
        drawn(random, [3], whole(0, 3), "int32"),
        drawn(random, [3], ordinary),
      ],
      fault: explicitFault("scatterSet", "replaced ones, too", ({ jvp, vjp }) => ({
        jvp,
        vjp: (b, ct, inputs, out, params) => [
          vjp?.(b, ct, inputs, out, params)[0] ?? null,
          null,
          b.gather(ct, inputs[1], params as IndexingParams),
        ],
      })),
      culprit: { operation: "scatterSet", operand: 2 },
    },
    {
      name: "sort-not-undone",
      wrong: "sorted numbers whose gradients are not put back in their places",
      f: (x: Tensor) => sin(sort(x)), // fault: sort-not-undone
      inputs: (random) => [drawn(random, [4], ordinary)],
      fault: explicitFault("gather", "in order", ({ jvp }) => ({ jvp, vjp: (_, ct) => [ct, null] })),
      culprit: { operation: "gather", operand: 0 },
    },
  ],
};
