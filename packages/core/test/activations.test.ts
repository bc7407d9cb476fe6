import * as core from "@cotangent/core";
import { ShapeError, StateError, type Tensor, tensor, zeros } from "@cotangent/core";
import { describe, expect, it } from "vitest";

const numbers = (x: Tensor): number[] => [...x.dataSync()];

describe("activations", () => {
  it("are methods where they are common, with the same options", () => {
    const x = tensor([-2, -0.5, 0, 1, 3], { dtype: "float64" });
    const pairs: [Tensor, Tensor][] = [
      [x.relu(), core.relu(x)],
      [x.leakyRelu({ negativeSlope: 0.2 }), core.leakyRelu(x, { negativeSlope: 0.2 })],
      [x.elu({ alpha: 2 }), core.elu(x, { alpha: 2 })],
      [x.gelu({ approximate: true }), core.gelu(x, { approximate: "tanh" })],
      [x.silu(), core.silu(x)],
      [x.softplus(), core.softplus(x)],
      [x.sigmoid(), core.sigmoid(x)],
      [x.softmax(), core.softmax(x)],
      [x.logSoftmax(), core.logSoftmax(x)],
      [x.tanh(), core.tanh(x)],
    ];
    for (const [method, operation] of pairs) expect(numbers(method)).toEqual(numbers(operation));
    expect(numbers(x.leakyRelu())).not.toEqual(numbers(x.leakyRelu({ negativeSlope: 0.2 })));
    expect(numbers(x.gelu())).not.toEqual(numbers(x.gelu({ approximate: true })));
  });

  it("keep the shape and the dtype, and take integers as float32", () => {
    const all: ((x: Tensor) => Tensor)[] = [
      ...[core.leakyRelu, core.elu, core.celu, core.selu, core.gelu, core.silu, core.softplus, core.mish],
      ...[core.logSigmoid, core.softsign, core.hardtanh, core.relu6, core.hardSigmoid, core.hardSwish],
    ];
    for (const activation of all) {
      for (const shape of [[], [0, 3], [2, 1, 3]]) {
        for (const dtype of ["float32", "float64"] as const) {
          const y = activation(zeros(shape, { dtype }));
          expect([y.shape, y.dtype]).toEqual([shape, dtype]);
        }
        expect(activation(zeros(shape, { dtype: "int32" })).dtype).toBe("float32");
      }
    }
  });

  it("glu cuts an axis into halves", () => {
    const x = tensor([
      [1, 2, 0, 1000],
      [3, 4, -1000, 0],
    ]);
    expect(core.glu(x).shape).toEqual([2, 2]);
    expect(numbers(core.glu(x))).toEqual([0.5, 2, 0, 2]);
    expect(core.glu(x, 0).shape).toEqual([1, 4]);
    expect(() => core.glu(zeros([2, 3]))).toThrow(ShapeError);
    expect(() => core.glu(zeros([2, 3]))).toThrow(/axis -1 of \[2, 3\] has the odd size 3/);
    expect(() => core.glu(zeros([3, 2]), 2)).toThrow(core.CotangentError);
    expect(() => core.glu(zeros([]))).toThrow(core.CotangentError);
  });

  it("prelu broadcasts its slope", () => {
    const x = tensor([
      [-1, 2],
      [-3, -4],
    ]);
    expect(numbers(core.prelu(x, tensor([0.5, 0.25])))).toEqual([-0.5, 2, -1.5, -1]);
    expect(numbers(core.prelu(x, 2))).toEqual([-2, 2, -6, -8]);
    expect(() => core.prelu(x, tensor([1, 2, 3]))).toThrow(ShapeError);
  });

  it.each<[string, () => Tensor, new (message: string) => Error, RegExp]>([
    ["an unknown option", () => core.elu(1, { aplha: 1 } as never), StateError, /elu: unknown option aplha/],
    [
      "a slope that is none",
      () => core.leakyRelu(1, { negativeSlope: Number.NaN }),
      StateError,
      /leakyRelu: negativeSlope must be a finite number, not NaN/,
    ],
    ["an alpha of 0", () => core.celu(1, { alpha: 0 }), StateError, /finite number above 0, not 0/],
    ["an alpha that is text", () => core.elu(1, { alpha: "1" as never }), StateError, /alpha must be/],
    ["another approximation", () => core.gelu(1, { approximate: "erf" as never }), StateError, /"tanh"/],
    ["bounds out of order", () => core.hardtanh(1, { low: 2 }), StateError, /low must be below high/],
    ["a number as options", () => core.leakyRelu(1, 0.2 as never), StateError, /options are an object/],
  ])("refuse %s", (_, call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });

  it("relu keeps integers", () => {
    expect(core.relu(tensor(new Int32Array([-1, 2]))).dtype).toBe("int32");
    expect(core.relu(tensor([true])).dtype).toBe("int32");
  });
});
