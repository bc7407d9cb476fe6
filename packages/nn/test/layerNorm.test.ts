import {
  compile,
  DTypeError,
  gradients,
  ones,
  random,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
} from "@cotangent/core";
import { Dense, dense, LayerNorm, layerNorm, sequential } from "@cotangent/nn";
import { describe, expect, it } from "vitest";
import { expectClose, values } from "./helpers.ts";

describe("LayerNorm", () => {
  it("gives each example mean 0 and variance 1, whatever its scale and offset", () => {
    const rows = random.normal([4, 256], { seed: 1, dtype: "float64" });
    const x = rows.mul(tensor([[1], [1e3], [1], [5]])).add(tensor([[0], [0], [1e6], [-3]]));
    const y = new LayerNorm(256, { dtype: "float64" }).forward(x);
    expectClose(values(y.mean(-1)), [0, 0, 0, 0], 1e-9);
    expectClose(values(y.variance(-1)), [1, 1, 1, 1], 1e-4);
  });

  it("scales and shifts with weights of its own, or with none", () => {
    const layer = new LayerNorm(2);
    layer.scale?.assign([2, 3]);
    layer.bias?.assign([10, 20]);
    expectClose(values(layer.forward(tensor([[0, 2]]))), [8, 23], 1e-4);
    const bare = new LayerNorm(2, { useScale: false, useBias: false });
    expect(bare.variables()).toEqual([]);
    expectClose(values(bare.forward(tensor([[0, 2]]))), [-1, 1], 1e-4);
    expect([...layer.namedVariables().keys()]).toEqual(["scale", "bias"]);
    expect(layer.variables().map(({ name }) => name)).toEqual(["layerNorm.scale", "layerNorm.bias"]);
  });

  it("is 0 with finite derivatives where all elements are equal", () => {
    const x = tensor([[3, 3, 3]], { dtype: "float64" });
    const y = new LayerNorm(3, { dtype: "float64" }).forward(x);
    const [first] = gradients(y.slice([0, 0], [1, 1]).sum(), [x]);
    const root = Math.sqrt(1e-5);
    expect(values(y)).toEqual([0, 0, 0]);
    expectClose(values(first), [2 / 3 / root, -1 / 3 / root, -1 / 3 / root], 1e-12);
  });

  it("takes several axes together, and any number before them", () => {
    const x = random.normal([5, 4, 3, 2], { seed: 2 });
    const y = new LayerNorm([3, 2]).forward(x);
    const flat = new LayerNorm(6).forward(x.reshape([20, 6]));
    expect(y.shape).toEqual([5, 4, 3, 2]);
    expectClose(values(y), values(flat), 1e-6);
    expect(new LayerNorm(3).forward(ones([0, 3])).shape).toEqual([0, 3]);
  });

  it("is the same compiled, and in both modes", () => {
    const layer = new LayerNorm(8);
    const x = random.normal([3, 8], { seed: 3 });
    const plain = values(layer.forward(x));
    expectClose(values(compile((z: Tensor) => layer.forward(z))(x)), plain, 1e-6);
    expect(values(layer.eval().forward(x))).toEqual(plain);
  });

  it("learns its size in sequential", () => {
    const model = sequential({ inputShape: [4], seed: 1 }, [dense(6), layerNorm(), dense(2)]);
    expect(model.layers[1].variables().map(({ shape }) => shape)).toEqual([[6], [6]]);
    expect(model.forward(ones([2, 4])).shape).toEqual([2, 2]);
    expect(model.layers[0]).toBeInstanceOf(Dense);
  });

  it.each<[string, () => unknown, new (message: string) => Error, RegExp]>([
    ["a size of 0", () => new LayerNorm(0), StateError, /each size must be a whole number/],
    ["no sizes", () => new LayerNorm([]), StateError, /there are no sizes/],
    ["an epsilon below 0", () => new LayerNorm(2, { epsilon: -1 }), StateError, /epsilon is -1/],
    ["an unknown option", () => new LayerNorm(2, { eps: 1 } as never), StateError, /unknown option eps/],
    [
      "integer weights",
      () => new LayerNorm(2, { dtype: "int32" }),
      DTypeError,
      /dtype int32 cannot be trained/,
    ],
    ["another size", () => new LayerNorm(3).forward(ones([2, 4])), ShapeError, /takes \[..., 3\].*\[2, 4\]/],
    ["too few axes", () => new LayerNorm([2, 3]).forward(ones([3])), ShapeError, /takes \[..., 2, 3\]/],
    ["integers", () => new LayerNorm(2).forward(ones([2], { dtype: "int32" })), DTypeError, /dtype int32/],
    ["examples without axes", () => sequential({ inputShape: [] }, [layerNorm()]), ShapeError, /no axes/],
  ])("refuses %s", (_, call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});
