import {
  arange,
  conv2d,
  convTranspose,
  depthwiseConv,
  gradients,
  ones,
  random,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from "@cotangent/core";
import {
  AveragePool2D,
  Conv1D,
  Conv2D,
  Conv3D,
  ConvTranspose2D,
  conv1D,
  conv2D,
  conv3D,
  convTranspose2D,
  DepthwiseConv2D,
  dense,
  depthwiseConv2D,
  deserializeState,
  Embedding,
  embedding,
  flatten,
  GlobalAveragePool,
  GlobalMaxPool,
  globalAveragePool,
  initializers,
  MaxPool2D,
  maxPool1D,
  maxPool2D,
  maxPool3D,
  sequential,
  serializeState,
} from "@cotangent/nn";
import { describe, expect, it } from "vitest";
import { expectClose, values } from "./helpers.ts";

/** The same elements, within a tolerance. */
const same = (actual: Tensor, wanted: Tensor | readonly number[], tolerance: number): void =>
  expectClose(values(actual), "dataSync" in wanted ? values(wanted) : wanted, tolerance);

const image = random.normal([2, 5, 6, 4], { seed: 3 });

describe("convolution layers", () => {
  it("apply the operation, the bias and the activation", () => {
    const layer = new Conv2D(4, 6, [3, 2], {
      padding: "same",
      strides: 2,
      groups: 2,
      activation: "relu",
      seed: 1,
    });
    const bias = arange(6).cast("float32");
    layer.bias?.assign(bias);
    expect(layer.kernel.shape).toEqual([3, 2, 2, 6]);
    const wanted = conv2d(image, layer.kernel, { padding: "same", strides: 2, groups: 2 }).add(bias).relu();
    same(layer.forward(image), wanted, 1e-6);
    expect(new Conv1D(2, 3, 4, { useBias: false }).variables()).toHaveLength(1);
    expect(new Conv1D(2, 3, 4).forward(ones([7, 2])).shape).toEqual([4, 3]);
    expect(new Conv3D(1, 2, 2, { dilation: 2 }).forward(ones([1, 4, 3, 5, 1])).shape).toEqual([
      1, 2, 1, 3, 2,
    ]);
  });

  it("compute the same with channels first", () => {
    const options = { padding: 1, seed: 5, biasInitializer: "ones" } as const;
    const last = new Conv2D(4, 3, 3, options);
    const first = new Conv2D(4, 3, 3, { ...options, dataFormat: "channelsFirst" });
    expect(first.kernel.shape).toEqual([3, 4, 3, 3]);
    const moved: Tensor = first.forward(transpose(image, [0, 3, 1, 2]));
    same(transpose(moved, [0, 2, 3, 1]), last.forward(image), 1e-5);
  });

  it("lead from small to large when they are transposed", () => {
    const layer = new ConvTranspose2D(4, 3, 3, { strides: 2, padding: "same", seed: 2 });
    expect(layer.kernel.shape).toEqual([3, 3, 3, 4]);
    expect(layer.forward(image).shape).toEqual([2, 10, 12, 3]);
    const wanted = convTranspose(image, layer.kernel, { strides: 2, padding: "same" });
    same(layer.forward(image), wanted, 1e-6);
    const padded = new ConvTranspose2D(4, 3, 3, { strides: 2, padding: 1, outputPadding: 1 });
    expect(padded.forward(image).shape).toEqual([2, 10, 12, 3]);
  });

  it("keep channels apart when they are depthwise", () => {
    const layer = new DepthwiseConv2D(4, 3, { multiplier: 2, seed: 2 });
    expect(layer.kernel.shape).toEqual([3, 3, 1, 8]);
    const wanted = depthwiseConv(image, layer.kernel.reshape([3, 3, 4, 2]));
    same(layer.forward(image), wanted, 1e-6);
  });

  it("draw kernels with the variance of their fans", () => {
    const variance = (layer: { kernel: Tensor }) => layer.kernel.variance().item();
    const he = { kernelInitializer: "heNormal", seed: 4 } as const;
    const close = (actual: number, wanted: number) =>
      expect(Math.abs(actual / wanted - 1)).toBeLessThan(0.15);
    close(variance(new Conv2D(16, 32, 3, he)), 2 / (9 * 16));
    close(variance(new Conv2D(16, 32, 3, { ...he, dataFormat: "channelsFirst" })), 2 / (9 * 16));
    close(variance(new Conv2D(16, 32, 3, { ...he, groups: 4 })), 2 / (9 * 4));
    close(variance(new DepthwiseConv2D(64, 3, { ...he, multiplier: 8 })), 2 / 9);
    close(variance(new ConvTranspose2D(16, 64, 3, he)), 2 / (9 * 16));
    close(variance(new Conv1D(32, 32, 5, { seed: 1 })), 2 / (5 * 32 + 5 * 32));
    close(new Embedding(500, 16, { seed: 1 }).table.variance().item(), 1 / 16);
  });

  it("are trained", () => {
    const layer = new Conv2D(4, 2, 3, { seed: 1 });
    const [kernel, bias] = gradients(layer.forward(image).sum(), [
      layer.kernel,
      layer.bias as never,
    ]) as Tensor[];
    expect(kernel.shape).toEqual([3, 3, 4, 2]);
    same(bias, [2 * 3 * 4, 2 * 3 * 4], 0);
  });

  it("say what is wrong", () => {
    expect(() => new Conv2D(4, 6, [3])).toThrow(/Conv2D: kernelSize is \[3\].*one for each \(2 here\)/);
    expect(() => new Conv2D(4, 6, 3, { groups: 3 })).toThrow(
      /4 channels and 6 filters do not fall into 3 groups/,
    );
    expect(() => new Conv2D(4, 6, 3, { stride: 2 } as object)).toThrow(/unknown option stride/);
    expect(() => new Conv2D(4, 6, 3, { dtype: "int32" })).toThrow(/cannot be trained/);
    expect(() => new DepthwiseConv2D(4, 3, { groups: 2 } as object)).toThrow(/unknown option groups/);
    expect(() => new Conv2D(3, 6, 3).forward(image)).toThrow(
      /layer conv2D of kernel \[3, 3, 3, 6\] takes \[\.\.\., height, width, 3\], but its input has shape \[2, 5, 6, 4\]/,
    );
    expect(() => new Conv2D(5, 6, 3).forward(ones([2, 5, 6, 4]))).toThrow(
      /Did you mean dataFormat: "channelsFirst"/,
    );
    expect(() => new Conv2D(4, 6, 3).forward(zeros([4]))).toThrow(/but its input has shape \[4\]/);
    expect(() => sequential({ inputShape: [28, 28] }, [conv2D(3, 3)])).toThrow(
      /inputShape such as \[28, 28, 1\]/,
    );
    expect(() => new MaxPool2D([2])).toThrow(/MaxPool2D: window is \[2\]/);
    expect(() => new GlobalMaxPool().forward(ones([2, 3]))).toThrow(/\[batch, spatial axes, channels\]/);
    expect(() => new Embedding(3, 2).forward(ones([2]))).toThrow(/Embedding: the input has dtype float32/);
  });
});

describe("pooling layers", () => {
  it("reduce windows and whole images", () => {
    const x = arange(16).cast("float32").reshape([1, 4, 4, 1]);
    expect(new MaxPool2D(2).forward(x).reshape([4]).arraySync()).toEqual([5, 7, 13, 15]);
    expect(values(new AveragePool2D(2, { strides: 1 }).forward(x))[4]).toBe(7.5);
    const padded = new AveragePool2D(2, { padding: 1, countIncludePad: true });
    expect(
      padded
        .forward(ones([1, 2, 2, 1]))
        .reshape([4])
        .arraySync(),
    ).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(new GlobalAveragePool().forward(x).arraySync()).toEqual([[7.5]]);
    expect(new GlobalMaxPool({ keepDims: true, dataFormat: "channelsFirst" }).forward(x).shape).toEqual([
      1, 4, 1, 1,
    ]);
  });
});

describe("Embedding", () => {
  it("looks rows up, and gives its gradient to those", () => {
    const layer = new Embedding(4, 2, { tableInitializer: initializers.zeros });
    layer.table.assign(arange(8).cast("float32").reshape([4, 2]));
    const words = tensor([[3, 0, 3]], { dtype: "int32" });
    const found = layer.forward(words);
    expect(found.arraySync()).toEqual([
      [
        [6, 7],
        [0, 1],
        [6, 7],
      ],
    ]);
    const [grad] = gradients(found.sum(), [layer.table]);
    expect(values(grad)).toEqual([1, 1, 0, 0, 0, 0, 2, 2]);
    expect(() => layer.forward(tensor([4], { dtype: "int32" })).dataSync()).toThrow(/index 4/);
  });
});

describe("models of them", () => {
  it("are made by sequential, summed up, saved and restored", () => {
    const make = (seed: number) =>
      sequential({ inputShape: [8, 8, 3], seed }, [
        conv2D(4, 3, { padding: "same", activation: "relu" }),
        maxPool2D(2),
        depthwiseConv2D(3, { padding: "same" }),
        convTranspose2D(2, 2, { strides: 2 }),
        globalAveragePool(),
        dense(5),
      ]);
    const model = make(1);
    const x = random.normal([2, 8, 8, 3], { seed: 1 });
    expect(model.forward(x).shape).toEqual([2, 5]);
    const lines = model.summary().split("\n");
    expect(lines.find((line) => line.includes("(Conv2D)"))).toMatch(/\[batch, 8, 8, 4\] +112 +yes/);
    expect(lines.find((line) => line.includes("(MaxPool2D)"))).toMatch(/\[batch, 4, 4, 4\] +0/);
    expect(lines.find((line) => line.includes("(ConvTranspose2D)"))).toMatch(/\[batch, 8, 8, 2\] +34/);
    const other = make(2);
    other.setState(deserializeState(serializeState(model.getState())));
    same(other.forward(x), model.forward(x), 0);
    same(make(1).forward(x), model.forward(x), 0);
  });

  it("read sequences and volumes", () => {
    const words = sequential({ inputShape: [9], seed: 1 }, [
      embedding(10, 6),
      conv1D(4, 3),
      maxPool1D(2),
      flatten(),
    ]);
    expect(words.forward(zeros([2, 9], { dtype: "int32" })).shape).toEqual([2, 12]);
    expect(words.summary()).toMatch(/\[batch, 9, 6\]/);
    const volumes = sequential({ inputShape: [4, 4, 4, 1] }, [conv3D(2, 2), maxPool3D(3)]);
    expect(volumes.forward(zeros([1, 4, 4, 4, 1])).shape).toEqual([1, 1, 1, 1, 2]);
  });
});
