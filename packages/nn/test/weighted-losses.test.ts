import { gradients, ones, ShapeError, StateError, type Tensor, tensor, zeros } from "@cotangent/core";
import { losses, sigmoid } from "@cotangent/nn";
import { describe, expect, it } from "vitest";
import { expectClose, values } from "./helpers.ts";

const float64 = { dtype: "float64" } as const;
const INF = Number.POSITIVE_INFINITY;

const OF_ELEMENTS = {
  binaryCrossEntropy: losses.binaryCrossEntropy,
  hinge: losses.hinge,
  huber: losses.huber,
  logCosh: losses.logCosh,
  meanAbsoluteError: losses.meanAbsoluteError,
  meanSquaredError: losses.meanSquaredError,
  poisson: losses.poisson,
  sigmoidBinaryCrossEntropy: losses.sigmoidBinaryCrossEntropy,
  squaredHinge: losses.squaredHinge,
};
const OF_ROWS = {
  categoricalCrossEntropy: losses.categoricalCrossEntropy,
  categoricalHinge: losses.categoricalHinge,
  cosineDistance: losses.cosineDistance,
  klDivergence: losses.klDivergence,
  softmaxCrossEntropy: losses.softmaxCrossEntropy,
};
type Loss = (p: Tensor, t: Tensor, options?: losses.LossOptions) => Tensor;
const LOSSES = Object.entries<Loss>({ ...OF_ELEMENTS, ...OF_ROWS });

const p = tensor([0.2, 0.5, 0.3, 0.1, 0.3, 0.6], { shape: [2, 3], ...float64 });
const t = tensor([0, 1, 0, 1, 0, 0], { shape: [2, 3], ...float64 });

describe.each(LOSSES)("%s", (name, loss) => {
  const each = name in OF_ELEMENTS ? [2, 3] : [2];
  const all = values(loss(p, t, { reduction: "none" }));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, x) => total + x, 0);

  it("is a mean, a sum, or a loss for each", () => {
    expect(loss(p, t, { reduction: "none" }).shape).toEqual(each);
    expectClose([loss(p, t).item()], [sum(all) / all.length], 1e-14);
    expect(loss(p, t, { reduction: "mean" }).item()).toBe(loss(p, t).item());
    expectClose([loss(p, t, { reduction: "sum" }).item()], [sum(all)], 1e-14);
  });

  it("with weights is divided by their sum", () => {
    const weights = [3, 0.5];
    const spread = all.map((_, i) => weights[Math.floor((i * 2) / all.length)]);
    const weighted = all.map((x, i) => x * spread[i]);
    const w = tensor(weights, float64);
    expectClose([loss(p, t, { weights: w }).item()], [sum(weighted) / sum(spread)], 1e-14);
    expectClose([loss(p, t, { weights: w, reduction: "sum" }).item()], [sum(weighted)], 1e-14);
    expectClose(values(loss(p, t, { weights: w, reduction: "none" })), weighted, 1e-14);
    expectClose([loss(p, t, { weights: ones([2]) }).item()], [loss(p, t).item()], 1e-14);
    expect(loss(p, t, { weights: [0, 0] }).item()).toBe(0);
  });

  it("leaves out examples of weight 0, with NaN in them, in value and gradient", () => {
    const spoilt = tensor([0.2, 0.5, 0.3, Number.NaN, Number.NaN, Number.NaN], { shape: [2, 3], ...float64 });
    const value = loss(spoilt, t, { weights: [1, 0] });
    const [gradient] = gradients(value, [spoilt]);
    expect(Number.isFinite(value.item())).toBe(true);
    expectClose([value.item()], [loss(p.slice(0, 1), t.slice(0, 1)).item()], 1e-14);
    expect(values(gradient).every(Number.isFinite)).toBe(true);
    expect(values(gradient).slice(3)).toEqual([0, 0, 0]);
  });

  it("of nothing is 0 as a sum, nothing for each, and refused as a mean", () => {
    const nothing = zeros([0, 3], float64);
    expect(Math.abs(loss(nothing, nothing, { reduction: "sum" }).item())).toBe(0);
    expect(values(loss(nothing, nothing, { reduction: "none" }))).toEqual([]);
    expect(() => loss(nothing, nothing)).toThrow(/no elements to take a mean of.*reduction: "sum"/);
  });

  it("never broadcasts predictions, targets or weights", () => {
    const column = ones([32, 1]);
    expect(() => loss(column, ones([32]))).toThrow(/predictions have shape \[32, 1\]|class indices/);
    expect(() => loss(ones([32]), column)).toThrow(ShapeError);
    for (const shape of [[3], [3, 2], [2, 1], [2, 3, 1], [1]]) {
      expect(() => loss(p, t, { weights: ones(shape) })).toThrow(/weights have shape/);
    }
  });

  it("refuses options that it does not know", () => {
    expect(() => loss(p, t, { reduction: "average" as never })).toThrow(
      /reduction is "average".*"mean", "sum"/,
    );
    expect(() => loss(p, t, { weight: [1, 2] } as never)).toThrow(StateError);
    expect(() => loss(p, t, 0.1 as never)).toThrow(/options are an object/);
  });
});

describe("a column against a row", () => {
  it("is refused with what to do", () => {
    const { meanSquaredError } = losses;
    expect(() => meanSquaredError(ones([32, 1]), ones([32]))).toThrow(/targets.expandDims\(-1\) fits/);
    expect(() => meanSquaredError(ones([32]), ones([32, 1]))).toThrow(/targets.squeeze\(-1\) fits/);
    expect(meanSquaredError(ones([32, 1]), ones([32]).expandDims(-1)).item()).toBe(0);
  });
});

describe("binary cross-entropy", () => {
  it("of a sigmoid is that of its logits, value and derivatives, where the sigmoid is 0 or 1", () => {
    const x = tensor([200, -200, 90, -90, 0.5]);
    const targets = tensor([0, 1, 1, 0, 1]);
    const onLogits = losses.sigmoidBinaryCrossEntropy(x, targets, { reduction: "none" });
    const onProbabilities = losses.binaryCrossEntropy(sigmoid(x), targets, { reduction: "none" });
    expectClose(values(onProbabilities), values(onLogits), 1e-6);
    expectClose(values(onLogits), [200, 200, 0, 0, Math.log1p(Math.exp(-0.5))], 1e-6);
    const [a] = gradients(onProbabilities.sum(), [x]);
    const [b] = gradients(onLogits.sum(), [x]);
    expectClose(values(a), values(b), 1e-6);
    expectClose(values(b).slice(0, 4), [1, -1, 0, 0], 1e-6);
  });

  it("has no gradient that is NaN at probabilities of 0 and 1 that are right", () => {
    const q = tensor([0, 1], float64);
    const value = losses.binaryCrossEntropy(q, tensor([0, 1], float64));
    const [first] = gradients(value, [q]);
    const [second] = gradients(first.sum(), [q]);
    expect(value.item()).toBe(0);
    expectClose(values(first), [0.5, -0.5], 1e-15);
    expectClose(values(second), [0.5, 0.5], 1e-15);
  });

  it("of infinite logits with the right sign is 0, with finite derivatives", () => {
    const x = tensor([INF, -INF], float64);
    const value = losses.sigmoidBinaryCrossEntropy(x, tensor([1, 0], float64));
    expect(value.item()).toBe(0);
    expect(values(gradients(value, [x])[0])).toEqual([0, 0]);
  });

  it("has the derivatives of a smooth function at 0", () => {
    const x = tensor([0], float64);
    const value = losses.sigmoidBinaryCrossEntropy(x, tensor([1], float64));
    const [first] = gradients(value, [x]);
    const [second] = gradients(first.sum(), [x]);
    expectClose([value.item(), ...values(first), ...values(second)], [Math.LN2, -0.5, 0.25], 1e-15);
  });
});

describe("losses at their kinks and ends", () => {
  const orders = (loss: Loss, at: number[], targets: number[]): number[][] => {
    const x = tensor(at, float64);
    const value = loss(x, tensor(targets, float64), { reduction: "none" });
    const [first] = gradients(value.sum(), [x]);
    const [second] = gradients(first.sum(), [x]);
    return [values(value), values(first), values(second)];
  };

  it.each<[string, Loss, number[], number[], number[][]]>([
    ["meanAbsoluteError", losses.meanAbsoluteError, [0, 1, -1], [0, 0, 0], [[0, 1, 1], [0, 1, -1], [0, 0, 0]]],
    ["huber", losses.huber, [0, 1, 3, -1e200], [0, 0, 0, 0], [[0, 0.5, 2.5, 1e200], [0, 1, 1, -1], [1, 1, 0, 0]]],
    ["logCosh", losses.logCosh, [0, 800, -800], [0, 0, 0],
      [[0, 800 - Math.LN2, 800 - Math.LN2], [0, 1, -1], [1, 0, 0]]],
    ["hinge", losses.hinge, [1, 0, 2, -1], [1, 1, 1, -1], [[0, 1, 0, 0], [0, -1, 0, 0], [0, 0, 0, 0]]],
    ["squaredHinge", losses.squaredHinge, [1, 0, 2], [1, 1, 1], [[0, 1, 0], [0, -2, 0], [0, 2, 0]]],
    ["poisson", losses.poisson, [0, 2], [0, 0], [[0, 2], [1, 1], [0, 0]]],
  ])("%s", (_, loss, at, targets, expected) => {
    orders(loss, at, targets).forEach((actual, i) => {
      expectClose(actual, expected[i], 1e-14);
    });
  }); // biome-ignore format: a table

  it("cosineDistance is 1 with the gradient 0 for zeros", () => {
    const x = tensor([[0, 0]], float64);
    const value = losses.cosineDistance(x, tensor([[1, 2]], float64));
    expect(value.item()).toBe(1);
    expect(values(gradients(value, [x])[0])).toEqual([0, 0]);
  });

  it("categoricalHinge counts the target's lead over the best other class", () => {
    const scores = tensor([[-5, -4, -6], [1, 3, 2]], float64);
    const each = losses.categoricalHinge(scores, new Int32Array([1, 0]), { reduction: "none" });
    expect(values(each)).toEqual([0, 3]);
    expect(losses.categoricalHinge(scores, new Int32Array([1, 3])).item()).toBeNaN();
    expect(losses.categoricalHinge(tensor([[7]]), new Int32Array([0])).item()).toBe(0);
  }); // biome-ignore format: rows

  it("label smoothing keeps hard targets finite, and is checked", () => {
    const q = tensor([[0.9, 0.1]], float64);
    const soft = losses.categoricalCrossEntropy(q, tensor([[0.95, 0.05]], float64)).item();
    expectClose([losses.categoricalCrossEntropy(q, [0], { labelSmoothing: 0.1 }).item()], [soft], 1e-15);
    expect(losses.softmaxCrossEntropy(q, [2], { labelSmoothing: 0.1 }).item()).toBeNaN();
    expect(() => losses.softmaxCrossEntropy(q, [0], { labelSmoothing: 1.5 })).toThrow(
      /labelSmoothing must be a number from 0 to 1, not 1.5/,
    );
    expect(() => losses.binaryCrossEntropy(q, q, { labelSmoothing: -1 })).toThrow(/labelSmoothing/);
  });

  it.each<[string, () => Tensor, RegExp]>([
    ["a delta of 0", () => losses.huber(p, t, { delta: 0 }), /delta must be a finite number above 0, not 0/],
    [
      "a flag that is none",
      () => losses.poisson(p, t, { logRates: 1 as never }),
      /logRates must be true or false/,
    ],
    ["no variance", () => losses.gaussianNegativeLogLikelihood(p, t, {} as never), /there is no variance/],
    [
      "variances of another shape",
      () => losses.gaussianNegativeLogLikelihood(p, t, { variance: ones([2]) }),
      /predictions have shape \[2, 3\], variances \[2\]/,
    ],
    ["scalars where rows are compared", () => losses.klDivergence(1.5, 1.5), /scalar, without an axis/],
  ])("%s is refused", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
