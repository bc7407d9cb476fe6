import { compile, type DType } from "@cotangent/core";
import { SGD, type SGDOptions } from "@cotangent/optim";
import { describe, expect, it } from "vitest";
import { followsOracle, type OracleStep, regression } from "./helpers.ts";
import oracle from "./oracle/sgd.json" with { type: "json" };

interface Case {
  readonly dtype: string;
  readonly options: Omit<SGDOptions, "learningRate">;
  readonly steps?: readonly OracleStep[];
  readonly error?: string;
}

const cases: readonly Case[] = oracle.cases;

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
    const optimizer = new SGD({ learningRate: oracle.rates[0], ...options });
    const problem = regression(oracle, dtype as DType, optimizer);
    const step = mode === "compile" ? compile(problem.step) : problem.step;
    followsOracle({ ...problem, step }, optimizer, steps ?? [], oracle.rates, tolerance);
    expect(optimizer.stepCount).toBe(5);
  });
});
