import {
  abs,
  compile,
  customVjp,
  floor,
  GradientError,
  getEngine,
  maximum,
  relu,
  StateError,
  sin,
  sort,
  stopGradient,
  type Tensor,
  tensor,
  variable,
  where,
} from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { type CheckName, checkGradients, type GradientReport } from "../src/index.ts";

const float64 = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensor(new Float64Array(values), { shape });

const x = float64([0.5, -1.5, 2]);
const matrix = float64([1, 2, 3, 4, 5, 6], [2, 3]);

const checkOf = ({ checks }: GradientReport, name: CheckName) => checks.find(({ check }) => check === name);

/** Twice the gradient that it should have. */
const doubled = customVjp((z: Tensor) => z.sin(), {
  forward: (z: Tensor) => [z.sin(), { z }],
  backward: ({ z }: { z: Tensor }, ct: Tensor) => [ct.mul(z.cos()).mul(2)],
});

describe("right functions", () => {
  test.each<readonly [string, (...args: never[]) => unknown, unknown]>([
    ["a tensor for its only input", sin, x],
    ["several inputs that broadcast", (a: Tensor, b: Tensor) => a.mul(b), [matrix, x]],
    [
      "a tree of inputs and of results",
      ({ w, b }: { w: Tensor; b: Tensor[] }) => ({ y: [w.matmul(b[0])] }),
      [{ w: matrix, b: [x] }],
    ],
    [
      "whole numbers and other values beside",
      (a: Tensor, i: Tensor, k: number) => a.mul(k).mul(i),
      [x, tensor([1, 2, 3], { dtype: "int32" }), 3],
    ],
    ["a scalar", (a: Tensor) => a.exp(), [float64([0.5], [])]],
    ["nothing at all", (a: Tensor) => a.exp().sum(), [float64([], [0, 3])]],
    ["a result that is empty", (a: Tensor) => a.slice(0, 0), [x]],
    ["the same tensor twice", (a: Tensor, b: Tensor) => a.mul(b).mul(a), [x, x]],
    ["an input that is not used", (a: Tensor, _: Tensor) => a.exp(), [x, matrix]],
    ["a constant", (a: Tensor) => a.mul(0).add(1), [x]],
    ["a result beside that is no number", (a: Tensor) => [a.exp(), a.greater(0)], [x]],
    [
      "a variable",
      (
        (w) => (a: Tensor) =>
          a.mul(w)
      )(variable(float64([1, 2, 3]))),
      [x],
    ],
    ["a compiled function", (a: Tensor) => compile((b: Tensor) => b.sin().mul(b))(a), [x]],
    ["JavaScript that branches", (a: Tensor) => (a.sum().item() > 0 ? a.sin() : a.cos()), [x]],
    ["float32", (a: Tensor) => a.exp().div(a.exp().sum()), [tensor([0.5, -1.5, 2])]],
    ["float32 beside float64", (a: Tensor, b: Tensor) => a.mul(b), [tensor([0.5, -1.5, 2]), x]],
    ["a cast to float32 and back", (a: Tensor) => a.cast("float32").sin().cast("float64"), [x]],
  ])("%s", (_, f, inputs) => {
    for (const directions of [undefined, 2]) {
      const report = checkGradients(f, inputs, { order: 2, directions });
      expect(report.findings).toEqual([]);
      expect(report.verdict).toBe("right");
      expect(report.ok).toBe(true);
    }
  });

  test("that round nothing leave differences their own sums to round", () => {
    for (let seed = 0; seed < 50; seed++) {
      const report = checkGradients((a: Tensor) => a.transpose(), [matrix], {
        directions: 1,
        seed,
        order: 2,
      });
      expect(report.verdict).toBe("right");
    }
  });

  test("with more than 64 elements are checked along directions", () => {
    const many = float64(Array.from({ length: 1000 }, (_, i) => Math.sin(i)));
    const report = checkGradients((a: Tensor) => a.sin().mul(a).sum(), [many], { order: 2 });
    expect(report.verdict).toBe("right");
    expect(checkOf(report, "reverse")?.compared).toBeLessThan(10);
  });
});

describe("a wrong rule", () => {
  test("is found, with the element, both values and the operation", () => {
    const report = checkGradients((a: Tensor) => doubled(a.mul(2)).sum(), [x]);
    expect(report.verdict).toBe("wrong");
    const [first] = report.findings;
    expect(first).toMatchObject({
      verdict: "wrong",
      check: "reverse",
      order: 1,
      input: "inputs[0]",
      element: [0],
      output: "output",
    });
    expect(first.numeric).toBeCloseTo(2 * Math.cos(1), 9);
    expect(first.analytic).toBeCloseTo(4 * Math.cos(1), 12);
    expect(first.relativeError).toBeCloseTo(0.5, 9);
    expect(first.error).toBeLessThan(1e-9);
    expect(first.culprit?.line).toMatch(/checkGradients\.test\.ts:\d+:\d+$/);
    expect(first.culprit).toMatchObject({ operand: 0 });
    expect(checkOf(report, "taylor")).toMatchObject({ verdict: "wrong", note: "slope 1.00" });
    expect(checkOf(report, "dotProduct")?.verdict).toBe("right");
  });

  test("in one element of many is searched for", () => {
    const size = 5000;
    const factors = Array.from({ length: size }, (_, i) => (i === 1234 ? 1.001 : 1));
    const almost = customVjp((z: Tensor) => z.sin(), {
      forward: (z: Tensor) => [z.sin(), { z }],
      backward: ({ z }: { z: Tensor }, ct: Tensor) => [ct.mul(z.cos()).mul(float64(factors, [50, 100]))],
    });
    const many = float64(
      Array.from({ length: size }, (_, i) => Math.sin(3 * i)),
      [50, 100],
    );
    const { verdict, findings } = checkGradients((a: Tensor) => almost(a).sum(), [many]);
    expect(verdict).toBe("wrong");
    expect(findings[0]).toMatchObject({ input: "inputs[0]", element: [12, 34] });
  });

  test("at second order alone is found there", () => {
    const detached = customVjp((z: Tensor) => z.sin(), {
      forward: (z: Tensor) => [z.sin(), { c: stopGradient(z.cos()) }],
      backward: ({ c }: { c: Tensor }, ct: Tensor) => [ct.mul(c)],
    });
    const f = (a: Tensor) => detached(a);
    expect(checkGradients(f, [x]).verdict).toBe("right");
    const { verdict, findings } = checkGradients(f, [x], { order: 2 });
    expect(verdict).toBe("wrong");
    expect(findings.every(({ order }) => order === 2)).toBe(true);
    expect(findings[0].output).toBe("gradient of inputs[0]");
    expect(findings[0].culprit?.operand).toBe(0);
  });

  test("is not excused by stopGradient", () => {
    const { verdict, findings } = checkGradients((a: Tensor) => a.mul(stopGradient(a)), [x]);
    expect(verdict).toBe("wrong");
    expect(findings[0].culprit?.operation).toBe("stopGradient");
  });

  test("is found in float32", () => {
    const { verdict, findings } = checkGradients((a: Tensor) => doubled(a), [tensor([0.5, 1])]);
    expect(verdict).toBe("wrong");
    expect(findings[0].culprit?.line).toMatch(/checkGradients\.test\.ts:\d+:\d+$/);
  });

  test("values that are read do not hide from differences", () => {
    const report = checkGradients((a: Tensor) => a.mul(a.sum().item()), [x]);
    expect(report.verdict).toBe("wrong");
    expect(report.findings[0]).toMatchObject({ check: "purity" });
  });
});

describe("kinks", () => {
  test("of a single operation: what is declared lies between both sides, and ties add up", () => {
    expect(checkGradients(relu, [float64([1, 0, -2])]).verdict).toBe("right");
    expect(checkGradients(abs, [float64([1, 0, -2])]).verdict).toBe("right");
    expect(checkGradients((a: Tensor) => a.max(), [float64([1, 3, 3, 3])]).verdict).toBe("right");
    expect(checkGradients(maximum, [float64([1, 2]), float64([1, 3])]).verdict).toBe("right");
    expect(checkGradients(sort, [float64([2, 1, 2])]).verdict).not.toBe("wrong");
  });

  test("of a composition are reported, with the operation, its line and the distance", () => {
    const report = checkGradients((a: Tensor) => abs(a).mul(a.exp()).sum(), [float64([1, 0, -2])]);
    expect(report.verdict).toBe("kink");
    expect(report.findings[0]).toMatchObject({ verdict: "kink", element: [1] });
    expect(report.kinks[0]).toMatchObject({ operation: "abs", distance: 0 });
    expect(report.kinks[0].line).toMatch(/checkGradients\.test\.ts:\d+:\d+$/);
  });

  test("are no kinks where both sides agree", () => {
    expect(checkGradients((a: Tensor) => abs(a).mul(a), [float64([1, 0, -2])]).verdict).toBe("right");
  });

  test("are moved off on request", () => {
    const f = (a: Tensor) => relu(a).mul(a.exp()).sum();
    const report = checkGradients(f, [float64([1, 0, -2])], { kinks: "move", order: 2 });
    expect(report).toMatchObject({ verdict: "right", moved: true });
    expect(checkGradients(f, [float64([1, 0.5, -2])], { kinks: "move" }).moved).toBe(false);
  });

  test("nearby do not disturb", () => {
    const near = float64([1e-3, -1e-7, 1e-12, 2]);
    expect(checkGradients((a: Tensor) => relu(a).mul(a.exp()).sum(), [near], { order: 2 }).verdict).toBe(
      "right",
    );
    expect(checkGradients((a: Tensor) => floor(a).mul(a), [float64([0.999999, 2.000001])]).verdict).toBe(
      "right",
    );
  });
});

describe("what decides nothing", () => {
  test("is inconclusive where the function has lost its digits", () => {
    const { verdict } = checkGradients((a: Tensor) => a.add(1e17).sub(1e17), [float64([0.5])]);
    expect(["inconclusive", "wrong"]).toContain(verdict);
  });

  test("is inconclusive where the function is not finite", () => {
    expect(checkGradients((a: Tensor) => a.log(), [float64([-1])]).verdict).toBe("inconclusive");
  });

  test("a branch that is not chosen may be NaN", () => {
    expect(checkGradients((a: Tensor) => where(a.greater(0), a.sqrt(), 0), [float64([-1, 4])]).verdict).toBe(
      "right",
    );
  });
});

describe("what is no check", () => {
  test.each<readonly [string, () => unknown, RegExp]>([
    [
      "no function",
      () => checkGradients(3 as never, [x]),
      /no function to check.*checkGradients\(f, \[x\]\)/,
    ],
    ["no list of inputs", () => checkGradients(sin, { x }), /not a list.*\[x\]/],
    ["no inputs", () => checkGradients(sin, undefined), /undefined, not a list/],
    ["numbers for inputs", () => checkGradients(sin, [1, 2]), /made with tensor\(/],
    ["a number for a result", () => checkGradients((a: Tensor) => a.sum().item(), [x]), /without item/],
    ["no result", () => checkGradients(() => undefined, [x]), /returned no tensor.*needs return/],
    [
      "no modes",
      () => checkGradients(sin, [x], { modes: [] }),
      /nothing would be compared.*reverse, forward/,
    ],
    [
      "no text for a name",
      () => checkGradients(sin, [x], { name: 7 as never }),
      /name is a text, not number 7/,
    ],
    ["no floating input", () => checkGradients(sin, [tensor([1], { dtype: "int32" })]), /float32 or float64/],
    ["no floating result", () => checkGradients((a: Tensor) => a.greater(0), [x]), /returned no tensor/],
    ["an unknown option", () => checkGradients(sin, [x], { eps: 1e-6 } as never), /unknown option eps/],
    [
      "an order of 3",
      () => checkGradients(sin, [x], { order: 3 as never }),
      /order cannot be 3.*Pass 1 or 2/,
    ],
    [
      "a mode that there is not",
      () => checkGradients(sin, [x], { modes: ["sideways" as never] }),
      /modes cannot be/,
    ],
    [
      "a mode of second order without it",
      () => checkGradients(sin, [x], { modes: ["forwardOverReverse"] }),
      /order: 2/,
    ],
    ["no directions", () => checkGradients(sin, [x], { directions: 0 }), /at least 1/],
    ["a broken seed", () => checkGradients(sin, [x], { seed: 0.5 }), /whole number/],
    ["an unknown property", () => checkGradients(sin, [x], { also: ["speed" as never] }), /also cannot be/],
  ])("is an error: %s", (_, act, message) => {
    expect(act).toThrow(StateError);
    expect(act).toThrow(message);
  });

  test("is an error: a function that promises", () => {
    const act = () => checkGradients(async (a: Tensor) => a, [x]);
    expect(act).toThrow(GradientError);
    expect(act).toThrow(/Promise.*item\(\)/);
  });

  test("errors of the function itself come through", () => {
    expect(() => checkGradients((a: Tensor) => a.matmul(float64([1, 2])), [x])).toThrow(/inner dimensions/);
  });
});

test("a check is the same every time, follows its seed, and leaves engine and inputs alone", () => {
  const engine = getEngine();
  const many = float64(Array.from({ length: 100 }, (_, i) => Math.sin(i)));
  const check = (seed: number) => checkGradients((a: Tensor) => doubled(a).sum(), [many], { seed });
  expect(JSON.stringify(check(1))).toBe(JSON.stringify(check(1)));
  expect(check(2).checks[0].worst).not.toBe(check(1).checks[0].worst);
  expect(getEngine()).toBe(engine);
  expect(many.dataSync()[1]).toBe(Math.sin(1));
});
