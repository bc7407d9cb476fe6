import { compile, ones, type Tensor, tensor, variable } from "@cotangent/core";
import {
  Adam,
  chain,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  globalNorm,
  SGD,
  type Transformation,
} from "@cotangent/optim";
import { describe, expect, it } from "vitest";
import { counting, linear, updating, values } from "./helpers.ts";

const INF = Number.POSITIVE_INFINITY;
const none = () => {
  throw new Error("no numbers of the step are needed");
};

/** What becomes of gradients. */
function clipped(clip: Transformation, ...gradients: Tensor[]): number[][] {
  const state = gradients.map(() => ({}));
  return clip.update(gradients, state, gradients, none)[0].map(values);
}

const a = tensor([3, 0], { dtype: "float64" });
const b = tensor([[0, 4]], { dtype: "float64" });

describe("clipByValue", () => {
  it("limits each element, infinities too; NaN stays", () => {
    expect(clipped(clipByValue(2), tensor([-3, -2, 1, 5, INF, Number.NaN]))).toEqual([
      [-2, -2, 1, 2, 2, Number.NaN],
    ]);
  });
});

describe("clipByNorm", () => {
  it("scales each gradient by itself, and only those that are too long", () => {
    expect(clipped(clipByNorm(3.5), a, b)).toEqual([
      [3, 0],
      [0, 3.5],
    ]);
  });
});

describe("clipByGlobalNorm", () => {
  it("scales all by one factor", () => {
    expect(clipped(clipByGlobalNorm(2.5), a, b)).toEqual([
      [1.5, 0],
      [0, 2],
    ]);
  });

  it("leaves gradients within the norm exactly as they are, and zeros zeros", () => {
    const third = tensor([1 / 3, 0.1]);
    for (const limit of [globalNorm([third]).item(), 1, 1e30]) {
      expect(clipped(clipByGlobalNorm(limit), third)).toEqual([values(third)]);
    }
    expect(clipped(clipByGlobalNorm(1), tensor([0, 0]))).toEqual([[0, 0]]);
    expect(clipped(clipByGlobalNorm(0), tensor([0, 2]))).toEqual([[0, 0]]);
    expect(clipped(clipByNorm(0), tensor([0, 0]))).toEqual([[0, 0]]);
  });

  it("makes all updates NaN for one NaN, however small the others are", () => {
    const nan = tensor([Number.NaN, 1], { dtype: "float64" });
    expect(clipped(clipByGlobalNorm(100), a, nan)).toEqual([
      [Number.NaN, Number.NaN],
      [Number.NaN, Number.NaN],
    ]);
    expect(clipped(clipByNorm(100), a, nan)).toEqual([
      [3, 0],
      [Number.NaN, Number.NaN],
    ]);
  });

  it("makes an infinity NaN and everything else 0", () => {
    const infinite = tensor([-INF, 1], { dtype: "float64" });
    expect(clipped(clipByGlobalNorm(1), a, infinite)).toEqual([
      [0, 0],
      [Number.NaN, 0],
    ]);
  });

  it("takes gradients whose squares overflow or vanish in float32", () => {
    const [[x, y]] = clipped(clipByGlobalNorm(5), tensor([3e30, 4e30]));
    expect(x).toBeCloseTo(3, 5);
    expect(y).toBeCloseTo(4, 5);
    expect(globalNorm([tensor([3e-30, 4e-30])]).item() / 5e-30).toBeCloseTo(1, 6);
  });

  it("keeps the dtype of each gradient where they differ", () => {
    const mixed = [tensor([30], { dtype: "float32" }), tensor([40], { dtype: "float64" })];
    const state = [{}, {}];
    const [updates] = clipByGlobalNorm(5).update(mixed, state, mixed, none);
    expect(updates.map(({ dtype }) => dtype)).toEqual(["float32", "float64"]);
    expect(updates.map(values)).toEqual([[3], [4]]);
  });
});

describe("clipping in an optimiser", () => {
  it("comes before decay and momentum", () => {
    const { w, loss } = linear([1], [100]);
    const options = { learningRate: 0.5, weightDecay: 1, gradientTransform: clipByValue(2) };
    new SGD(options).minimize(loss(), [w]);
    expect(values(w)).toEqual([-0.5]);
  });

  it("is one plan for all steps, whether something is clipped or not", () => {
    counting(({ programs }) => {
      const w = variable(ones([3]));
      const optimizer = new Adam({
        learningRate: 0.1,
        gradientTransform: chain(clipByValue(10), clipByGlobalNorm(1)),
      });
      const step = compile((scale: number) => {
        optimizer.minimize(w.mul(scale).square().sum(), [w]);
      });
      for (let i = 0; i < 20; i++) step(i);
      expect(updating(programs)).toHaveLength(1);
    });
  });
});

it.each<[string, () => unknown, RegExp]>([
  ["a negative limit", () => clipByValue(-1), /clipByValue: limit must be a finite number of at least 0/],
  ["an infinite norm", () => clipByGlobalNorm(INF), /clipByGlobalNorm: maxNorm must be a finite number/],
  ["a norm that is none", () => clipByNorm("1" as never), /clipByNorm: maxNorm must be/],
  [
    "what is no transformation",
    () => new SGD({ learningRate: 1, gradientTransform: 1 as never }),
    /gradientTransform is number 1. Pass a transformation such as clipByGlobalNorm/,
  ],
])("%s is refused", (_, call, message) => {
  expect(call).toThrow(message);
});
