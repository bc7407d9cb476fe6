import {
  compile,
  DTypeError,
  gradients,
  oneHot,
  ones,
  random,
  ShapeError,
  softmax,
  type Tensor,
  type TensorLike,
  tensor,
  vmap,
  zeros,
} from "@cotangent/core";
import { losses } from "@cotangent/nn";
import { describe, expect, it } from "vitest";
import { expectClose, values } from "./helpers.ts";
import oracle from "./oracle/losses.json" with { type: "json" };

const FUNCTIONS: Record<string, (x: Tensor, targets: Tensor) => Tensor> = {
  softmaxCrossEntropy: losses.softmaxCrossEntropy,
  categoricalCrossEntropy: losses.categoricalCrossEntropy,
  "categoricalCrossEntropy of softmax": (x, targets) => losses.categoricalCrossEntropy(softmax(x), targets),
  meanSquaredError: losses.meanSquaredError,
};

const float64 = { dtype: "float64" } as const;

describe.each(oracle.cases.map((entry, i) => ({ ...entry, case: i })))(
  "case $case",
  ({ "loss of": name, predictions, targets, loss, gradient, hessianTimesDirection }) => {
    const t =
      typeof targets[0] === "number"
        ? tensor(targets as number[], { dtype: "int32" })
        : tensor(targets, float64);

    it(`${name} has PyTorch's value, gradient and second derivative in float64`, () => {
      const x = tensor(predictions, float64);
      const value = FUNCTIONS[name](x, t);
      const [first] = gradients(value, [x]);
      const [second] = gradients(first.mul(tensor(oracle.direction, float64)).sum(), [x]);
      expectClose([value.item()], [loss], 1e-12);
      expectClose(values(first), gradient.flat(), 1e-12);
      expectClose(values(second), hessianTimesDirection.flat(), 1e-12);
    });

    it(`${name} has them in float32, to its rounding`, () => {
      const x = tensor(predictions);
      const value = FUNCTIONS[name](x, t);
      const [first] = gradients(value, [x]);
      const [second] = gradients(first.mul(tensor(oracle.direction)).sum(), [x]);
      expect(value.dtype).toBe("float32");
      expectClose([value.item()], [loss], 1e-6);
      expectClose(values(first), gradient.flat(), 2e-6);
      expectClose(values(second), hessianTimesDirection.flat(), 1e-5);
    });
  },
);

describe("a loss", () => {
  it("is a mean over all elements or examples, whatever the leading axes", () => {
    const p = random.uniform([2, 3, 4], { seed: 1 });
    const t = random.uniform([2, 3, 4], { seed: 2 });
    const mse = values(p).reduce((sum, x, i) => sum + (x - values(t)[i]) ** 2, 0) / 24;
    expect(losses.meanSquaredError(p, t).item()).toBeCloseTo(mse, 6);
    const indices = tensor(new Int32Array([0, 1, 2, 3, 0, 1]));
    const flat = losses.softmaxCrossEntropy(p.reshape([6, 4]), indices).item();
    expect(losses.softmaxCrossEntropy(p, indices.reshape([2, 3])).item()).toBe(flat);
    expect(losses.softmaxCrossEntropy(p, oneHot(indices.reshape([2, 3]), 4)).item()).toBeCloseTo(flat, 6);
  });

  it("of one example without a batch axis is that example's, so that vmap gives a loss for each", () => {
    const logits = random.normal([5, 3], { seed: 1 });
    const labels = tensor(new Int32Array([0, 1, 2, 1, 0]));
    const each = vmap((x: Tensor, t: Tensor) => losses.softmaxCrossEntropy(x, t))(logits, labels);
    expect(each.shape).toEqual([5]);
    expect(each.mean().item()).toBeCloseTo(losses.softmaxCrossEntropy(logits, labels).item(), 6);
  });

  it("is the same compiled", () => {
    const logits = random.normal([5, 3], { seed: 1 });
    const labels = tensor(new Int32Array([0, 1, 2, 1, 0]));
    for (const loss of [losses.softmaxCrossEntropy, losses.categoricalCrossEntropy]) {
      const p = loss === losses.softmaxCrossEntropy ? logits : softmax(logits);
      p.dataSync();
      expect(compile((x: Tensor, t: Tensor) => loss(x, t))(p, labels).item()).toBeCloseTo(
        loss(p, labels).item(),
        6,
      );
    }
  });
});

describe("class targets", () => {
  const logits = tensor([
    [1, 2, 3],
    [3, 2, 1],
  ]);
  const expected = losses.softmaxCrossEntropy(logits, tensor(new Int32Array([2, 1]))).item();

  it.each<[string, TensorLike]>([
    ["uint32 indices", tensor(new Uint32Array([2, 1]))],
    ["a typed array of indices", new Int32Array([2, 1])],
    ["a plain array of indices", [2, 1]],
    [
      "one-hot rows of int32",
      tensor(
        [
          [0, 0, 1],
          [0, 1, 0],
        ],
        { dtype: "int32" },
      ),
    ],
    [
      "one-hot rows of bool",
      tensor([
        [false, false, true],
        [false, true, false],
      ]),
    ],
    [
      "one-hot rows of float64",
      tensor(
        [
          [0, 0, 1],
          [0, 1, 0],
        ],
        { dtype: "float64" },
      ),
    ],
    [
      "one-hot rows in plain arrays",
      [
        [0, 0, 1],
        [0, 1, 0],
      ],
    ],
  ])("may be %s", (_, targets) => {
    const loss = losses.softmaxCrossEntropy(logits, targets);
    expect(loss.dtype).toBe("float32");
    expect(loss.item()).toBeCloseTo(expected, 6);
    expect(losses.categoricalCrossEntropy(softmax(logits), targets).item()).toBeCloseTo(expected, 6);
  });

  it.each([-1, 3])("with the index %i, which is no class, make the loss NaN, not small", (index) => {
    expect(losses.softmaxCrossEntropy(logits, new Int32Array([0, index])).item()).toBeNaN();
    expect(losses.categoricalCrossEntropy(softmax(logits), new Int32Array([0, index])).item()).toBeNaN();
  });

  it("can be as many as there are examples: [3, 3] with [3] are indices", () => {
    const square = zeros([3, 3]);
    expect(losses.softmaxCrossEntropy(square, new Int32Array([0, 1, 2])).item()).toBeCloseTo(Math.log(3), 6);
  });

  it("that are probabilities can be differentiated by", () => {
    const p = tensor([[0.25, 0.75, 0.5]], float64);
    const t = tensor([[0.5, 0.5, 0]], float64);
    const [dt] = gradients(losses.categoricalCrossEntropy(p, t), [t]);
    expectClose(values(dt), [-Math.log(0.25), -Math.log(0.75), -Math.log(0.5)], 1e-15);
  });

  const both = [losses.softmaxCrossEntropy, losses.categoricalCrossEntropy];
  it.each<[string, TensorLike, TensorLike, new (message: string) => Error, RegExp]>([
    [
      "float indices",
      ones([32, 10]),
      ones([32]),
      DTypeError,
      /targets of shape \[32\] are class indices, but their dtype is float32. Cast them with targets.cast\("int32"\)/,
    ],
    ["bool indices", ones([32, 10]), ones([32], { dtype: "bool" }), DTypeError, /their dtype is bool/],
    [
      "indices in a column",
      ones([32, 10]),
      ones([32, 1], { dtype: "int32" }),
      ShapeError,
      /predictions have shape \[32, 10\], targets \[32, 1\]. For class indices remove the last axis: targets.squeeze\(-1\)/,
    ],
    [
      "another number of classes",
      ones([32, 10]),
      ones([32, 8]),
      ShapeError,
      /Predictions have 10 classes, one-hot targets 8/,
    ],
    [
      "another batch",
      ones([32, 10]),
      ones([16], { dtype: "int32" }),
      ShapeError,
      /Give one-hot rows \[32, 10\] or integer class indices \[32\]/,
    ],
    [
      "another batch of rows",
      ones([32, 10]),
      ones([16, 10]),
      ShapeError,
      /targets \[16, 10\]. Give one-hot rows/,
    ],
    ["one index for all", ones([32, 10]), 3, ShapeError, /targets \[\]/],
    ["scalar predictions", 0.5, 1, ShapeError, /predictions are a scalar, without an axis of classes/],
    [
      "integer predictions",
      ones([2, 3], { dtype: "int32" }),
      ones([2, 3]),
      DTypeError,
      /predictions have dtype int32. Losses take \(predictions, targets\)/,
    ],
    [
      "an empty batch",
      zeros([0, 10]),
      zeros([0, 10]),
      ShapeError,
      /predictions of shape \[0, 10\] have no elements to take a mean of. Leave out empty batches/,
    ],
    ["no classes", zeros([4, 0]), zeros([4, 0]), ShapeError, /no elements/],
  ])("refuse %s", (_, predictions, targets, kind, message) => {
    for (const loss of both) {
      expect(() => loss(predictions, targets)).toThrow(kind);
      expect(() => loss(predictions, targets)).toThrow(message);
    }
  });
});

describe("meanSquaredError", () => {
  it("takes targets of other dtypes and plain arrays in the predictions' dtype", () => {
    expect(losses.meanSquaredError(tensor([1, 2]), [0, 4]).item()).toBe(2.5);
    const loss = losses.meanSquaredError(tensor([1, 2]), tensor([0, 4], float64));
    expect([loss.dtype, loss.item()]).toEqual(["float32", 2.5]);
    expect(losses.meanSquaredError(tensor(3), 1).item()).toBe(4);
  });

  it.each<[Tensor, Tensor, new (message: string) => Error, RegExp]>([
    [
      ones([32, 1]),
      ones([32]),
      ShapeError,
      /meanSquaredError: predictions have shape \[32, 1\], targets \[32\]. Both must have one shape; nothing is broadcast/,
    ],
    [
      ones([32, 10]),
      ones([32], { dtype: "int32" }),
      ShapeError,
      /Class indices become rows with oneHot\(targets, 10\)/,
    ],
    [ones([2], { dtype: "int32" }), ones([2]), DTypeError, /predictions have dtype int32/],
    [zeros([0]), zeros([0]), ShapeError, /no elements/],
  ])("refuses %o and %o", (predictions, targets, kind, message) => {
    expect(() => losses.meanSquaredError(predictions, targets)).toThrow(kind);
    expect(() => losses.meanSquaredError(predictions, targets)).toThrow(message);
  });
});

describe("cross-entropy at the edges", () => {
  it("is infinite, with an infinite gradient, where the target's probability is exactly 0", () => {
    const p = tensor([[0, 1]], float64);
    for (const targets of [tensor([[1, 0]], float64), new Int32Array([0])]) {
      const loss = losses.categoricalCrossEntropy(p, targets);
      expect(loss.item()).toBe(Number.POSITIVE_INFINITY);
      expect(values(gradients(loss, [p])[0])[0]).toBe(Number.NEGATIVE_INFINITY);
    }
  });

  it("is 0 with finite derivatives where other probabilities are exactly 0", () => {
    const p = tensor([[0, 1, 0]], float64);
    for (const targets of [tensor([[0, 1, 0]], float64), new Int32Array([1])]) {
      const loss = losses.categoricalCrossEntropy(p, targets);
      const [first] = gradients(loss, [p]);
      const [second] = gradients(first.sum(), [p]);
      expect(Math.abs(loss.item())).toBe(0);
      expectClose(values(first), [0, -1, 0], 0);
      expectClose(values(second), [0, 1, 0], 0);
    }
  });

  it("is finite where logits are -infinity for classes that are no targets", () => {
    const x = tensor([[0, Number.NEGATIVE_INFINITY, 0]], float64);
    for (const targets of [tensor([[1, 0, 0]], float64), new Int32Array([0])]) {
      const loss = losses.softmaxCrossEntropy(x, targets);
      expect(loss.item()).toBeCloseTo(Math.LN2, 12);
      expectClose(values(gradients(loss, [x])[0]), [-0.5, 0, 0.5], 1e-15);
    }
  });

  it("keeps the gradient of a softmax that underflows: the target has probability 0 in float32", () => {
    const x = tensor([[200, 0]]);
    const loss = losses.categoricalCrossEntropy(softmax(x), new Int32Array([1]));
    expect(loss.item()).toBe(200);
    expect(values(gradients(loss, [x])[0])).toEqual([1, -1]);
  });
});
