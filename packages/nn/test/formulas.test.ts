import { derivative, gradients, printGraph, symbol, variable, zeros } from "@cotangent/core";
import { expect, test } from "vitest";
import { Dense, losses, Sequential } from "../src/index.ts";

const x = symbol("x", { shape: [4, 2] });
const t = symbol("t", { shape: [4, 1] });
const model = new Sequential([new Dense(2, 3, { activation: "tanh" }), new Dense(3, 1)]);
const loss = losses.meanSquaredError(model.forward(x), t);

test("a network prints itself and its backward pass", () => {
  expect(printGraph([loss, ...gradients(loss, model.variables())])).toMatchInlineSnapshot(`
    "%0 = symbol x : float32[4, 2]
    %1 = symbol t : float32[4, 1]
    %2 = read dense.kernel : float32[2, 3]
    %3 = dot(%0, %2) {contract: [[1], [0]], batch: [[], []]} : float32[4, 3]
    %4 = read dense.bias : float32[3]
    %5 = broadcast(%4) : float32[4, 3]
    %6 = add(%3, %5) : float32[4, 3]
    %7 = tanh(%6) : float32[4, 3]
    %8 = read dense.kernel : float32[3, 1]
    %9 = dot(%7, %8) {contract: [[1], [0]], batch: [[], []]} : float32[4, 1]
    %10 = read dense.bias : float32[1]
    %11 = broadcast(%10) : float32[4, 1]
    %12 = add(%9, %11) : float32[4, 1]
    %13 = sub(%12, %1) : float32[4, 1]
    %14 = mul(%13, %13) : float32[4, 1]
    %15 = reduceSum(%14) {axes: [-2, -1]} : float32[]
    %16 = constant 4 : float32[]
    %17 = div(%15, %16) : float32[]
    %18 = constant 1 : float32[]
    %19 = div(%18, %16) : float32[]
    %20 = reshape(%19) : float32[1, 1]
    %21 = broadcast(%20) : float32[4, 1]
    %22 = mul(%21, %13) : float32[4, 1]
    %23 = mul(%13, %21) : float32[4, 1]
    %24 = add(%22, %23) : float32[4, 1]
    %25 = reduceSum(%24) {axes: [-2]} : float32[1]
    %26 = dot(%24, %8) {contract: [[1], [1]], batch: [[], []]} : float32[4, 3]
    %27 = dot(%7, %24) {contract: [[0], [0]], batch: [[], []]} : float32[3, 1]
    %28 = mul(%7, %7) : float32[4, 3]
    %29 = constant 1 : float32[4, 3]
    %30 = sub(%29, %28) : float32[4, 3]
    %31 = mul(%26, %30) : float32[4, 3]
    %32 = reduceSum(%31) {axes: [-2]} : float32[3]
    %33 = dot(%0, %31) {contract: [[0], [0]], batch: [[], []]} : float32[2, 3]
    return %17, %33, %32, %27, %25"
  `);
});

test("a loss is a formula, and so is its gradient", () => {
  const [W, b] = ["W", "b"].map((name) => variable(zeros(name === "W" ? [2, 1] : [1]), { name }));
  const squares = losses.meanSquaredError(x.matmul(W).add(b), t);
  expect(squares.toString()).toBe("mean((x @ W + b - t)^2)");
  expect(derivative(squares, W).toString()).toBe("transpose(x) @ (x @ W + b - t) / 2");
  expect(derivative(squares, b).toString()).toBe("sum(x @ W + b - t) / 2");
  expect(derivative(squares, W).toLatex()).toBe("\\frac{x^{\\top} \\left(x W + b - t\\right)}{2}");
});
