import { cond, forLoop, scan, type Tensor, tensor, whileLoop } from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { checkGradients } from "../src/index.ts";

const FUNCTIONS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  scan: (x) => scan((c: Tensor, e: Tensor) => [c.sin().mul(e).add(0.3), c.exp()], x.sum(), x)[1].sum(),
  cond: (x) =>
    cond(
      x.sum().greater(0),
      (z) => z.exp(),
      (z) => z.sin(),
      x,
    ),
  whileLoop: (x) =>
    whileLoop(
      (s: Tensor) => s.square().sum().less(40),
      (s: Tensor) => s.mul(1.7).add(x),
      x,
      { maxSteps: 9 },
    ),
  "a loop in a loop": (x) =>
    forLoop(
      0,
      3,
      (_, s: Tensor) => scan((c: Tensor, e: Tensor) => [c.mul(e).sin(), c], s, x)[0].add(s),
      x.mean(),
    ),
};

/** Bodies have dtypes of their own: the graph in float64 has bodies in float64. */
describe.each(["float32", "float64"] as const)("loops and branches in %s", (dtype) => {
  test.each(Object.entries(FUNCTIONS))("%s is right, to second order", (_, f) => {
    const report = checkGradients(f, [tensor([0.5, -0.7, 0.9], { dtype })], { order: 2 });
    expect(report.verdict, String(report)).toBe("right");
  });
});
