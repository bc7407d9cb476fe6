import { compile, ones, tensor, variable } from "@cotangent/core";
import {
  Adagrad,
  Adam,
  type AdamOptions,
  AdamW,
  addDecayedWeights,
  type Optimizer,
  RMSProp,
  SGD,
  schedules,
} from "@cotangent/optim";
import { describe, expect, it } from "vitest";
import { counting, linear, updating, values } from "./helpers.ts";

const MAKERS: readonly (readonly [string, (rate?: AdamOptions["learningRate"]) => Optimizer, string[]])[] = [
  ["Adam", (learningRate) => new Adam({ learningRate }), ["mean", "square"]],
  [
    "Adam with amsgrad",
    (learningRate) => new Adam({ learningRate, amsgrad: true }),
    ["mean", "square", "greatest"],
  ],
  ["AdamW", (learningRate) => new AdamW({ learningRate }), ["mean", "square"]],
  [
    "RMSProp",
    (learningRate) => new RMSProp({ learningRate, centered: true, momentum: 0.9 }),
    ["square", "mean", "velocity"],
  ],
  ["Adagrad", (learningRate) => new Adagrad({ learningRate }), ["total"]],
];

describe.each(MAKERS)("%s", (_, make, slots) => {
  function problem(learningRate?: AdamOptions["learningRate"]) {
    const a = variable(tensor([1, -2], { dtype: "float64" }), { name: "a" });
    const b = variable(tensor([[3]], { dtype: "float64" }), { name: "b" });
    const optimizer = make(learningRate);
    const step = () => {
      optimizer.minimize(a.square().sum().add(b.mul(2).square().sum()), [a, b]);
    };
    return { a, b, optimizer, step };
  }
  const rate = schedules.warmupCosineDecay({ peak: 0.2, warmupSteps: 3, steps: 10 });

  it("goes on from a saved state as if nothing had happened, schedule included", () => {
    const whole = problem(rate);
    for (let i = 0; i < 8; i++) whole.step();
    const half = problem(rate);
    for (let i = 0; i < 4; i++) half.step();
    const { state } = half.optimizer;
    expect(Object.keys(state)).toEqual([
      "step",
      ...["0", "1"].flatMap((i) => slots.map((name) => `${i}.${name}`)),
    ]);
    for (const mode of ["plain", "compiled"]) {
      const rest = problem(rate);
      rest.a.assign(half.a.value);
      rest.b.assign(half.b.value);
      rest.optimizer.state = state;
      const step = mode === "plain" ? rest.step : compile(rest.step);
      for (let i = 0; i < 4; i++) step();
      expect(values(rest.a)).toEqual(values(whole.a));
      expect(values(rest.b)).toEqual(values(whole.b));
      expect(rest.optimizer.state).toEqual(whole.optimizer.state);
    }
  });

  it("makes one plan for all steps of a schedule, compiled and not", () => {
    for (const mode of ["plain", "compiled"]) {
      counting(({ programs }) => {
        const { a, step } = problem(rate);
        const run = mode === "plain" ? step : compile(step);
        for (let i = 0; i < 12; i++) run();
        expect(updating(programs)).toHaveLength(1);
        // What is still pending must not end up in another count.
        values(a);
      });
    }
  });

  it("takes two steps of one compiled call as two", () => {
    const plain = problem(rate);
    for (let i = 0; i < 4; i++) plain.step();
    const twice = problem(rate);
    const both = compile(() => {
      twice.step();
      twice.step();
    });
    both();
    both();
    expect(values(twice.a)).toEqual(values(plain.a));
    expect(twice.optimizer.stepCount).toBe(4);
  });

  it("stays where it is while gradients are 0, and never divides by 0", () => {
    const w = variable(ones([2]));
    const optimizer = make(0);
    for (let i = 0; i < 3; i++) optimizer.apply([w], [tensor([0, 0])]);
    expect(values(w)).toEqual([1, 1]);
  });

  it("makes a quadratic smaller", () => {
    const { a, b, step } = problem(0.05);
    for (let i = 0; i < 100; i++) step();
    values(a).forEach((value, i) => {
      expect(Math.abs(value)).toBeLessThan([0.7, 1.7][i]);
    });
    expect(Math.abs(values(b)[0])).toBeLessThan(2.7);
  });
});

describe("Adam", () => {
  it("moves each element by about the learning rate at the first step, whatever the gradient", () => {
    const { w, loss } = linear([0, 0, 0], [1e-3, -5, 1e6]);
    new Adam({ learningRate: 0.5 }).minimize(loss(), [w]);
    values(w).forEach((value, i) => {
      expect(value).toBeCloseTo([-0.5, 0.5, -0.5][i], 4);
    });
  });

  it.each<[object, RegExp]>([
    [{ beta1: 1 }, /beta1 must be a finite number of at least 0 and below 1, not 1/],
    [{ beta2: -0.1 }, /beta2 must be/],
    [{ epsilon: Number.NaN }, /epsilon must be/],
    [{ amsgrad: 1 }, /amsgrad must be true or false, not 1/],
    [{ lr: 1 }, /Adam: unknown option lr/],
    [{ learningRate: -1 }, /learningRate must be/],
    [{ weightDecayMask: () => true }, /there is a weightDecayMask, but no weightDecay/],
    [{ weightDecay: 0.1, weightDecayMask: true }, /the mask is boolean true/],
  ])("refuses %o", (options, message) => {
    expect(() => new Adam(options as never)).toThrow(message);
  });

  it.each([
    [RMSProp, { momentum: -1 }, /momentum must be/],
    [RMSProp, { decay: 1 }, /decay must be/],
    [RMSProp, { beta1: 0.9 }, /RMSProp: unknown option beta1/],
    [Adagrad, { initialAccumulator: -1 }, /initialAccumulator must be/],
    [AdamW, { weightDecay: -1 }, /weightDecay must be/],
  ] as const)("and its relatives refuse what they do not know: %o %o", (Kind, options, message) => {
    expect(() => new Kind(options as never)).toThrow(message);
  });
});

describe("a mask of decay", () => {
  const weights = () => [variable(ones([2, 1]), { name: "kernel" }), variable(ones([1]), { name: "bias" })];

  it.each([
    [
      "SGD",
      (mask: AdamOptions["weightDecayMask"]) =>
        new SGD({ learningRate: 1, weightDecay: 0.5, weightDecayMask: mask }),
    ],
    [
      "AdamW",
      (mask: AdamOptions["weightDecayMask"]) =>
        new AdamW({ learningRate: 1, weightDecay: 0.5, weightDecayMask: mask }),
    ],
  ] as const)("of %s says by shape, name or place which variables decay", (_, make) => {
    for (const mask of [
      ({ rank }: { rank: number }) => rank > 1,
      ({ name }: { name?: string }) => name === "kernel",
      (_param: unknown, index: number) => index === 0,
    ]) {
      const [kernel, bias] = weights();
      make(mask).apply([kernel, bias], [tensor([[0], [0]]), tensor([0])]);
      expect(values(kernel)).toEqual([0.5, 0.5]);
      expect(values(bias)).toEqual([1]);
    }
  });

  it("that gives something else than booleans is refused", () => {
    const [kernel] = weights();
    const optimizer = new SGD({ learningRate: 1, weightDecay: 0.5, weightDecayMask: (() => 1) as never });
    expect(() => optimizer.apply([kernel], [tensor([[0], [0]])])).toThrow(/the mask gave number 1/);
    expect(() => addDecayedWeights(0.1, { mask: 3 as never })).toThrow(/the mask is number 3/);
  });
});
