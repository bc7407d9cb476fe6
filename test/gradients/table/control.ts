import * as core from "@cotangent/core";
import { interval } from "../support/domains.ts";
import type { Row } from "../support/row.ts";
import { unary } from "./build.ts";

type Tensor = core.Tensor;
const smooth = interval(-1.5, 1.5);
const rows = { minRank: 1, maxRank: 2, nonEmpty: true } as const;

/** A recurrence along the first axis: its last state and all of them. */
const recurrence = (x: Tensor, options: core.ScanOptions = {}): Tensor => {
  const [last, states] = core.scan(
    (h: Tensor, e: Tensor) => {
      const next = h.mul(0.8).add(e).sin().mul(x.mean().add(1));
      return [next, next.mul(e)];
    },
    x.mean(0),
    x,
    options,
  );
  return states.add(last);
};

/** Loops and branches. */
export const controlRows: readonly Row[] = [
  unary("scan", (x) => recurrence(x), smooth, rows),
  unary(
    "scan from the last, in pieces",
    (x) => recurrence(x, { reverse: true, checkpointEvery: 2 }),
    smooth,
    {
      ...rows,
      covers: ["scan"],
    },
  ),
  unary(
    "forLoop",
    (x) => core.forLoop(0, 3, (i, h: Tensor) => h.sin().add(h.mul(i).mul(x.mean())), x),
    smooth,
    {
      nonEmpty: true,
    },
  ),
  unary(
    "whileLoop",
    (x) =>
      core.whileLoop(
        ([i]: [Tensor, Tensor]) => i.less(3),
        ([i, h]: [Tensor, Tensor]): [Tensor, Tensor] => [i.add(1), h.sin().mul(x.add(1))],
        [core.tensor(0, { dtype: "int32" }), x] as [Tensor, Tensor],
        { maxSteps: 5 },
      )[1],
    smooth,
  ),
  unary(
    "cond",
    (x) => core.cond(x.sum().greater(100), (z) => z.exp(), (z) => z.sin().mul(x), x), // biome-ignore format: one call
    smooth,
  ),
  unary(
    "switchCase",
    (x) => core.switchCase(core.tensor(1, { dtype: "int32" }), [(z) => z.exp(), (z) => z.sin().mul(x)], x),
    smooth,
  ),
  unary("map", (x) => core.map((e: Tensor) => e.sin().mul(x.mean()), x, { batchSize: 2 }), smooth, rows),
  unary(
    "map of vmap",
    (x) =>
      core.vmap((z: Tensor) => core.map((e: Tensor) => e.sin().mul(z.mean()), z))(x.reshape([1, ...x.shape])),
    smooth,
    {
      ...rows,
      covers: ["map", "vmap"],
    },
  ),
  unary(
    "associativeScan",
    (x) => core.associativeScan((a: Tensor, b: Tensor) => a.mul(b).add(a).add(b), x.mul(0.3)),
    smooth,
    rows,
  ),
];
