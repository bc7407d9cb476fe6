import {
  cond,
  grad,
  hvp,
  jvp,
  programOf,
  random,
  scan,
  setEngine,
  type Tensor,
  tensor,
  valueAndGrad,
  whileLoop,
  zeros,
} from "@cotangent/core";
import { beforeAll, describe, expect, test } from "vitest";
import { compileProgram } from "../src/compile/program.ts";
import { createWasmEngine, explainPlan, wasmEngine } from "../src/index.ts";

beforeAll(() => setEngine(wasmEngine));

const given = (shape: readonly number[], seed: number): Tensor =>
  tensor(random.normal(shape, { seed }).dataSync(), { shape });
const W = given([8, 8], 1);
const X = given([20, 8], 2);
/** A recurrent network: the sum of squares of all states. */
const loss = (w: Tensor): Tensor =>
  scan(
    (h: Tensor, x: Tensor) => {
      const next = w.matmul(h).add(x).tanh();
      return [next, next.square().sum()];
    },
    zeros([8]),
    X,
  )[1].sum();
const loops = (...tensors: Tensor[]) => explainPlan(tensors).kernels.filter(({ kind }) => kind === "loop");

describe("a loop in a plan", () => {
  test("is one entry of the report, with its steps and the kernels of its body", () => {
    const [loop, ...others] = loops(loss(W));
    expect(others).toEqual([]);
    expect(loop.domain).toEqual([20]);
    expect(loop.operations[0]).toBe("scan");
    expect(loop.operations[1]).toMatch(/dot\(dot add tanh\).*reduce sum/);
    expect(loop.flops).toBeGreaterThanOrEqual(20 * 2 * 64);
  });

  test("is timed as a whole", () => {
    const { kernels } = explainPlan(loss(W), { profile: true });
    for (const { microseconds } of kernels) expect(microseconds).toBeGreaterThanOrEqual(0);
    expect(kernels.find(({ kind }) => kind === "loop")?.microseconds).toBeGreaterThan(0);
  });

  test("copies no carry that its body may write over", () => {
    const [{ operations }] = loops(
      scan((s: Tensor, x: Tensor) => [s.mul(0.9).add(x), null], zeros([8]), X)[0],
    );
    expect(operations).toEqual(["scan", "{ loops(mul add) }"]);
  });

  test("prints as passes", () => {
    expect(explainPlan(loss(W)).passes()).toContain("scan of b");
  });
});

describe("loops that do the same", () => {
  test("values and tangents come from one loop", () => {
    const [y, dy] = jvp(loss, [W], [given([8, 8], 3)]);
    expect(loops(y, dy)).toHaveLength(1);
    expect(y.item()).toBe(loss(W).item());
  });

  test("a Hessian times a vector is two loops, forth and back", () => {
    expect(loops(hvp(loss, [W], [given([8, 8], 3)]))).toHaveLength(2);
  });

  test("a value and its gradient are two loops", () => {
    const [y, dy] = valueAndGrad(loss)(W);
    expect(loops(y, dy)).toHaveLength(2);
  });

  test("a loop that begins with what another one gave stays a loop of its own", () => {
    const [first] = scan((s: Tensor, x: Tensor) => [s.mul(0.5).add(x), null], zeros([8]), X);
    const [second] = scan((s: Tensor, x: Tensor) => [s.mul(0.5).add(x), null], first, X);
    expect(loops(first, second)).toHaveLength(2);
  });

  test("loops of other steps or conditions stay apart", () => {
    const doubled = (limit: number) =>
      whileLoop(
        (x: Tensor) => x.less(limit),
        (x: Tensor) => x.mul(2),
        W.sum().abs(),
      );
    expect(loops(doubled(10), doubled(100))).toHaveLength(2);
    const sums = [false, true].map(
      (reverse) => scan((s: Tensor, x: Tensor) => [s.mul(0.5).add(x), null], zeros([8]), X, { reverse })[0],
    );
    expect(loops(...sums)).toHaveLength(2);
  });
});

describe("threads", () => {
  const big = given([160, 160], 4).mul(0.05);
  /** Products that are worth sharing in one branch of two, in a loop. */
  const program = (w: Tensor): Tensor =>
    scan(
      (h: Tensor, i: Tensor) => [
        cond(
          i.greater(2),
          (s: Tensor) => w.matmul(s).tanh(),
          (s: Tensor) => s.add(1),
          h,
        ),
        h.sum(),
      ],
      big,
      tensor([0, 3, 1, 4, 5, 2]),
    )[0].sum();

  test("walk through a loop together where what they share is worth a meeting after each instruction", () => {
    const isTogether = (y: Tensor): boolean =>
      compileProgram(programOf(y).program).instructions.some(({ mode }) => mode === "together");
    const products = (x: Tensor, small: number): Tensor =>
      scan(
        (h: Tensor) => {
          let sum = h.sum();
          for (let i = 0; i < small; i++)
            sum = h
              .slice([0, i], [h.shape[0], i + 1])
              .mul(sum)
              .sum();
          return [h.matmul(x).mul(sum), null];
        },
        x,
        null,
        { length: 1000 },
      )[0];
    expect(isTogether(products(big, 0))).toBe(true);
    expect(isTogether(products(given([24, 24], 5), 0))).toBe(false); // too small to be shared
    expect(isTogether(products(given([64, 64], 5), 20))).toBe(false); // not too small, but with many others
  });

  test("give the same bits, however many there are", () => {
    const results = [1, 2, 3].map((threads) => {
      const engine = createWasmEngine({ threads });
      setEngine(engine);
      // Several runs: threads are there once they have compiled.
      const gradients = Array.from({ length: 30 }, () => [...grad(program)(big).dataSync()]);
      for (const one of gradients) expect(one).toEqual(gradients[0]);
      if (threads > 1) expect(engine.stats().parallelRuns).toBeGreaterThan(0);
      return gradients[0];
    });
    setEngine(wasmEngine);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});
