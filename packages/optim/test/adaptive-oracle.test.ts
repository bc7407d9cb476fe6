import { compile, type DType, tensor, variable } from "@cotangent/core";
import type * as optim from "@cotangent/optim";
import { Adagrad, Adam, AdamW, clipByGlobalNorm, type Optimizer, RMSProp, schedules } from "@cotangent/optim";
import { describe, expect, it } from "vitest";
import { values } from "./helpers.ts";
import oracle from "./oracle/adaptive.json" with { type: "json" };

interface Case {
  readonly optimizer: string;
  readonly dtype: string;
  readonly options: object;
  readonly clip?: number;
  readonly steps: readonly { loss: number; kernel: readonly number[]; bias: readonly number[] }[];
}

const CLASSES: Readonly<Record<string, new (options: object) => Optimizer>> = {
  Adam,
  AdamW,
  RMSProp,
  Adagrad,
};
const cases: readonly Case[] = oracle.cases;

function problem({ optimizer: name, dtype: kind, options, clip }: Case) {
  const dtype = kind as DType;
  const [x, y] = [tensor(oracle.x, { dtype }), tensor(oracle.y, { dtype })];
  const kernel = variable(tensor(oracle.kernel, { dtype }));
  const bias = variable(tensor(oracle.bias, { dtype }));
  const optimizer = new CLASSES[name]({
    learningRate: oracle.rates[0],
    ...options,
    ...(clip === undefined ? {} : { gradientTransform: clipByGlobalNorm(clip) }),
  });
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

describe.each(cases)("$optimizer $dtype $options clip $clip", (item) => {
  // Where gradients are near 0, an update of Adam is a quotient of small numbers: rounding grows.
  const tolerance = item.dtype === "float64" ? 1e-12 : 5e-5;

  it.each(["plain loop", "compile"])("follows PyTorch for ten steps with changing rates: %s", (mode) => {
    const { kernel, bias, optimizer, step } = problem(item);
    const run = mode === "compile" ? compile(step) : step;
    item.steps.forEach((expected, i) => {
      optimizer.learningRate = oracle.rates[i];
      const loss = run();
      expectClose([loss.item()], [expected.loss], tolerance);
      expectClose(values(kernel), expected.kernel, tolerance);
      expectClose(values(bias), expected.bias, tolerance);
    });
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
