import { compile, type DType } from "@cotangent/core";
import type * as optim from "@cotangent/optim";
import { Adagrad, Adam, AdamW, clipByGlobalNorm, type Optimizer, RMSProp, schedules } from "@cotangent/optim";
import { describe, expect, it } from "vitest";
import { followsOracle, type OracleStep, regression } from "./helpers.ts";
import oracle from "./oracle/adaptive.json" with { type: "json" };

interface Case {
  readonly optimizer: string;
  readonly dtype: string;
  readonly options: object;
  readonly clip?: number;
  readonly steps: readonly OracleStep[];
}

const CLASSES: Readonly<Record<string, new (options: object) => Optimizer>> = {
  Adam,
  AdamW,
  RMSProp,
  Adagrad,
};
const cases: readonly Case[] = oracle.cases;

function optimizerOf({ optimizer: name, options, clip }: Case): Optimizer {
  return new CLASSES[name]({
    learningRate: oracle.rates[0],
    ...options,
    ...(clip === undefined ? {} : { gradientTransform: clipByGlobalNorm(clip) }),
  });
}

describe.each(cases)("$optimizer $dtype $options clip $clip", (item) => {
  // Where gradients are near 0, an update of Adam is a quotient of small numbers: rounding grows.
  const tolerance = item.dtype === "float64" ? 1e-12 : 5e-5;

  it.each(["plain loop", "compile"])("follows PyTorch for ten steps with changing rates: %s", (mode) => {
    const optimizer = optimizerOf(item);
    const problem = regression(oracle, item.dtype as DType, optimizer);
    const step = mode === "compile" ? compile(problem.step) : problem.step;
    followsOracle({ ...problem, step }, optimizer, item.steps, oracle.rates, tolerance);
    expect(optimizer.stepCount).toBe(10);
  });
});

describe("schedules", () => {
  it.each(oracle.schedules)("$name $args has PyTorch's rates", ({ name, args, rates }) => {
    const make = schedules[name as keyof typeof schedules] as (...args: unknown[]) => optim.Schedule;
    const schedule = make(...args);
    rates.forEach((rate, step) => {
      expect(Math.abs(schedule(step) - rate), `step ${step}`).toBeLessThanOrEqual(1e-14);
    });
  });
});
