import { runtimeNumber, StateError, type Tensor, tensor, variable } from "@cotangent/core";
import {
  type AtStep,
  addDecayedWeights,
  chain,
  Optimizer,
  scaleByLearningRate,
  stateless,
  type Transformation,
  type TransformationState,
  trace,
} from "@cotangent/optim";
import { describe, expect, it } from "vitest";
import { values } from "./helpers.ts";

const params = [tensor([1, 2], { dtype: "float64" }), tensor([3], { dtype: "float64" })];
const gradients = [tensor([10, 20], { dtype: "float64" }), tensor([30], { dtype: "float64" })];

const at =
  (step: number): AtStep =>
  (value, dtype) =>
    runtimeNumber(() => value(step), dtype);

function run(transformation: Transformation, steps: number): number[][][] {
  let state: TransformationState = transformation.init(params);
  const all: number[][][] = [];
  for (let i = 0; i < steps; i++) {
    let updates: Tensor[];
    [updates, state] = transformation.update(gradients, state, params, at(i));
    all.push(updates.map(values));
  }
  return all;
}

describe("transformations are pure", () => {
  it("trace keeps a velocity in the state that it is given and returns", () => {
    expect(run(trace({ momentum: 0.5 }), 3)).toEqual([
      [[10, 20], [30]],
      [[15, 30], [45]],
      [[17.5, 35], [52.5]],
    ]);
  });

  it("trace with nesterov looks ahead by one decayed velocity", () => {
    expect(run(trace({ momentum: 0.5, nesterov: true }), 2)).toEqual([
      [[15, 30], [45]],
      [[17.5, 35], [52.5]],
    ]);
  });

  it("trace with dampening takes the first gradient whole", () => {
    expect(run(trace({ momentum: 0.5, dampening: 0.5 }), 2)).toEqual([
      [[10, 20], [30]],
      [[10, 20], [30]],
    ]);
  });

  it("the same state gives the same update again", () => {
    const transformation = trace({ momentum: 0.5 });
    const [, state] = transformation.update(gradients, transformation.init(params), params, at(0));
    const once = transformation.update(gradients, state, params, at(1))[0].map(values);
    expect(transformation.update(gradients, state, params, at(1))[0].map(values)).toEqual(once);
  });

  it("addDecayedWeights adds a part of the weights", () => {
    expect(run(addDecayedWeights(0.5), 1)).toEqual([[[10.5, 21], [31.5]]]);
  });

  it("scaleByLearningRate turns against the gradient, by a rate asked for at each step", () => {
    let rate = 1;
    const transformation = scaleByLearningRate(() => runtimeNumber(() => rate++, "float64"));
    expect(run(transformation, 2)).toEqual([
      [[-10, -20], [-30]],
      [[-20, -40], [-60]],
    ]);
  });
});

describe("chain", () => {
  it("applies one after the other: decay goes into the velocity or not, as the order says", () => {
    const decayFirst = run(chain(addDecayedWeights(1), trace({ momentum: 1 })), 2);
    const decayLast = run(chain(trace({ momentum: 1 }), addDecayedWeights(1)), 2);
    expect(decayFirst[1]).toEqual([[22, 44], [66]]);
    expect(decayLast[1]).toEqual([[21, 42], [63]]);
  });

  it("of nothing hands gradients on", () => {
    expect(run(chain(), 1)).toEqual([[[10, 20], [30]]]);
    expect(chain().slots).toEqual([]);
  });

  it("keeps the slots of equal names apart, nested chains included", () => {
    const twice = chain(trace({ momentum: 1 }), chain(trace({ momentum: 1 }), trace({ momentum: 0 })));
    expect(twice.slots).toEqual(["velocity", "velocity2", "velocity22"]);
    expect(Object.keys(twice.init(params)[0])).toEqual([...twice.slots]);
    expect(run(twice, 3).map(([first]) => first[0])).toEqual([10, 30, 60]);
  });
});

describe("Optimizer", () => {
  it("turns any transformation into a stateful optimiser", () => {
    const signs = stateless((gradient) => gradient.sign());
    const w = variable(tensor([5, -5, 0], { dtype: "float64" }));
    const optimizer = new Optimizer(signs, { learningRate: 0.5 });
    optimizer.minimize(w.square().sum(), [w]);
    expect(values(w)).toEqual([4.5, -4.5, 0]);
  });

  it("refuses updates of another shape before anything is assigned", () => {
    const wrong = stateless((gradient) => gradient.sum());
    const a = variable([1, 2], { name: "a" });
    const optimizer = new Optimizer(wrong, { learningRate: 0.5 });
    expect(() => optimizer.minimize(a.sum(), [a])).toThrow(
      /Optimizer.step: variable a has shape \[2\], its update \[\]/,
    );
    expect(values(a)).toEqual([1, 2]);
    expect(optimizer.stepCount).toBe(0);
  });
});

describe("options of transformations", () => {
  it.each<[() => unknown, RegExp]>([
    [() => trace({ momentum: -1 }), /trace: momentum must be/],
    [() => trace({} as never), /trace: momentum must be .* not undefined/],
    [() => trace({ momentum: 0.9, decay: 1 } as never), /trace: unknown option decay/],
    [() => trace({ momentum: 0, nesterov: true }), /trace: nesterov needs momentum/],
    [() => addDecayedWeights(Number.NaN), /addDecayedWeights: weightDecay must be/],
  ])("are checked: %s", (make, message) => {
    expect(make).toThrow(StateError);
    expect(make).toThrow(message);
  });
});
