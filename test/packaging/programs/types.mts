import { assertGradients, type GradientReport } from "@cotangent/gradcheck";
import type { Module } from "@cotangent/nn";
import { Dense, grad, losses, Sequential, SGD, type Tensor, Trainer, tensor } from "cotangent";
import * as data from "cotangent/data";

const slope: Tensor = grad((x: Tensor) => x.mul(x).sum())(tensor([1, 2, 3]));
const model: Module = new Sequential([new Dense(3, 2)]);
const optimizer = new SGD({ learningRate: 0.01, momentum: 0.9 });
export const all = [slope, data, new Trainer(model, { optimizer, loss: losses.meanSquaredError })];

/** Neither vitest nor fast-check is installed, and nothing asks for them. */
export const verdictOf = ({ verdict }: GradientReport): "right" | "wrong" | "inconclusive" | "kink" =>
  verdict;
assertGradients((x: Tensor) => x.mul(x), [slope], { order: 2 });

// @ts-expect-error: types that are lost would let this pass
export const wrong: string = slope;
