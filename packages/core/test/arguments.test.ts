import { describe, expect, test } from "vitest";
import * as c from "../src/index.ts";

const x: c.Tensor = c.ones([2, 3]);

/** What the types would not let pass. */
const any = (value: unknown): never => value as never;

describe("arguments that are no such thing", () => {
  test.each<readonly [name: string, wrong: () => unknown, error: string, message: string]>([
    ["grad of a value", () => c.grad(any(x)), "GradientError", "grad: expected a function"],
    [
      "valueAndGrad of a value",
      () => c.valueAndGrad(any(x)),
      "GradientError",
      "valueAndGrad: expected a function",
    ],
    ["vmap of a value", () => c.vmap(any(x)), "GradientError", "vmap: expected a function"],
    ["checkpoint of a value", () => c.checkpoint(any(x)), "GradientError", "checkpoint: expected a function"],
    [
      "gradients by one tensor",
      () => c.gradients(x.sum(), any(x)),
      "GradientError",
      "Pass an array of tensors",
    ],
    ["gradients of a number", () => c.gradients(any(1), [x]), "GradientError", "Pass a tensor"],
    ["axes in a bag", () => x.sum(any({ axis: 0 })), "IndexError", "sum: axes are an object"],
    [
      "an option of another library",
      () => c.sum(x, 0, any({ keepdims: true })),
      "StateError",
      "sum: unknown option keepdims. Did you mean keepDims?",
    ],
    ["sizes one by one", () => x.reshape(any(3)), "ShapeError", "reshape: 3 is not a shape"],
    ["a slice as text", () => x.slice(any("0:1")), "IndexError", 'slice: positions are string "0:1"'],
    [
      "the graph of a function",
      () => c.printGraph(any(() => x)),
      "StateError",
      "printGraph: expected a tensor, got a function",
    ],
  ])("%s", (_, wrong, error, message) => {
    expect(wrong).toThrow(
      expect.objectContaining({ name: error, message: expect.stringContaining(message) }),
    );
  });
});
