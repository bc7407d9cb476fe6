import { derivative, gradients, printGraph, symbol, variable, zeros } from "@cotangent/core";
import { expect, test } from "vitest";
import { Dense, losses, Sequential } from "../src/index.ts";

const x = symbol("x", { shape: [4, 2] });
const t = symbol("t", { shape: [4, 1] });
const model = new Sequential([new Dense(2, 3, { activation: "tanh" }), new Dense(3, 1)]);
const loss = losses.meanSquaredError(model.forward(x), t);

test("a network prints itself and its backward pass", () => {
  expect(printGraph([loss, ...gradients(loss, model.variables())])).toMatchInlineSnapshot();
});

test("a loss is a formula, and so is its gradient", () => {
  const [W, b] = ["W", "b"].map((name) => variable(zeros(name === "W" ? [2, 1] : [1]), { name }));
  const squares = losses.meanSquaredError(x.matmul(W).add(b), t);
  expect(squares.toString()).toBe("mean((x @ W + b - t)^2)");
  expect(derivative(squares, W).toString()).toBe("transpose(x) @ (x @ W + b - t) / 2");
  expect(derivative(squares, b).toString()).toBe("sum(x @ W + b - t) / 2");
  expect(derivative(squares, W).toLatex()).toBe("\\frac{x^{\\top} \\left(x W + b - t\\right)}{2}");
});
