import { compile, type DType, tensor, variable } from "@cotangent/core";
import { SGD, type SGDOptions } from "@cotangent/optim";
import { describe, expect, it } from "vitest";
import { values } from "./helpers.ts";
import oracle from "./oracle/sgd.json" with { type: "json" };

interface Step {
  readonly loss: number;
  readonly kernel: readonly number[];
  readonly bias: readonly number[];
}

interface Case {
  readonly dtype: string;
  readonly options: Omit<SGDOptions, "learningRate">;
  readonly steps?: readonly Step[];
  readonly error?: string;
}

const cases: readonly Case[] = oracle.cases;

function problem(dtype: DType, options: Case["options"]) {
  const [x, y] = [tensor(oracle.x, { dtype }), tensor(oracle.y, { dtype })];
  const kernel = variable(tensor(oracle.kernel, { dtype }));
  const bias = variable(tensor(oracle.bias, { dtype }));
  const optimizer = new SGD({ learningRate: oracle.rates[0], ...options });
  const step = () => {
    const loss = x.matmul(kernel).add(bias).sub(y).square().mean();
    optimizer.minimize(loss, [kernel, bias]);
    return loss;
  };
  return { kernel, bias, optimizer, step };
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected[i])));
  });
}

describe.each(cases)("SGD $dtype $options", ({ dtype, options, steps, error }) => {
  if (error !== undefined) {
    it("is refused, as by PyTorch", () => {
      expect(() => new SGD({ learningRate: 0.1, ...options })).toThrow(
        /nesterov needs momentum above 0, and no dampening/,
      );
    });
    return;
  }
  const tolerance = dtype === "float64" ? 1e-14 : 5e-7;

  it.each(["plain loop", "compile"])("follows PyTorch for five steps with changing rates: %s", (mode) => {
    const { kernel, bias, optimizer, step } = problem(dtype as DType, options);
    const run = mode === "compile" ? compile(step) : step;
    steps?.forEach((expected, i) => {
      optimizer.learningRate = oracle.rates[i];
      const loss = run();
      expectClose([loss.item()], [expected.loss], tolerance);
      expectClose(values(kernel), expected.kernel, tolerance);
      expectClose(values(bias), expected.bias, tolerance);
    });
    expect(optimizer.stepCount).toBe(5);
  });
});
