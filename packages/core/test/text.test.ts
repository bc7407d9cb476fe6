import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  compile,
  formula,
  grad,
  gradients,
  matmul,
  printGraph,
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
      %2 = dot(%0, %1) {contract: [1, 0], batch: []} : float64[2, 2]
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

  test("is the same for the same graph built again", () => {
    const build = () => printGraph([x.softmax(), x.slice([0, 1], [2, 2], { step: [2, 1] })]);
    expect(build()).toBe(build());
  });
});

describe("formula", () => {
  test.each([
    [a.sin().mul(a), "sin(a) * a", "\\sin\\left(a\\right) \\cdot a"],
    [a.add(a).mul(a), "(a + a) * a", "\\left(a + a\\right) \\cdot a"],
    [a.sub(a.sub(a)), "a - (a - a)", "a - \\left(a - a\\right)"],
    [a.div(a.mul(a)), "a / (a * a)", "\\frac{a}{a \\cdot a}"],
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
    [x.transpose(), "transpose(x)", "{x}^{\\top}"],
  ])("%#: %s", (y, text, latex) => {
    expect(formula(y)).toBe(text);
    expect(formula(y, { format: "latex" })).toBe(latex);
  });

  test("of a derivative", () => {
    expect(formula(gradients(a.sin().mul(a), [a])[0])).toMatchInlineSnapshot(`"sin(a) + a * cos(a)"`);
    expect(formula(grad((z) => z.pow(3))(a))).toMatchInlineSnapshot(`"a^2 * 3"`);
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
