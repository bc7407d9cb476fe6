import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { derivative, evaluate, gradients, printGraph, simplify, type Tensor } from "../src/index.ts";
import { writtenSize } from "../src/transform/simplify/size.ts";
import { compute, graphOf, trees, x, y } from "./support/expressions.ts";

const RUNS = Number(process.env.COTANGENT_RUNS ?? 300);
const points = fc.record({
  x: fc.double({ min: -3, max: 3, noNaN: true }).filter((value) => Math.abs(value) > 1e-3),
  y: fc.double({ min: -3, max: 3, noNaN: true }).filter((value) => Math.abs(value) > 1e-3),
});
const POSITIVE = { x: 1.375, y: 0.8125 };

/** The value of a formula that need not have all symbols. */
const valueAt = (f: Tensor, at: { readonly x: number; readonly y: number }): number => {
  const all = f.add(x.mul(0)).add(y.mul(0));
  return evaluate(all, at).item();
};

describe("simplify, on random expressions,", () => {
  test("keeps values where they are defined", () => {
    fc.assert(
      fc.property(trees, points, (tree, point) => {
        for (const at of [point, POSITIVE]) {
          const { value, error } = compute(tree, at);
          // Where nothing is left but rounding errors, there is nothing to compare.
          if (!(error < 1e-6 * (1 + Math.abs(value)))) continue;
          const found = valueAt(simplify(graphOf(tree)), at);
          const allowed = 1e4 * error + 1e-12 * (1 + Math.abs(value));
          if (!(Math.abs(found - value) <= allowed))
            throw new Error(
              `${graphOf(tree)} = ${value}, but ${simplify(graphOf(tree))} = ${found} at ${JSON.stringify(at)}`,
            );
        }
      }),
      { numRuns: RUNS },
    );
  });

  test("is the same done twice", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const once = simplify(graphOf(tree));
        const twice = simplify(once);
        expect(`${twice}`).toBe(`${once}`);
        expect(printGraph(twice)).toBe(printGraph(once));
      }),
      { numRuns: RUNS },
    );
  });

  test("never writes more than there was", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const f = graphOf(tree);
        expect(writtenSize(simplify(f))).toBeLessThanOrEqual(writtenSize(f));
      }),
      { numRuns: RUNS },
    );
  });

  test("goes together with derivatives", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const f = graphOf(tree);
        const before = valueAt(gradients(f, [x])[0], POSITIVE);
        const { value, error } = compute(tree, POSITIVE);
        if (!(error < 1e-10 * (1 + Math.abs(value))) || !(Math.abs(before) < 1e6)) return;
        for (const after of [derivative(f, x), derivative(simplify(f), x)]) {
          const found = valueAt(after, POSITIVE);
          if (!(Math.abs(found - before) <= 1e-6 * (1 + Math.abs(before))))
            throw new Error(`the derivative of ${f} is ${before}, but ${after} is ${found}`);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
