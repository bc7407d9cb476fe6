import { describe, expect, expectTypeOf, test } from "vitest";
import {
  compile,
  evaluate,
  GradientError,
  gaussNewton,
  grad,
  gvp,
  hessian,
  jacobian,
  jvp,
  linearize,
  linearTranspose,
  matmul,
  programOf,
  random,
  stack,
  type Tensor,
  tensor,
  variable,
  vjp,
  vmap,
} from "../../src/index.ts";

const float64 = { dtype: "float64" } as const;
const x = tensor([1, 2, 3], float64);
const w = tensor([[0.3, -0.5, 0.2], [0.7, 0.1, -0.4]], float64); // biome-ignore format: a matrix
const layer = (z: Tensor): Tensor => matmul(w, z.sin()).tanh().mul(z.sum());
const crossEntropy = (z: Tensor): Tensor =>
  z
    .exp()
    .sum()
    .log()
    .sub(z.slice([0], [1]).sum());

function expectClose(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const values = expected.dataSync();
  actual.dataSync().forEach((value, i) => {
    expect(value).toBeCloseTo(values[i], 12);
  });
}

const operationsOf = (...tensors: readonly Tensor[]): string[] =>
  programOf(...tensors).program.nodes.flatMap(({ prim }) => (prim === null ? [] : [prim.name]));

describe("linearize", () => {
  test("computes f and the factors once, however many directions are read one after the other", () => {
    const [value, along] = linearize(layer, x);
    expectClose(along(x), jvp(layer, [x], [x])[1]);
    // The second direction asks for the factors: what is left is linear.
    for (const direction of [x.mul(2), w.sum(0)]) {
      const product = along(direction);
      const left = operationsOf(product);
      for (const name of ["sin", "cos", "tanh"]) expect(left).not.toContain(name);
      expect(operationsOf(value)).toEqual([]);
      expectClose(product, jvp(layer, [x], [direction])[1]);
    }
  });

  test("in one plan computes f once for all directions", () => {
    const several = compile((z: Tensor) => {
      const [, along] = linearize(layer, z);
      return stack([along(z), along(z.mul(2)), along(z.add(1))]);
    });
    expectClose(several(x), stack([x, x.mul(2), x.add(1)].map((v) => jvp(layer, [x], [v])[1])));
    const [value, along] = linearize(layer, x);
    const directions = random.normal([5, 3], { seed: 1, ...float64 });
    const mapped = vmap((v: Tensor) => along(v))(directions);
    expect(operationsOf(value, mapped).filter((name) => name === "tanh")).toHaveLength(1);
    expectClose(mapped, matmul(directions, jacobian(layer)(x).transpose()));
  });

  test("gives what can be differentiated: by the point, by the direction, in lanes of points", () => {
    const f = (z: Tensor, v: Tensor) => linearize(layer, z)[1](v).sum();
    const g = (z: Tensor, v: Tensor) => jvp(layer, [z], [v])[1].sum();
    for (const argnums of [0, 1])
      expectClose(grad(f, { argnums })(x, x.sin()), grad(g, { argnums })(x, x.sin()));
    const points = stack([x, x.mul(0.5)]);
    expectClose(vmap(f)(points, points), vmap(g)(points, points));
    expectClose(hessian((z: Tensor) => f(z, x))(x), hessian((z: Tensor) => g(z, x))(x));
    const [, along] = linearize(layer, x);
    expectClose(grad((v: Tensor) => along(v).sum())(x), jacobian(layer)(x).sum(0));
  });

  test("draws once for all directions", () => {
    const [, along] = linearize((z: Tensor) => z.mul(random.uniform([3], float64)), x);
    expect(along(x).arraySync()).toEqual(along(x).arraySync());
  });
});

describe("linearTranspose", () => {
  test("is the pullback, of trees too, wherever it is built", () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => [matmul(w, a).add(b), a.sum()];
    const like = { a: x, b: tensor([0, 0], float64) };
    const cts = [tensor([1, -2], float64), tensor(0.5, float64)];
    const [back] = linearTranspose(f, like)(cts);
    expectTypeOf(back.a).toEqualTypeOf<Tensor>();
    const [expected] = vjp(f, like)[1](cts) as [{ a: Tensor; b: Tensor }];
    expectClose(back.a, expected.a);
    expectClose(back.b, expected.b);
    const twice = linearTranspose(
      (ct: Tensor) => linearTranspose((z: Tensor) => matmul(w, z), x)(ct)[0],
      cts[0],
    );
    expectClose(twice(x)[0], matmul(w, x));
    expectClose(
      compile(vmap((ct: Tensor) => linearTranspose((z: Tensor) => matmul(w, z), x)(ct)[0]))(w.transpose()),
      matmul(w.transpose(), w),
    );
  });

  test("refuses what is not linear", () => {
    expect(() => linearTranspose((z: Tensor) => z.mul(z), x)(x)).toThrow(/is not linear/);
    expect(() => linearTranspose((z: Tensor) => z.exp(), x)(x)).toThrow(GradientError);
    expect(() => linearTranspose((z: Tensor) => z, x)(w)).toThrow(/linearTranspose: the cotangent has shape/);
    expect(() => linearTranspose((z: Tensor) => z, tensor(Int32Array.of(1)))).toThrow(
      /no derivative by a int32/,
    );
  });
});

describe("the Gauss-Newton matrix", () => {
  const J = jacobian(layer)(x);

  test("is J^T J without a loss, and J^T H J with one", () => {
    const H = hessian(crossEntropy)(layer(x));
    const withLoss = matmul(matmul(J.transpose(), H), J);
    expectClose(gaussNewton(layer)(x), matmul(J.transpose(), J));
    expectClose(gaussNewton(layer, crossEntropy)(x), withLoss);
    const product = gvp(layer, crossEntropy)(x);
    for (const v of [x, x.sin()]) expectClose(product(v), matmul(withLoss, v));
    // The Hessian of the composition, where the model is linear.
    const linear = (z: Tensor) => matmul(w, z);
    expectClose(gaussNewton(linear, crossEntropy)(x), hessian((z: Tensor) => crossEntropy(linear(z)))(x));
  });

  test("of trees of parameters and outputs, with more arguments, f run once", () => {
    let calls = 0;
    const model = (p: { w: Tensor; b: readonly [Tensor] }, input: Tensor, scale: number) => {
      calls++;
      const y = matmul(p.w, input).add(p.b[0]).mul(scale);
      return { y, rest: [y.sin()] };
    };
    const params = { w, b: [tensor([0.1, 0.2], float64)] as const };
    const loss = ({ y, rest }: { y: Tensor; rest: Tensor[] }) => y.exp().sum().add(rest[0].square().sum());
    const product = gvp(model, loss)(params, x, 2);
    const v = { w: w.mul(2), b: [tensor([1, -1], float64)] as const };
    const first = product(v);
    expectTypeOf(first.b[0]).toEqualTypeOf<Tensor>();
    product(first);
    expect(calls).toBe(1);
    const matrix = gaussNewton(model, loss)(params, x, 2);
    expectTypeOf(matrix.w.b[0]).toEqualTypeOf<Tensor>();
    expectClose(
      first.w,
      matmul(matrix.w.w.reshape([2, 3, 6]), v.w.reshape([6])).add(matmul(matrix.w.b[0], v.b[0])),
    );
    expect(matrix.b[0].w.shape).toEqual([2, 2, 3]);
  });

  test("is positive semidefinite, symmetric, and works under compile, vmap and grad", () => {
    const v = random.normal([20, 3], { seed: 4, ...float64 });
    const curvatures = vmap((u: Tensor) => gvp(layer, crossEntropy)(x)(u).mul(u).sum())(v);
    for (const value of curvatures.dataSync()) expect(value).toBeGreaterThan(-1e-12);
    expectClose(compile((z: Tensor) => gvp(layer, crossEntropy)(z)(z))(x), gvp(layer, crossEntropy)(x)(x));
    const along = (z: Tensor) => gvp(layer)(z)(x).sum();
    const dense = (z: Tensor) => matmul(gaussNewton(layer)(z), x).sum();
    expectClose(grad(along)(x), grad(dense)(x));
    expectClose(vmap(along)(stack([x, x.mul(2)])), stack([along(x), along(x.mul(2))]));
  });

  test("by a variable, and by what is not used; errors are those of gradients", () => {
    const p = variable(x, { name: "p" });
    expectClose(gvp(layer)(p as Tensor)(x), gvp(layer)(x)(x));
    expect(() => gvp((_: Tensor) => layer(p))(p as Tensor)(x)).toThrow(/variable p itself/);
    const { used, unused } = gvp(({ used }: { used: Tensor; unused: Tensor }) => used.sin())({ used: x, unused: x })({ used: x, unused: x });
    expect([used.shape, unused.arraySync()]).toEqual([[3], [0, 0, 0]]);
    expect(gvp(layer, () => tensor(1, float64))(x)(x).arraySync()).toEqual([0, 0, 0]);
    expect(() => gvp((z: Tensor) => z.argmax())(x)).toThrow(/int32 value has no derivative/);
    evaluate(used);
  });
}); // biome-ignore format: long lines
