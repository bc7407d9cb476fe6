import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  concat,
  derivative,
  evaluate,
  gradients,
  logsumexp,
  maximum,
  printGraph,
  simplify,
  symbol,
  type Tensor,
  tensor,
  where,
} from "../src/index.ts";
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

const m = symbol("m", { shape: [2, 3], dtype: "float64" });
const v = symbol("v", { shape: [3], dtype: "float64" });
const s = symbol("s", { dtype: "float64" });
const VALUES = {
  m: tensor([[0.5, -1.25, 2], [1.5, 0.25, -0.75]], { dtype: "float64" }),
  v: tensor([0.3, 1.1, -0.4], { dtype: "float64" }),
  s: tensor(1.7, { dtype: "float64" }),
}; // biome-ignore format: a matrix

/** The value, whichever of the symbols are left. */
const everywhere = (f: Tensor): Tensor =>
  evaluate(f.cast("float64").add(m.sum().add(v.sum()).add(s).mul(0)), VALUES);

describe("simplify keeps values and shapes", () => {
  test.each<[string, Tensor]>([
    ["softmax", m.softmax()],
    ["log-softmax", m.logSoftmax()],
    ["logsumexp", logsumexp(m.mul(s), 1)],
    ["variance", m.variance(0)],
    ["standard deviation", m.std(1, { keepDims: true })],
    ["matrix products", m.matmul(m.transpose().mul(2)).matmul(m).mul(3)],
    ["a vector's product", m.mul(-2).matmul(v).sum()],
    [
      "an outer product",
      m
        .sum(0)
        .reshape([3, 1])
        .matmul(v.reshape([1, 3])),
    ],
    ["broadcasting", m.add(v).mul(s).sub(v.mul(s))],
    ["broadcasting of numbers", m.mul(0).add(2).mul(v)],
    ["movements", concat([m.flip(0).neg(), m.slice([0, 0], [1, 3]).mul(2)], 0).transpose()],
    ["padding", m.mul(3).pad([[1, 0], [0, 1]], { value: 2 })], // biome-ignore format: short
    ["reductions", m.max(1).add(m.min(1)).add(m.prod(1)).sum()],
    ["comparisons", m.greater(v)],
    ["choices", where(m.greater(0).logicalAnd(m.less(v.add(5))), m.sqrt(), m.square())],
    ["extrema", maximum(m, v).add(maximum(s, s)).sub(m.relu())],
    ["a number alone", m.sub(m)],
    ["integers", m.cast("int32").mul(2).add(m.cast("int32"))],
    ["rounding", m.mul(2).floor().add(m.mod(0.75))],
  ])("of %s and of its gradients", (_, f) => {
    const all = [f];
    if (f.dtype === "float64") {
      const total = f.mul(f.add(1)).sum();
      const slopes = gradients(total, [m, v, s]);
      all.push(...slopes, ...gradients(slopes[0].mul(m).sum(), [m, v, s]));
    }
    for (const one of all) {
      const simple = simplify(one);
      expect([simple.shape, simple.dtype]).toEqual([one.shape, one.dtype]);
      const [before, after] = [everywhere(one).dataSync(), everywhere(simple).dataSync()];
      before.forEach((value, i) => {
        expect(Math.abs(after[i] - value)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(value)));
      });
      expect(simplify(simple).toString()).toBe(simple.toString());
    }
  });
});
