import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  compile,
  formula,
  grad,
  gradients,
  matmul,
  printGraph,
  symbol,
  type Tensor,
  tensor,
  variable,
  where,
} from "../src/index.ts";

const x = variable(
  tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { dtype: "float64" },
  ),
  { name: "x" },
);
const a = variable(tensor(2, { dtype: "float64" }), { name: "a" });

describe("printGraph", () => {
  test("writes a line for each node, inputs first", () => {
    expect(printGraph(matmul(x, x.transpose()).add(1).tanh().sum(0))).toMatchInlineSnapshot(`
      "%0 = read x : float64[2, 2]
      %1 = permute(%0) {axes: [-1, -2]} : float64[2, 2]
      %2 = dot(%0, %1) {contract: [[1], [0]], batch: [[], []]} : float64[2, 2]
      %3 = data 1 : float64[]
      %4 = broadcast(%3) : float64[2, 2]
      %5 = add(%2, %4) : float64[2, 2]
      %6 = tanh(%5) : float64[2, 2]
      %7 = reduceSum(%6) {axes: [-2]} : float64[2]"
    `);
  });

  test("shows a derivative as a graph of the same operations", () => {
    const [g] = gradients(a.sin().mul(a), [a]);
    expect(printGraph(g)).toMatchInlineSnapshot(`
      "%0 = read a : float64[]
      %1 = sin(%0) : float64[]
      %2 = cos(%0) : float64[]
      %3 = mul(%0, %2) : float64[]
      %4 = add(%1, %3) : float64[]"
    `);
  });

  test("says which nodes several tensors are, and shows numbers, symbols and literals", () => {
    const s = symbol("s", { shape: [2] });
    expect(printGraph([s.mul(0.1), gradients(s.sum(), [s])[0]])).toMatchInlineSnapshot(`
      "%0 = symbol s : float32[2]
      %1 = data 0.1 : float32[]
      %2 = broadcast(%1) : float32[2]
      %3 = mul(%0, %2) : float32[2]
      %4 = constant 1 : float32[]
      %5 = reshape(%4) : float32[1]
      %6 = broadcast(%5) : float32[2]
      return %3, %6"
    `);
  });

  test("is the same for the same graph built again", () => {
    const build = () => printGraph([x.softmax(), x.slice([0, 1], [2, 2], { step: [2, 1] })]);
    expect(build()).toBe(build());
  });
});

describe("formula", () => {
  test.each([
    [a.sin().mul(a), "sin(a) * a", "\\sin\\left(a\\right) a"],
    [a.add(a).mul(a), "(a + a) * a", "\\left(a + a\\right) a"],
    [a.sub(a.sub(a)), "a - (a - a)", "a - \\left(a - a\\right)"],
    [a.div(a.mul(a)), "a / a^2", "\\frac{a}{a^{2}}"],
    [a.pow(2).neg(), "-a^2", "-a^{2}"],
    [a.neg().pow(2), "(-a)^2", "\\left(-a\\right)^{2}"],
    [a.exp().sqrt(), "sqrt(exp(a))", "\\sqrt{e^{a}}"],
    [
      where(a.greater(0), a, a.neg()),
      "where(a > 0, a, -a)",
      "\\begin{cases}a & a > 0\\\\-a & \\text{otherwise}\\end{cases}",
    ],
    [x.sum(), "sum(x)", "\\sum\\left(x\\right)"],
    [matmul(x, x), "x @ x", "x x"],
    [x.transpose(), "transpose(x)", "x^{\\top}"],
    [a.mul(2), "2 * a", "2 a"],
    [a.mul(a.mul(2)), "a * 2 * a", "a \\cdot 2 a"],
    [a.add(-1), "a - 1", "a - 1"],
    [a.sub(a.neg()), "a + a", "a + a"],
    [a.mul(a.neg()), "a * (-a)", "a \\left(-a\\right)"],
    [a.neg().mul(3).div(x).neg(), "-(-3 * a / x)", "-\\left(-\\frac{3 a}{x}\\right)"],
    [a.pow(1.5), "a^1.5", "a^{1.5}"],
    [a.pow(-1), "a^(-1)", "a^{-1}"],
    [a.pow(0.5), "a^(1/2)", "a^{\\frac{1}{2}}"],
    [a.mul(Math.PI), "pi * a", "\\pi a"],
    [x.mean(), "mean(x)", "\\operatorname{mean}\\left(x\\right)"],
    [matmul(x, x.transpose().add(1)), "x @ (transpose(x) + 1)", "x \\left(x^{\\top} + 1\\right)"],
    [
      gradients(matmul(x, x).sum(), [x])[0],
      "1 @ transpose(x) + transpose(x) @ 1",
      "1 x^{\\top} + x^{\\top} 1",
    ],
    [x.add(1).slice([0, 0], [1, 2]), "(x + 1)[0:1, 0:2]", "\\left(x + 1\\right)_{0:1, 0:2}"],
    [a.exp2().pow(2), "(2^a)^2", "\\left(2^{a}\\right)^{2}"],
    [
      a.mul(0.1).cast("float32").mul(0.1),
      "0.1 * float32(0.1 * a)",
      "0.1 \\mathrm{float32}\\left(0.1 a\\right)",
    ],
  ])("%#: %s", (y, text, latex) => {
    expect(formula(y)).toBe(text);
    expect(formula(y, { format: "latex" })).toBe(latex);
  });

  test("of a derivative", () => {
    expect(formula(gradients(a.sin().mul(a), [a])[0])).toMatchInlineSnapshot(`"sin(a) + a * cos(a)"`);
    expect(formula(grad((z) => z.pow(3))(a))).toMatchInlineSnapshot(`"3 * a^2"`);
  });
});

describe("consoles", () => {
  test("show dtype, shape and computed values, never the graph", () => {
    expect(
      inspect(
        tensor([
          [1, 2.5],
          [3, 4],
        ]),
      ),
    ).toBe("Tensor float32[2, 2] [[1, 2.5], [3, 4]]");
    expect(inspect(tensor([true]))).toBe("Tensor bool[1] [true]");
    expect(inspect(tensor([1]).add(1))).toBe("Tensor float32[1] (not computed yet)");
    expect(inspect(variable([1, 2], { name: "w" }))).toBe("Variable(w) float32[2] [1, 2]");
    expect(inspect(tensor(new Float32Array(100)))).toBe("Tensor float32[100] [0, 0, 0, ..., 0, 0, 0]");
    let shown = "";
    compile((z: Tensor) => {
      shown = inspect(z);
      return z;
    })(tensor([1]));
    expect(shown).toBe("Tensor float32[1] (symbolic)");
  });

  test("JavaScript operators throw", () => {
    const t = tensor(1) as unknown as number;
    expect(() => t + 1).toThrow(/a\.add\(b\)/);
    expect(() => t < 1).toThrow(/operators do not work on tensors/);
    expect(() => `${t}`).toThrow(/operators/);
  });
});
