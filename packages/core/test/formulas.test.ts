import { describe, expect, test } from "vitest";
import { derivative, evaluate, gradients, symbol, type Tensor } from "../src/index.ts";

const x = symbol("x", { dtype: "float64" });
const y = symbol("y", { dtype: "float64" });

/** A function, how often it is differentiated by x, and what a textbook prints. */
// biome-ignore format: a table
const DERIVATIVES: readonly (readonly [Tensor, number, string])[] = [
  [x, 1, "1"],
  [x.mul(3), 1, "3"],
  [x.pow(2), 1, "2 * x"],
  [x.mul(x).mul(x), 1, "3 * x^2"],
  [x.pow(7), 1, "7 * x^6"],
  [x.pow(3).add(x.pow(2).mul(2)).add(x).add(5), 1, "3 * x^2 + 4 * x + 1"],
  [x.pow(2).sub(x.mul(4)).add(1), 1, "2 * x - 4"],
  [x.mul(5).sub(x.pow(3).mul(2)), 1, "5 - 6 * x^2"],
  [x.pow(4).div(4), 1, "x^3"],
  [x.add(1).pow(4), 1, "4 * (x + 1)^3"],
  [x.mul(2).add(1).pow(3), 1, "6 * (2 * x + 1)^2"],
  [x.sub(1).mul(x.add(1)), 1, "2 * x"],
  [x.pow(2).add(1).pow(2), 1, "4 * x * (x^2 + 1)"],
  [x.pow(2.7), 1, "2.7 * x^1.7"],
  [x.pow(-3), 1, "-3 / x^4"],
  [x.mul(0.5).square(), 1, "0.5 * x"],
  [x.reciprocal(), 1, "-1 / x^2"],
  [x.sqrt(), 1, "1 / (2 * sqrt(x))"],
  [x.cbrt(), 1, "1 / (3 * cbrt(x)^2)"],
  [x.mul(x.sqrt()), 1, "3 * sqrt(x) / 2"],
  [x.pow(2).add(1).sqrt(), 1, "x / sqrt(x^2 + 1)"],
  [x.sub(x.pow(2)).sqrt(), 1, "(0.5 - x) / sqrt(x - x^2)"],
  [x.sin(), 1, "cos(x)"],
  [x.cos(), 1, "-sin(x)"],
  [x.tan(), 1, "1 + tan(x)^2"],
  [x.asin(), 1, "1 / sqrt(1 - x^2)"],
  [x.acos(), 1, "-1 / sqrt(1 - x^2)"],
  [x.atan(), 1, "1 / (x^2 + 1)"],
  [x.sinh(), 1, "cosh(x)"],
  [x.cosh(), 1, "sinh(x)"],
  [x.tanh(), 1, "1 - tanh(x)^2"],
  [x.asinh(), 1, "1 / sqrt(x^2 + 1)"],
  [x.acosh(), 1, "1 / sqrt(x^2 - 1)"],
  [x.atanh(), 1, "1 / (1 - x^2)"],
  [x.exp(), 1, "exp(x)"],
  [x.log(), 1, "1 / x"],
  [x.log2(), 1, "1 / (log(2) * x)"],
  [x.exp2(), 1, "log(2) * 2^x"],
  [x.log1p(), 1, "1 / (x + 1)"],
  [x.expm1(), 1, "exp(x)"],
  [x.erf(), 1, "2 * exp(-x^2) / sqrt(pi)"],
  [x.sigmoid(), 1, "sigmoid(x) * sigmoid(-x)"],
  [x.abs(), 1, "sign(x)"],
  [x.sin().mul(x), 1, "sin(x) + x * cos(x)"],
  [x.mul(x.exp()), 1, "(x + 1) * exp(x)"],
  [x.pow(2).mul(x.exp()), 1, "(x^2 + 2 * x) * exp(x)"],
  [x.exp().mul(x.sin()), 1, "exp(x) * (sin(x) + cos(x))"],
  [x.mul(x.log()), 1, "log(x) + 1"],
  [x.pow(2).mul(x.log()), 1, "x + 2 * x * log(x)"],
  [x.sin().mul(x.cos()), 1, "cos(x)^2 - sin(x)^2"],
  [x.sin().square(), 1, "2 * sin(x) * cos(x)"],
  [x.cos().pow(3), 1, "-3 * sin(x) * cos(x)^2"],
  [x.sin().div(x), 1, "(x * cos(x) - sin(x)) / x^2"],
  [x.log().div(x), 1, "(1 - log(x)) / x^2"],
  [x.exp().div(x), 1, "(x - 1) * exp(x) / x^2"],
  [x.div(x.add(1)), 1, "1 / (x + 1)^2"],
  [x.pow(2).add(1).div(x.add(1)), 1, "(x^2 + 2 * x - 1) / (x + 1)^2"],
  [x.pow(2).sub(1).div(x.pow(2).add(1)), 1, "4 * x / (x^2 + 1)^2"],
  [x.sin().div(x.cos()), 1, "1 + tan(x)^2"],
  [x.neg().exp().add(1).reciprocal(), 1, "exp(-x) / (exp(-x) + 1)^2"],
  [x.mul(y).div(x.add(y)), 1, "y^2 / (x + y)^2"],
  [y.div(x), 1, "-y / x^2"],
  [y.sub(x).reciprocal(), 1, "1 / (y - x)^2"],
  [x.mul(3).cos(), 1, "-3 * sin(3 * x)"],
  [x.mul(-2).sin(), 1, "-2 * cos(2 * x)"],
  [x.pow(2).sin(), 1, "2 * x * cos(x^2)"],
  [x.pow(2).neg().exp(), 1, "-2 * x * exp(-x^2)"],
  [x.sin().exp(), 1, "exp(sin(x)) * cos(x)"],
  [x.exp().exp(), 1, "exp(x + exp(x))"],
  [x.log().log(), 1, "1 / (x * log(x))"],
  [x.cos().log(), 1, "-tan(x)"],
  [x.exp().add(1).log(), 1, "exp(x) / (exp(x) + 1)"],
  [x.pow(2).add(y.pow(2)).sqrt(), 1, "x / sqrt(x^2 + y^2)"],
  [x.pow(2).add(y.pow(2)).log(), 1, "2 * x / (x^2 + y^2)"],
  [x.atan2(y), 1, "y / (x^2 + y^2)"],
  [x.pow(y), 1, "y * x^(y - 1)"],
  [y.pow(x), 1, "y^x * log(y)"],
  [x.pow(x), 1, "x^x * (log(x) + 1)"],
  [x.mul(y).exp(), 1, "y * exp(x * y)"],
  [x.mul(y).sin(), 1, "y * cos(x * y)"],
  [x.mul(y).mul(x.add(y)), 1, "2 * x * y + y^2"],
  [x.pow(5), 2, "20 * x^3"],
  [x.reciprocal(), 2, "2 / x^3"],
  [x.log(), 3, "2 / x^3"],
  [x.sqrt(), 2, "-1 / (4 * x^(3/2))"],
  [x.tan(), 2, "2 * tan(x) * (1 + tan(x)^2)"],
  [x.sin().mul(x), 2, "2 * cos(x) - x * sin(x)"],
  [x.sin().mul(x), 3, "-3 * sin(x) - x * cos(x)"],
  [x.pow(2).mul(x.exp()), 2, "(x^2 + 4 * x + 2) * exp(x)"],
  [x.pow(2).neg().exp(), 2, "(4 * x^2 - 2) * exp(-x^2)"],
  [x.pow(2).neg().exp(), 4, "(16 * x^4 - 48 * x^2 + 12) * exp(-x^2)"],
  [x.exp().mul(x.sin()), 2, "2 * exp(x) * cos(x)"],
  [x.sin().square(), 2, "2 * cos(x)^2 - 2 * sin(x)^2"],
  [x.log().div(x), 2, "(2 * log(x) - 3) / x^3"],
  [x.mul(2).add(1).pow(4), 2, "48 * (2 * x + 1)^2"],
  [x.pow(3).add(x.pow(2)).add(x).add(1), 2, "6 * x + 2"],
  [x.pow(3), 4, "0"],
  [x.atan(), 2, "-2 * x / (x^2 + 1)^2"],
  [x.tanh(), 2, "-2 * tanh(x) * (1 - tanh(x)^2)"],
  [x.sin(), 10, "-sin(x)"],
  [x.mul(x.exp()), 3, "(x + 3) * exp(x)"],
];

// biome-ignore format: a table
const LATEX: readonly (readonly [Tensor, number, string])[] = [
  [x.pow(3).add(x.mul(2)).sub(1), 0, "x^{3} + 2 x - 1"],
  [x.pow(3), 1, "3 x^{2}"],
  [x.reciprocal(), 1, "-\\frac{1}{x^{2}}"],
  [x.sqrt(), 1, "\\frac{1}{2 \\sqrt{x}}"],
  [x.sqrt(), 2, "-\\frac{1}{4 x^{\\frac{3}{2}}}"],
  [x.sin().mul(x), 1, "\\sin\\left(x\\right) + x \\cos\\left(x\\right)"],
  [x.pow(2).neg().exp(), 1, "-2 x e^{-x^{2}}"],
  [x.pow(2).mul(x.exp()), 1, "\\left(x^{2} + 2 x\\right) e^{x}"],
  [x.sin().div(x), 1, "\\frac{x \\cos\\left(x\\right) - \\sin\\left(x\\right)}{x^{2}}"],
  [x.div(x.add(1)), 1, "\\frac{1}{\\left(x + 1\\right)^{2}}"],
  [x.tan(), 1, "1 + \\tan\\left(x\\right)^{2}"],
  [x.erf(), 1, "\\frac{2 e^{-x^{2}}}{\\sqrt{\\pi}}"],
  [x.exp2(), 1, "\\log\\left(2\\right) \\cdot 2^{x}"],
  [x.asin(), 1, "\\frac{1}{\\sqrt{1 - x^{2}}}"],
  [y.div(x), 1, "-\\frac{y}{x^{2}}"],
  [x.abs().add(y.cbrt()), 0, "\\sqrt[3]{y} + \\left|x\\right|"],
  [x.mul(y).mul(x.add(y)), 0, "x y \\left(x + y\\right)"],
  [symbol("theta_1").mul(symbol("rate")).add(symbol("x_10")), 0, "\\mathrm{rate} \\theta_{1} + x_{10}"],
  [x.maximum(0), 0, "\\max\\left(x, 0\\right)"],
  [x.mul(3e-7), 0, "3 \\cdot 10^{-7} x"],
];

/** Inside of every function's domain. */
const POINT = { x: 0.375, y: 0.8125 };
const ABOVE_ONE = { x: 1.625, y: 0.8125 };

const valueAt = (f: Tensor, at: typeof POINT): number => evaluate(f.add(x.mul(0)).add(y.mul(0)), at).item();

function repeatedGradient(f: Tensor, order: number): Tensor {
  let result = f;
  for (let i = 0; i < order; i++) [result] = gradients(result, [x]);
  return result;
}

describe("derivatives", () => {
  test.each(DERIVATIVES.map(([f, order, text]) => [f.toString(), order, text, f] as const))(
    "of %s, order %i: %s",
    (_, order, text, f) => {
      expect(derivative(f, x, { order }).toString()).toBe(text);
    },
  );

  test.each(DERIVATIVES.map(([f, order]) => [f.toString(), order, f] as const))(
    "of %s, order %i, have the values of the gradient",
    (_, order, f) => {
      const read = derivative(f, x, { order });
      const computed = repeatedGradient(f, order);
      let compared = 0;
      for (const at of [POINT, ABOVE_ONE]) {
        const expected = valueAt(computed, at);
        if (!Number.isFinite(expected)) continue;
        compared++;
        expect(Math.abs(valueAt(read, at) - expected)).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(expected)));
      }
      expect(compared).toBeGreaterThan(0);
    },
  );

  test.each(LATEX.map(([f, order, text]) => [f.toString(), order, text, f] as const))(
    "of %s, order %i, in LaTeX: %s",
    (_, order, text, f) => {
      expect(derivative(f, x, { order }).toLatex()).toBe(text);
    },
  );
});
