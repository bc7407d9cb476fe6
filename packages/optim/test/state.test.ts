import { compile, DTypeError, ShapeError, StateError, tensor, variable } from "@cotangent/core";
import { type OptimizerState, SGD } from "@cotangent/optim";
import { describe, expect, it } from "vitest";
import { linear, values } from "./helpers.ts";

const options = { learningRate: (step: number) => 1 / (step + 1), momentum: 0.5, dampening: 0.25 };

function quadratic() {
  const a = variable(tensor([1, 2], { dtype: "float64" }), { name: "a" });
  const b = variable(tensor([3], { dtype: "float64" }), { name: "b" });
  const loss = () => a.square().sum().add(b.square().sum()).mul(0.1);
  return { a, b, loss, variables: [a, b] };
}

function stateAfter(steps: number) {
  const problem = quadratic();
  const optimizer = new SGD(options);
  for (let i = 0; i < steps; i++) optimizer.minimize(problem.loss(), problem.variables);
  return { ...problem, optimizer, state: optimizer.state };
}

describe("state", () => {
  it("holds the step count and the slots of the variables in their order", () => {
    const { state } = stateAfter(3);
    expect(Object.keys(state)).toEqual(["step", "0.velocity", "0.started", "1.velocity", "1.started"]);
    expect(state.step).toEqual({ dtype: "int32", shape: [], data: Int32Array.of(3) });
    expect(state["0.velocity"].shape).toEqual([2]);
    expect(state["1.started"]).toEqual({ dtype: "bool", shape: [], data: Uint8Array.of(1) });
  });

  it("is a copy that later steps do not change", () => {
    const { optimizer, loss, variables, state } = stateAfter(2);
    const before = [...state["0.velocity"].data];
    optimizer.minimize(loss(), variables);
    expect([...state["0.velocity"].data]).toEqual(before);
    expect([...optimizer.state["0.velocity"].data]).not.toEqual(before);
  });

  it.each([
    ["a new optimiser before its first step", "new"],
    ["a new optimiser under compile", "compile"],
    ["one that knows its variables", "init"],
    ["one that has gone on", "old"],
  ])("set in %s continues as if nothing had happened", (_, mode) => {
    const reference = stateAfter(6);
    const saved = stateAfter(3);
    const optimizer = mode === "old" ? saved.optimizer : new SGD(options);
    const start = [values(saved.a), values(saved.b)];
    if (mode === "init") optimizer.init(saved.variables);
    if (mode === "old") {
      optimizer.minimize(saved.loss(), saved.variables);
      saved.a.assign(tensor(start[0], { dtype: "float64" }));
      saved.b.assign(tensor(start[1], { dtype: "float64" }));
    }
    optimizer.state = saved.state;
    expect(optimizer.stepCount).toBe(3);
    const step = () => {
      optimizer.minimize(saved.loss(), saved.variables);
    };
    const run = mode === "compile" ? compile(step) : step;
    for (let i = 0; i < 3; i++) run();
    expect(values(saved.a)).toEqual(values(reference.a));
    expect(values(saved.b)).toEqual(values(reference.b));
    expect(optimizer.state).toEqual(reference.state);
  });

  it("restored under compile goes on with the restored step count in the trace that is there", () => {
    const { w, loss } = linear([0], [1]);
    const optimizer = new SGD({ learningRate: (step) => step });
    const step = compile(() => {
      optimizer.minimize(loss(), [w]);
    });
    step();
    step();
    expect(values(w)).toEqual([-1]);
    optimizer.state = { step: { dtype: "int32", shape: [], data: Int32Array.of(100) } };
    step();
    expect(values(w)).toEqual([-101]);
    expect(optimizer.stepCount).toBe(101);
  });

  it("comes back as it was set while no step has been made", () => {
    const { state } = stateAfter(2);
    const optimizer = new SGD(options);
    optimizer.state = state;
    expect(optimizer.state).toEqual(state);
  });

  it.each<[string, (state: OptimizerState) => unknown, new (message: string) => Error, RegExp]>([
    ["that is none", () => null, StateError, /Optimizer.state: null is not a state/],
    ["without a step", ({ step: _, ...rest }) => rest, StateError, /no entry step with the number of steps/],
    [
      "with a step that is no count",
      (state) => ({ ...state, step: { dtype: "int32", shape: [], data: Int32Array.of(-1) } }),
      StateError,
      /no entry step/,
    ],
    [
      "with an entry missing",
      ({ "0.velocity": _, ...rest }) => rest,
      StateError,
      /does not fit this optimiser and its variables: no entry for 0.velocity/,
    ],
    [
      "with an entry too many",
      (state) => ({ ...state, "2.velocity": state["1.velocity"] }),
      StateError,
      /nothing that remembers 2.velocity/,
    ],
    [
      "with a wrong shape",
      (state) => ({ ...state, "0.velocity": state["1.velocity"] }),
      ShapeError,
      /0.velocity has shape \[2\], the entry \[1\] with 1 elements/,
    ],
    [
      "with a wrong dtype",
      (state) => ({
        ...state,
        "1.velocity": { dtype: "float32", shape: [1], data: Float32Array.of(1) },
      }),
      DTypeError,
      /1.velocity has dtype float64, the entry float32/,
    ],
  ])("%s is refused, and nothing has changed", (_, damage, kind, message) => {
    const { optimizer, state } = stateAfter(2);
    const set = () => {
      optimizer.state = damage(state) as OptimizerState;
    };
    expect(set).toThrow(kind);
    expect(set).toThrow(message);
    expect(optimizer.state).toEqual(state);
  });

  it("that does not fit is found at the first step of a new optimiser, which changes nothing", () => {
    const { state, a, b, loss } = stateAfter(2);
    const optimizer = new SGD(options);
    optimizer.state = state;
    const before = [values(a), values(b)];
    expect(() => optimizer.minimize(loss(), [a])).toThrow(/nothing that remembers 1.velocity/);
    expect(() => optimizer.minimize(loss(), [b, a])).toThrow(/0.velocity has shape \[1\], the entry \[2\]/);
    expect([values(a), values(b)]).toEqual(before);
    expect(optimizer.state).toEqual(state);
    optimizer.minimize(loss(), [a, b]);
    expect(optimizer.stepCount).toBe(3);
  });
});
