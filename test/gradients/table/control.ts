import * as core from "@cotangent/core";
import fc from "fast-check";
import { interval } from "../support/domains.ts";
import type { Row } from "../support/row.ts";
import { whole } from "../support/shapes.ts";
import { custom } from "./build.ts";

type Tensor = core.Tensor;
const smooth = interval(-1, 1);

/** One step of a recurrence whose derivatives do not end, with something captured from outside. */
const step = (h: Tensor, x: Tensor, w: Tensor): Tensor => h.mul(w).add(x).sin();

/** A carry, what is captured, and a sequence of so many steps. */
const recurrent = (
  name: string,
  apply: (h: Tensor, w: Tensor, xs: Tensor) => Tensor,
  covers: readonly string[] = [name],
  fewest = 0,
): Row =>
  custom(
    name,
    fc.tuple(whole(fewest, 4), whole(1, 3)).map(([steps, n]) => ({
      shapes: [[n], [n], [steps, n]],
      domains: [smooth, smooth, smooth],
      apply,
    })),
    { covers },
  );

/** Two operands of one shape. */
const pair = (name: string, apply: (x: Tensor, y: Tensor, lot: number) => Tensor): Row =>
  custom(
    name,
    fc.tuple(whole(1, 3), whole(0, 3)).map(([n, lot]) => ({
      shapes: [[n], [n]],
      domains: [smooth, smooth],
      options: { lot },
      apply: (x, y) => apply(x, y, lot),
    })),
  );

/** Loops and branches that are parts of the graph. packages/core/test/control compares them with what they unroll to. */
export const controlRows: readonly Row[] = [
  recurrent("scan", (h, w, xs) => {
    const [last, all] = core.scan(
      (carry: Tensor, x: Tensor) => {
        const next = step(carry, x, w);
        return [next, next.mul(x)];
      },
      h,
      xs,
    );
    return last.add(all.sum(0));
  }),
  recurrent(
    "scan under vmap",
    (h, w, xs) => {
      const f = (own: Tensor) =>
        core.scan((carry: Tensor, x: Tensor) => [step(carry, x, own), null], h.sum(), xs.sum(1))[0];
      return core.vmap(f)(w);
    },
    ["scan", "vmap"],
  ),
  // Its body picks the elements itself, of which there must be some.
  recurrent(
    "forLoop",
    (h, w, xs) =>
      core.forLoop(0, xs.shape[0], (i, own: Tensor) => step(own, core.take(xs, i, { axis: 0 }), w), h),
    ["forLoop"],
    1,
  ),
  pair("whileLoop", (x, y, lot) => {
    const [, last] = core.whileLoop(
      ([i]: readonly [Tensor, Tensor]) => i.less(lot),
      ([i, h]: readonly [Tensor, Tensor]): [Tensor, Tensor] => [i.add(1), step(h, x, y)],
      [core.tensor(0, { dtype: "int32" }), x] as [Tensor, Tensor],
      { maxSteps: 4 },
    );
    return last;
  }),
  pair("cond", (x, y, lot) =>
    core.cond(
      core.tensor(lot % 2 === 0),
      (a: Tensor) => a.mul(y).sin(),
      (a: Tensor) => a.exp().mul(a),
      x,
    ),
  ),
  pair("switchCase", (x, y, lot) =>
    core.switchCase(
      core.tensor(lot, { dtype: "int32" }),
      [(a: Tensor) => a.mul(y).sin(), (a: Tensor) => a.exp().mul(a), (a: Tensor) => a.mul(a).add(y)],
      x,
    ),
  ),
  recurrent("map", (h, w, xs) => core.map((x: Tensor) => step(h, x, w), xs).sum(0)),
  recurrent("associativeScan", (h, w, xs) =>
    core
      .associativeScan(
        ([a, b]: readonly [Tensor, Tensor], [c, d]: readonly [Tensor, Tensor]) => [a.mul(c), b.mul(c).add(d)],
        [xs.sin(), xs.mul(w).add(h)] as [Tensor, Tensor],
      )[1]
      .sum(0),
  ),
];
