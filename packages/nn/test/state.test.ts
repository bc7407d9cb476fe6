import { DTypeError, ones, ShapeError, StateError, type Tensor, tensor, variable } from "@cotangent/core";
import { dense, Module, type StateEntry, sequential } from "@cotangent/nn";
import { describe, expect, it } from "vitest";
import { countRuns, values } from "./helpers.ts";

const network = (seed: number) => sequential({ inputShape: [3], seed }, [dense(4), dense(2)]);
const x = tensor([[1, 2, 3]]);

describe("getState", () => {
  it("gives dtype, shape and data by path", () => {
    class Mixed extends Module {
      readonly flag = variable(tensor([true, false]));
      readonly count = variable(tensor(3, { dtype: "int32" }), { trainable: false });
      readonly w = variable(tensor([[0.5]], { dtype: "float64" }));
      forward(input: Tensor): Tensor {
        return input;
      }
    }
    expect(new Mixed().getState()).toEqual({
      flag: { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) },
      count: { dtype: "int32", shape: [], data: Int32Array.of(3) },
      w: { dtype: "float64", shape: [1, 1], data: Float64Array.of(0.5) },
    });
  });

  it("is a copy: neither side sees the other's changes", () => {
    const model = network(1);
    const state = model.getState();
    const bias = model.layers[1].variables()[1];
    bias.assign([5, 6]);
    expect([...state["layers.1.bias"].data]).toEqual([0, 0]);
    state["layers.1.bias"].data[0] = 9;
    expect(values(bias)).toEqual([5, 6]);
  });

  it("computes what is pending as one plan", () => {
    const model = network(1);
    for (const cell of model.variables()) cell.assign(cell.mul(2));
    expect(countRuns(() => model.getState())).toBe(1);
  });
});

describe("setState", () => {
  it("makes another model compute the same", () => {
    const [from, to] = [network(1), network(2)];
    expect(values(to.forward(x))).not.toEqual(values(from.forward(x)));
    expect(to.setState(from.getState())).toEqual({ missing: [], unexpected: [] });
    expect(values(to.forward(x))).toEqual(values(from.forward(x)));
  });

  it("restores every dtype", () => {
    class Mixed extends Module {
      readonly flag = variable(tensor([true, false]));
      readonly count = variable(tensor(3, { dtype: "uint32" }), { trainable: false });
      readonly w = variable(tensor([0.1], { dtype: "float64" }));
      forward(input: Tensor): Tensor {
        return input;
      }
    }
    const model = new Mixed();
    const state = model.getState();
    model.flag.assign(tensor([false, true]));
    model.count.assign(tensor(9, { dtype: "uint32" }));
    model.w.assign(tensor([7], { dtype: "float64" }));
    model.setState(state);
    expect(model.getState()).toEqual(state);
  });

  it("takes tensors too", () => {
    const model = network(1);
    model.setState({ "layers.0.bias": tensor([1, 2, 3, 4]) }, { strict: false });
    expect(values(model.namedVariables().get("layers.0.bias") as Tensor)).toEqual([1, 2, 3, 4]);
  });

  it("with strict: false takes what matches and reports the rest", () => {
    const model = network(1);
    const { "layers.0.kernel": _, ...rest } = network(2).getState();
    const report = model.setState({ ...rest, extra: rest["layers.0.bias"] }, { strict: false });
    expect(report).toEqual({ missing: ["layers.0.kernel"], unexpected: ["extra"] });
    expect([...model.getState()["layers.1.kernel"].data]).toEqual([...rest["layers.1.kernel"].data]);
  });

  it.each<[string, Record<string, unknown>, boolean, new (message: string) => Error, RegExp]>([
    [
      "an unexpected entry",
      { "layers.2.kernel": ones([1]) },
      true,
      StateError,
      /setState: the state does not match the model: no variable for layers.2.kernel. Nothing was changed/,
    ],
    [
      "a wrong shape",
      { "layers.1.kernel": ones([2, 4]) },
      false,
      ShapeError,
      /layers.1.kernel has shape \[4, 2\], the entry \[2, 4\]/,
    ],
    [
      "a wrong dtype",
      { "layers.1.bias": ones([2], { dtype: "float64" }) },
      false,
      DTypeError,
      /layers.1.bias has dtype float32, the entry float64/,
    ],
    [
      "data of another size than the shape",
      { "layers.1.bias": { dtype: "float32", shape: [2], data: Float32Array.of(1) } },
      true,
      ShapeError,
      /the data of layers.1.bias is no typed array of 2 elements/,
    ],
    [
      "an entry that is none",
      { "layers.1.bias": 3 },
      true,
      StateError,
      /the entry layers.1.bias is number 3/,
    ],
    ["an empty entry", { "layers.1.bias": null }, true, StateError, /the entry layers.1.bias is null/],
  ])("refuses %s and changes nothing", (_, change, strict, kind, message) => {
    const model = network(1);
    const before = model.getState();
    const state = { ...network(2).getState(), ...change } as Record<string, StateEntry>;
    expect(() => model.setState(state, { strict })).toThrow(kind);
    expect(() => model.setState(state, { strict })).toThrow(message);
    expect(model.getState()).toEqual(before);
  });

  it("refuses a state with entries missing, and what is no state", () => {
    const model = network(1);
    expect(() => model.setState({})).toThrow(
      /no entry for layers.0.kernel, layers.0.bias, layers.1.kernel, layers.1.bias/,
    );
    for (const wrong of [null, undefined, "state", ones([2])]) {
      expect(() => model.setState(wrong as never)).toThrow(/is not a state. Pass what getState/);
    }
  });
});
