import {
  compile,
  EngineError,
  getEngine,
  ones,
  random,
  referenceEngine,
  setEngine,
  type Tensor,
  tensor,
  variable,
} from "@cotangent/core";
import { SGD, type SGDOptions } from "@cotangent/optim";
import { describe, expect, it } from "vitest";
import { counting, updating, values } from "./helpers.ts";

function regression(options: Partial<SGDOptions> = {}) {
  const x = random.normal([8, 3], { seed: 1 });
  const y = random.normal([8, 2], { seed: 2 });
  for (const data of [x, y]) data.dataSync();
  const kernel = variable(random.normal([3, 2], { seed: 3 }));
  const bias = variable(ones([2]));
  const optimizer = new SGD({ learningRate: 0.1, momentum: 0.9, ...options });
  const step = (input: Tensor = x, target: Tensor = y) => {
    const loss = input.matmul(kernel).add(bias).sub(target).square().mean();
    optimizer.minimize(loss, [kernel, bias]);
    return loss;
  };
  return { x, y, kernel, bias, optimizer, step };
}

describe.each<[string, Partial<SGDOptions>]>([
  ["momentum", {}],
  ["a schedule", { learningRate: (step) => 0.1 / (1 + step) }],
  ["dampening", { dampening: 0.5, weightDecay: 0.01 }],
  ["nesterov", { nesterov: true }],
  ["nothing", { momentum: 0 }],
])("100 steps with changing learning rates and %s", (_, options) => {
  const rates = (optimizer: SGD, i: number) => {
    if (typeof options.learningRate !== "function") optimizer.learningRate = 0.1 / (1 + i);
  };

  it("make one plan in a plain loop that reads the loss", () => {
    counting(({ programs, runs }) => {
      const { optimizer, step } = regression(options);
      for (let i = 0; i < 100; i++) {
        rates(optimizer, i);
        step().item();
      }
      expect(updating(programs)).toHaveLength(1);
      expect(runs[programs.findIndex(({ updates }) => updates.length > 0)]).toBe(100);
    });
  });

  it("make one plan in a plain loop that reads nothing", () => {
    counting(({ programs, runs }) => {
      const { optimizer, step, kernel } = regression(options);
      for (let i = 0; i < 100; i++) {
        rates(optimizer, i);
        step();
      }
      // The last step is still pending: what is not read is computed with the next one.
      expect(updating(programs)).toHaveLength(1);
      expect(runs[programs.findIndex(({ updates }) => updates.length > 0)]).toBe(99);
      kernel.dataSync();
      expect(optimizer.stepCount).toBe(100);
    });
  });

  it("make one plan under compile, and one more for a short batch", () => {
    counting(({ programs }) => {
      const { x, y, optimizer, step } = regression(options);
      const compiled = compile(step);
      for (let i = 0; i < 100; i++) {
        rates(optimizer, i);
        compiled(x, y);
      }
      expect(updating(programs)).toHaveLength(1);
      compiled(x.slice(0, 5), y.slice(0, 5));
      expect(updating(programs)).toHaveLength(2);
      expect(optimizer.stepCount).toBe(101);
    });
  });
});

describe("steps", () => {
  it("give the same weights in a plain loop, compiled, and compiled from the second step on", () => {
    const results = ["plain", "compiled", "mixed"].map((mode) => {
      const { x, y, kernel, bias, optimizer, step } = regression({
        learningRate: (count) => 0.2 / (1 + count),
        nesterov: true,
        weightDecay: 0.01,
      });
      const compiled = compile(step);
      for (let i = 0; i < 10; i++) {
        if (mode === "plain" || (mode === "mixed" && i % 3 === 0)) step();
        else compiled(x, y);
      }
      expect(optimizer.stepCount).toBe(10);
      return [...values(kernel), ...values(bias)];
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  it("that the engine fails leave variables and velocities as they were", () => {
    const { x, y, kernel, optimizer, step } = regression();
    step().item();
    const weights = values(kernel);
    const velocity = values(optimizer.variables()[0]);
    // A value that cannot be computed any more: the flush throws.
    const other = variable(tensor([1]));
    const stale = other.mul(2);
    for (let i = 0; i < 4; i++) {
      other.assign([i]);
      other.dataSync();
    }
    const loss = x.matmul(kernel).sub(y).square().mean().mul(stale.sum());
    expect(() => {
      optimizer.minimize(loss, [kernel]);
      loss.item();
    }).toThrow(/overwritten/);
    expect(values(kernel)).toEqual(weights);
    expect(values(optimizer.variables()[0])).toEqual(velocity);
  });

  it("that fail inside a compiled call are not counted, and change nothing", () => {
    const { kernel, optimizer, x, y } = regression({ learningRate: (step) => 0.1 / (1 + step) });
    let broken = false;
    const before = getEngine();
    setEngine({
      name: "breakable",
      compile(program) {
        const inner = referenceEngine.compile(program);
        return {
          bind: (slot, storage) => inner.bind(slot, storage),
          run(donated) {
            if (broken) throw new EngineError("out of memory");
            return inner.run(donated);
          },
          dispose: () => inner.dispose(),
        };
      },
    });
    try {
      const step = compile(() => {
        optimizer.minimize(x.matmul(kernel).sub(y).square().mean(), [kernel]);
      });
      step();
      const weights = values(kernel);
      const { state } = optimizer;
      broken = true;
      expect(step).toThrow(/out of memory/);
      broken = false;
      expect(optimizer.stepCount).toBe(1);
      expect(values(kernel)).toEqual(weights);
      expect(optimizer.state).toEqual(state);
      step();
      expect(optimizer.stepCount).toBe(2);
    } finally {
      setEngine(before);
    }
  });
});
