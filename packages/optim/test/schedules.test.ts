import { StateError } from "@cotangent/core";
import { SGD, schedules } from "@cotangent/optim";
import { describe, expect, it } from "vitest";
import { linear, values } from "./helpers.ts";

const first = (schedule: (step: number) => number, count: number): number[] =>
  Array.from({ length: count }, (_, step) => schedule(step));

describe("schedules", () => {
  it("stay at their last rate", () => {
    expect(schedules.cosineDecay({ initial: 1, final: 0.25, steps: 4 })(100)).toBe(0.25);
    expect(schedules.polynomialDecay({ initial: 1, final: 0.1, steps: 3 })(1000)).toBe(0.1);
    expect(schedules.warmupCosineDecay({ peak: 1, warmupSteps: 2, steps: 4, final: 0.5 })(99)).toBe(0.5);
  });

  it("warmupCosineDecay has its peak right after the warm-up", () => {
    const rates = first(schedules.warmupCosineDecay({ peak: 1, warmupSteps: 4, steps: 8 }), 9);
    expect(rates.slice(0, 5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(rates[6]).toBeCloseTo(0.5, 15);
    expect(rates[8]).toBe(0);
  });

  it("inverseSquareRoot is that of the transformer", () => {
    const [size, warmup] = [512, 4000];
    const schedule = schedules.inverseSquareRoot({ peak: (size * warmup) ** -0.5, warmupSteps: warmup });
    for (const step of [0, 100, 3999, 4000, 50000]) {
      const t = step + 1;
      expect(schedule(step)).toBeCloseTo(size ** -0.5 * Math.min(t ** -0.5, t * warmup ** -1.5), 12);
    }
  });

  it("exponentialDecay takes its steps together", () => {
    expect(schedules.exponentialDecay({ initial: 2, rate: 0.25, steps: 4 })(2)).toBe(1);
  });

  it("joined follow one another, each from its own step 0", () => {
    const joined = schedules.joinSchedules(
      [
        schedules.polynomialDecay({ initial: 0, final: 1, steps: 2 }),
        schedules.constant(1),
        schedules.stepDecay({ initial: 0.5, steps: 2 }),
      ],
      [2, 3],
    );
    const rates = first(joined, 7);
    [0, 0.5, 1, 0.5, 0.5, 0.05, 0.05].forEach((rate, i) => {
      expect(rates[i]).toBeCloseTo(rate, 15);
    });
  });

  it("are what an optimiser asks at each step", () => {
    const { w, loss } = linear([0], [1]);
    const optimizer = new SGD({
      learningRate: schedules.piecewiseConstant({ values: [1, 0.5], boundaries: [2] }),
    });
    for (let i = 0; i < 4; i++) optimizer.minimize(loss(), [w]);
    expect(values(w)).toEqual([-3]);
    expect(optimizer.learningRate).toBe(0.5);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["a negative rate", () => schedules.constant(-1), /schedules.constant: rate must be/],
    ["no options", () => schedules.cosineDecay(undefined as never), /options are an object/],
    [
      "an unknown option",
      () => schedules.cosineDecay({ initial: 1, step: 3 } as never),
      /unknown option step/,
    ],
    ["no steps", () => schedules.cosineDecay({ initial: 1 } as never), /steps must be a whole number/],
    ["half a step", () => schedules.stepDecay({ initial: 1, steps: 0.5 }), /not 0.5/],
    [
      "a warm-up as long as everything",
      () => schedules.warmupCosineDecay({ peak: 1, warmupSteps: 5, steps: 5 }),
      /steps must be a whole number of at least 6, not 5/,
    ],
    [
      "too few values",
      () => schedules.piecewiseConstant({ values: [1], boundaries: [2] }),
      /1 boundaries and 1 values do not fit/,
    ],
    [
      "boundaries that do not rise",
      () => schedules.piecewiseConstant({ values: [1, 2, 3], boundaries: [4, 4] }),
      /boundaries\[1\] is 4, not above 4 before it/,
    ],
    [
      "a rate among schedules",
      () => schedules.joinSchedules([0.1 as never, schedules.constant(1)], [2]),
      /schedules\[0\] is number 0.1/,
    ],
    [
      "no list",
      () => schedules.joinSchedules(undefined as never, [2]),
      /1 boundaries and undefined schedules/,
    ],
  ])("refuse %s", (_, call, message) => {
    expect(call).toThrow(StateError);
    expect(call).toThrow(message);
  });
});
