import type { MlpWork } from "../../lines/line.ts";
import { GraphBuilder } from "./model.ts";

/** The names of a layer's values; those of the new ones end in `.next`. */
export const layerValues = (i: number) => [
  `kernel${i}`,
  `bias${i}`,
  `kernelVelocity${i}`,
  `biasVelocity${i}`,
];

/** The shapes of the values of `layerValues`. */
export const layerShapes = ({ sizes }: MlpWork, i: number): number[][] => {
  const [kernel, bias] = [[sizes[i], sizes[i + 1]], [sizes[i + 1]]];
  return [kernel, bias, kernel, bias];
};

/**
 * A training step as one ONNX model: ONNX Runtime's packages for Node and for inference differentiate nothing, so the
 * backward pass is written by hand. Inputs are x, y (one-hot), weights and velocities; outputs the loss, the new weights
 * and the new velocities.
 */
export function trainingStep(work: MlpWork): Uint8Array {
  const { sizes, batch } = work;
  const g = new GraphBuilder();
  const last = sizes.length - 2;
  const layers = sizes.slice(1).map((_, i) => {
    const shapes = layerShapes(work, i);
    return layerValues(i).map((name, k) => g.input(name, shapes[k]));
  });

  // Forward. The inputs of each layer are kept: its gradient needs them.
  const inputs = [g.input("x", [batch, sizes[0]])];
  const targets = g.input("y", [batch, sizes[last + 1]]);
  layers.forEach(([kernel, bias], i) => {
    const sum = g.node("Gemm", [inputs[i], kernel, bias]);
    inputs.push(i < last ? g.node("Relu", [sum]) : sum);
  });
  const logits = inputs[last + 1];
  const known = g.node("Mul", [targets, g.node("LogSoftmax", [logits])]);
  const total = g.node("ReduceSum", [known], { keepdims: 0 });
  g.node("Mul", [total, g.scalar(-1 / batch)], {}, "loss");
  g.output("loss", []);

  // Backward: the gradient of the mean cross-entropy with respect to the logits, then from layer to layer.
  const rows = g.integers([0]);
  let slope = g.node("Mul", [g.node("Sub", [g.node("Softmax", [logits]), targets]), g.scalar(1 / batch)]);
  for (let i = last; i >= 0; i--) {
    const kernelSlope = g.node("Gemm", [inputs[i], slope], { transA: 1 });
    const biasSlope = g.node("ReduceSum", [slope, rows], { keepdims: 0 });
    if (i > 0) {
      const outside = g.node("Gemm", [slope, layers[i][0]], { transB: 1 });
      const positive = g.node("Greater", [inputs[i], g.scalar(0)]);
      slope = g.node("Where", [positive, outside, g.scalar(0)]);
    }
    update(g, work, i, [kernelSlope, biasSlope]);
  }
  return g.build();
}

/** velocity = momentum * velocity + gradient, weight = weight - learningRate * velocity. */
function update(g: GraphBuilder, work: MlpWork, layer: number, gradients: readonly string[]): void {
  const shapes = layerShapes(work, layer);
  const names = layerValues(layer);
  const [rate, momentum] = [g.scalar(work.learningRate), g.scalar(work.momentum)];
  gradients.forEach((gradient, k) => {
    const [weight, velocity] = [names[k], names[k + 2]];
    const kept = g.node("Mul", [velocity, momentum]);
    const next = g.node("Add", [kept, gradient], {}, `${velocity}.next`);
    g.node("Sub", [weight, g.node("Mul", [next, rate])], {}, `${weight}.next`);
    for (const name of [velocity, weight]) g.output(`${name}.next`, shapes[k]);
  });
}

/** The product of two square matrices, a and b, as the output c. */
export function matrixProduct(size: number, type: "float32" | "float64"): Uint8Array {
  const g = new GraphBuilder();
  const shape = [size, size];
  g.node("MatMul", [g.input("a", shape, type), g.input("b", shape, type)], {}, "c");
  g.output("c", shape, type);
  return g.build();
}
