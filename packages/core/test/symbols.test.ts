import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
  compile,
  derivative,
  evaluate,
  grad,
  gradients,
  jvp,
  printGraph,
  simplify,
  substitute,
  symbol,
  type Tensor,
  tensor,
  variable,
  vmap,
  where,
  zeros,
} from "../src/index.ts";

const a = symbol("a", { dtype: "float64" });
const b = symbol("b", { dtype: "float64" });
const x = symbol("x", { shape: [2, 3] });
const f = a.sin().mul(a);

describe("a symbol", () => {
  test("is a float32 scalar unless told", () => {
    expect(symbol("a").toString()).toBe("a");
    expect([symbol("a").dtype, symbol("a").shape]).toEqual(["float32", []]);
    expect([x.dtype, x.shape]).toEqual(["float32", [2, 3]]);
  });

  test("has a name", () => {
    for (const name of ["", "2a", "a b", "a-b"]) expect(() => symbol(name)).toThrow(/symbol: .* is no name/);
    expect(() => symbol(3 as never)).toThrow(/number is no name/);
    expect(symbol("α_1'").toString()).toBe("α_1'");
    expect(() => symbol("a", { size: [] } as never)).toThrow(/unknown option size/);
    expect(() => symbol("a", { dtype: "float16" as never })).toThrow(/unknown dtype/);
    expect(() => symbol("a", { shape: [-1] })).toThrow(/symbol/);
  });

  test("has no value, and says what gives it one", async () => {
    const remedy = /depends on the symbol a, which has none. Give it one: evaluate\(f, \{ a: ... \}\)/;
    expect(() => f.item()).toThrow(remedy);
    expect(() => f.arraySync()).toThrow(remedy);
    await expect(f.data()).rejects.toThrow(remedy);
    expect(() => evaluate(f)).toThrow(remedy);
    expect(() => compile((z: Tensor) => z.mul(a))(tensor(1, { dtype: "float64" }))).toThrow(remedy);
    expect(() => variable(a)).toThrow(/depends on an argument/);
    expect(() => variable(tensor(1, { dtype: "float64" })).assign(a)).toThrow(/placeholder/);
  });

  test("works under all transforms", () => {
    const two = tensor(2, { dtype: "float64" });
    expect(evaluate(grad((z) => z.mul(z).mul(a))(two), { a: 3 }).item()).toBe(12);
    expect(`${simplify(grad((z) => z.mul(z).mul(b))(a))}`).toBe("2 * a * b");
    const [value, tangent] = jvp((z: Tensor) => z.mul(a), [two], [two]);
    expect(evaluate((value as Tensor).add(tangent as Tensor), { a: 5 }).item()).toBe(20);
    const mapped = vmap((z: Tensor) => z.mul(a))(tensor([1, 2], { dtype: "float64" }));
    expect(evaluate(mapped, { a: 5 }).arraySync()).toEqual([5, 10]);
    expect(evaluate(compile((z: Tensor) => z)(two).mul(a), { a: 5 }).item()).toBe(10);
    const formulaInside = vmap((z: Tensor) => evaluate(f, { a: z }));
    expect(formulaInside(tensor([0, 1], { dtype: "float64" })).arraySync()).toEqual([0, Math.sin(1)]);
    expect(compile((z: Tensor) => evaluate(f, { a: z }))(two).item()).toBe(2 * Math.sin(2));
  });
});

describe("evaluate", () => {
  test("computes a formula", () => {
    expect(evaluate(f, { a: 2 }).item()).toBe(2 * Math.sin(2));
    expect(evaluate(f, { a: tensor(2, { dtype: "float64" }) }).item()).toBe(2 * Math.sin(2));
    expect(evaluate(x.sum(1), { x: [[1, 2, 3], [4, 5, 6]] }).arraySync()).toEqual([6, 15]); // biome-ignore format: short
    expect(evaluate(derivative(f, a), { a: 0 }).item()).toBe(0);
    expect(evaluate(tensor(3), {}).item()).toBe(3);
  });

  test("still computes several tensors at once", () => {
    const [p, q] = [tensor(1).add(1), tensor(1).add(2)];
    expect(evaluate(p, q)).toBeUndefined();
    expect(inspect(p)).toBe("Tensor float32[] 2");
    expect(() => evaluate(p, 3 as never)).toThrow(/evaluate: expected/);
  });

  test("refuses what does not fit", () => {
    expect(() => evaluate(f, {})).toThrow(/the symbol a \(float64\[\]\) has no value/);
    expect(() => evaluate(f.mul(b), { a: 1 })).toThrow(/the symbol b/);
    expect(() => evaluate(f, { a: 1, c: 2 })).toThrow(/has no symbol c. Its symbols are a/);
    expect(() => evaluate(tensor(1), { c: 2 })).toThrow(/It has no symbols at all/);
    expect(() => evaluate(f, { a: [1, 2] })).toThrow(/a has shape \[\], its value \[2\]/);
    expect(() => evaluate(f, { a: tensor(1) })).toThrow(
      /a has dtype float64, its value float32.*cast\("float64"\)/,
    );
    expect(() => evaluate(f, { a: "2" as never })).toThrow(/no value for a/);
    expect(() => evaluate(symbol("n", { dtype: "int32" }).add(1), { n: 0.5 })).toThrow(/cannot be 0.5/);
    expect(() => evaluate(f.mul(symbol("a", { dtype: "float64" })), { a: 1 })).toThrow(
      /two symbols .* named a/,
    );
    expect(() => evaluate(x.sum(), { x: 1 })).toThrow(/x has shape \[2, 3\], its value \[\]/);
  });
});

describe("substitute", () => {
  test("puts formulas in the places of symbols, all at once", () => {
    expect(`${substitute(f, { a: b.add(1) })}`).toBe("sin(b + 1) * (b + 1)");
    expect(`${substitute(a.sub(b), { a: b, b: a })}`).toBe("b - a");
    expect(`${substitute(f.mul(b), { a: 2 })}`).toBe("2 * sin(2) * b");
    expect(substitute(f, {})).toBe(f);
  });

  test("replaces tensors by a Map or by pairs", () => {
    const sine = a.sin();
    const g = sine.mul(a);
    expect(`${substitute(g, [[sine, b]])}`).toBe("b * a");
    expect(`${substitute(g, new Map([[a, b.exp()]]))}`).toBe("sin(exp(b)) * exp(b)");
    expect(substitute(g, [[g, b]])).toBe(b);
    const weights = variable(tensor([1, 2]), { name: "w" });
    expect(`${substitute(weights.mul(2).sum(), [[weights, symbol("v", { shape: [2] })]])}`).toBe(
      "sum(2 * v)",
    );
  });

  test("refuses what does not fit", () => {
    expect(() => substitute(f, { z: 1 })).toThrow(/substitute: the formula has no symbol z/);
    expect(() => substitute(f, [[a, tensor([1])]])).toThrow(/a has shape/);
    expect(() => substitute(f, [a] as never)).toThrow(/no pair/);
    expect(() => substitute(f, 3 as never)).toThrow(/expected values by name/);
  });
});

describe("derivative", () => {
  test("of any order, mixed, and by what is no scalar", () => {
    expect(`${derivative(f, a, { order: 0 })}`).toBe("a * sin(a)");
    expect(`${derivative(a.pow(3).mul(b.pow(2)), [a, b])}`).toBe("6 * a^2 * b");
    expect(`${derivative(a.pow(3).mul(b.pow(2)), [a, a, b])}`).toBe("12 * a * b");
    expect(`${derivative(x.square().sum(), x)}`).toBe("2 * x");
    expect(`${derivative(x.square().mean(), x)}`).toBe("x / 3");
    const w = symbol("w", { shape: [3, 4] });
    expect(`${derivative(x.matmul(w).square().sum(), w)}`).toBe("2 * transpose(x) @ (x @ w)");
    expect(`${derivative(b, a)}`).toBe("0");
    expect(derivative(x.sum(), x).shape).toEqual([2, 3]);
  });

  test("refuses what has none", () => {
    expect(() => derivative(x, x)).toThrow(/needs a scalar/);
    expect(() => derivative(x.square().sum(), x, { order: 2 })).toThrow(
      /only scalars are differentiated again/,
    );
    expect(() => derivative(f, a, { order: -1 })).toThrow(/order is -1/);
    expect(() => derivative(f, a, { order: 1.5 })).toThrow(/order is 1.5/);
    expect(() => derivative(f, [a, a], { order: 2 })).toThrow(/order goes with one tensor/);
    expect(() => derivative(f, a, { orders: 2 } as never)).toThrow(/unknown option/);
    expect(() => derivative(f, 2 as never)).toThrow(/expected a tensor/);
    expect(() => derivative(f, symbol("n", { dtype: "int32" }))).toThrow(/no derivative by a int32/);
  });
});

describe("simplify", () => {
  test.each([
    [a.add(0).mul(1), "a"],
    [a.mul(0), "0"],
    [a.sub(a), "0"],
    [a.neg().neg(), "a"],
    [a.add(a), "2 * a"],
    [a.mul(2).add(a.mul(3)), "5 * a"],
    [a.mul(a.pow(2)), "a^3"],
    [a.div(a), "1"],
    [a.pow(2).pow(3), "a^6"],
    [a.square().sqrt(), "abs(a)"],
    [a.sqrt().square(), "a"],
    [a.log().exp(), "a"],
    [a.exp().log(), "a"],
    [a.log().mul(3).exp(), "a^3"],
    [a.sin().square().add(a.cos().square()), "1"],
    [a.cosh().square().sub(a.sinh().square()), "1"],
    [a.neg().sin(), "-sin(a)"],
    [a.neg().cos(), "cos(a)"],
    [a.exp().mul(b.exp()), "exp(a + b)"],
    [a.div(3).add(a.div(6)), "a / 2"],
    [a.mul(0.1).add(a.mul(0.2)), "0.3 * a"],
    [b.add(a), "a + b"],
    [a.add(1).square().sub(a.square()), "2 * a + 1"],
    [where(a.greater(0), b, b), "b"],
    [symbol("c").mul(0.1).mul(3), "0.3 * c"],
    [x.transpose().transpose(), "x"],
    [x.mul(2).sum(), "2 * sum(x)"],
    [symbol("n", { dtype: "int32" }).mul(2).mul(3), "3 * 2 * n"],
  ])("%#", (given, text) => {
    expect(simplify(given).toString()).toBe(text);
    expect(simplify(given).shape).toEqual(given.shape);
    expect(simplify(given).dtype).toBe(given.dtype);
  });

  test("leaves the arguments of grad what they are", () => {
    const two = tensor(2, { dtype: "float64" });
    expect(grad((z) => simplify(z.mul(z)))(two).item()).toBe(4);
    expect(gradients(simplify(two.mul(a)), [a])[0].item()).toBe(2);
  });

  const DEEP = 100_000;
  const spread: Readonly<Record<string, (v: Tensor, i: number) => Tensor>> = {
    "a tower of functions": (v) => v.sin(),
    "a long sum": (v, i) => v.add(i % 3 === 0 ? a : b),
    "a long product": (v, i) => v.mul(i % 2 === 0 ? a : b),
  };
  test.each(Object.entries(spread))("goes through %s, 100,000 deep", (_, step) => {
    let v: Tensor = a;
    for (let i = 0; i < DEEP; i++) v = step(v, i);
    expect(v.toString()).toContain("...");
    expect(simplify(v).toString().length).toBeGreaterThan(0);
    expect(
      evaluate(v, v === a ? {} : printGraph(v).includes("symbol b") ? { a: 0, b: 0 } : { a: 0 }).item(),
    ).toBe(0);
  });

  test("goes through nested fractions and sums that share their parts", () => {
    let [nested, shared] = [a, a] as Tensor[];
    for (let i = 0; i < 5_000; i++) {
      nested = nested.mul(a).add(b);
      shared = shared.add(shared.sin());
    }
    expect(simplify(nested).toString().length).toBeGreaterThan(1000);
    expect(simplify(shared).toString()).toContain("...");
  });
});

describe("text", () => {
  test("of formulas in template strings; of other tensors only when asked for", () => {
    expect(`${f}`).toBe("sin(a) * a");
    expect(f.toLatex()).toBe("\\sin\\left(a\\right) a");
    expect(() => (f as unknown as number) + 1).toThrow(/operators do not work/);
    expect(() => `${tensor([1]) as unknown as string}`).toThrow(/toString\(\) for text/);
    expect(tensor([1, 2.5]).toString()).toBe("Tensor float32[2] [1, 2.5]");
    expect(tensor([1, 2.5]).toLatex()).toBe("\\text{Tensor float32[2] [1, 2.5]}");
    expect(
      zeros([2])
        .add(tensor([1, 2]))
        .toString(),
    ).toBe("Tensor float32[2] (not computed yet)");
    expect(variable([1], { name: "w" }).toString()).toBe("Variable(w) float32[1] [1]");
    expect(`${derivative(a.mul(3), a)}`).toBe("3");
  });
});
