import { describe, expect, test } from "vitest";
import {
  arange,
  checkpoint,
  compile,
  conv1d,
  cumsum,
  customVjp,
  diagonal,
  flip,
  forLoop,
  GradientError,
  grad,
  hessian,
  hessianDiagonal,
  jacobian,
  logsumexp,
  matmul,
  maxPool,
  programOf,
  random,
  roll,
  SparseMatrix,
  scatterAdd,
  sort,
  sparseHessian,
  sparseJacobian,
  stack,
  stopGradient,
  type Tensor,
  take,
  tensor,
  vmap,
  where,
  zeros,
} from "../../src/index.ts";

const float64 = { dtype: "float64" } as const;
const n = 12;
const x = random.normal([n], { seed: 1, ...float64 });
const weights = random.normal([n, n], { seed: 3, ...float64 });

const part = (z: Tensor, from: number, to: number): Tensor => z.slice([from], [to]);
const chain = (z: Tensor): Tensor => {
  const [size] = z.shape;
  return part(z, 1, size).mul(part(z, 0, size - 1)).sin().sum(); // biome-ignore format: a formula
};
const swish = customVjp((z: Tensor) => z.mul(z.sigmoid()), {
  forward: (z) => [z.mul(z.sigmoid()), z],
  backward: (z, ct) => [ct.mul(z.sigmoid()).mul(z.mul(z.sigmoid().neg().add(1)).add(1))],
});

/** A function, the colors that its Hessian needs, and the entries that it has. */
const FUNCTIONS: Readonly<Record<string, readonly [(z: Tensor) => Tensor, number, number]>> = {
  separable: [(z) => z.sin().mul(z).sum(), 1, n],
  "a chain": [chain, 3, 3 * n - 2],
  "Rosenbrock's": [(z) => part(z, 1, n).sub(part(z, 0, n - 1).square()).square().sum(), 3, 3 * n - 2],
  "an arrow": [(z) => part(z, 0, 1).mul(z).mul(z).sum(), 2, 3 * n - 2],
  "a ring": [(z) => roll(z, 1).mul(z).exp().sum(), 3, 3 * n],
  "a grid": [
    (z) => {
      const g = z.reshape([3, 4]);
      const down = g.slice([1, 0], [3, 4]).sub(g.slice([0, 0], [2, 4]));
      return down.square().square().sum().add(g.slice([0, 1], [3, 4]).mul(g.slice([0, 0], [3, 3])).exp().sum());
    },
    5,
    n + 2 * 17,
  ],
  linear: [(z) => z.sum(), 1, 0],
  constant: [(z) => stopGradient(z).sum(), 1, 0],
  full: [(z) => z.sum().sin(), n, n * n],
  "a norm": [(z) => z.square().sum().sqrt(), n, n * n],
  "a quadratic form": [(z) => matmul(z, matmul(weights, z)), n, n * n],
  "sums up to each element": [(z) => cumsum(z).square().sum(), n, n * n],
  "picked elements": [(z) => take(z, tensor(Int32Array.of(0, 5, -7, 7))).exp().prod(), 3, 9],
  "elements put together": [
    (z) => scatterAdd(zeros([4], float64), tensor(Int32Array.from({ length: n }, (_, i) => i % 4)), z).square().mul(arange(4)).sum(),
    3,
    3 * n,
  ],
  "sorted pairs": [(z) => sort(z).reshape([6, 2]).prod(1).sum(), 2, n],
  "the greatest of each row": [(z) => z.reshape([3, 4]).max(1).square().sum(), 4, 4 * n],
  "log-sums of rows": [(z) => logsumexp(z.reshape([4, 3]), 1).square().sum(), 3, 3 * n],
  "products of small matrices": [(z) => matmul(z.reshape([3, 2, 2]), z.reshape([3, 2, 2])).sin().sum(), 4, 4 * n],
  "a choice": [(z) => where(z.greater(0), z.exp(), z.mul(flip(z, 0))).sum(), 2, 2 * n],
  "a rule of its own": [(z) => swish(z).mul(z).sum(), 1, n],
  "a convolution": [(z) => conv1d(z.reshape([1, n, 1]), weights.slice([0, 0], [3, 2]).reshape([3, 1, 2])).sin().sum(), 5, 54],
  "a convolution by its own values": [(z) => conv1d(z.reshape([1, n, 1]), z.slice([0], [3]).reshape([3, 1, 1])).sin().sum(), 8, 102],
  "pools that overlap": [(z) => maxPool(z.reshape([1, n, 1]), 3, { strides: 2 }).square().sum(), 4, 41],
  "a loop": [(z) => forLoop(0, 3, (_, q: Tensor) => q.sin().mul(q), z).sum(), n, n * n],
  "computed again": [(z) => checkpoint(chain)(z), 3, 3 * n - 2],
}; // biome-ignore format: a table

function expectEqual(actual: Tensor, expected: Tensor, what = ""): void {
  expect(actual.shape, what).toEqual(expected.shape);
  const values = expected.dataSync();
  actual.dataSync().forEach((value, i) => {
    expect(value, what).toBeCloseTo(values[i], 10);
  });
}

describe("sparse derivatives", () => {
  test.each(Object.entries(FUNCTIONS))("of %s are the dense ones, by as few products as there are colors", (_, [f, colors, entries]) => {
    const dense = hessian(f)(x);
    const sparse = sparseHessian(f)(x);
    expectEqual(sparse.toDense(), dense);
    expect([sparse.colors, sparse.rows.length, sparse.values.size]).toEqual([entries === 0 ? 1 : colors, entries, entries]);
    expectEqual(hessianDiagonal(f)(x), diagonal(dense));
    for (const mode of ["forward", "reverse", undefined] as const)
      expectEqual(sparseJacobian(grad(f), { mode })(x).toDense(), dense);
  }); // biome-ignore format: a title

  test("are sorted by rows and columns, and say what they are", () => {
    const { rows, cols, values, shape, colors, coloring } = sparseHessian(chain)(part(x, 0, 4));
    expect([...rows]).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 3, 3]);
    expect([...cols]).toEqual([0, 1, 0, 1, 2, 1, 2, 3, 2, 3]);
    expect([values.shape, shape, colors, [...coloring]]).toEqual([[10], [4, 4], 3, [0, 1, 0, 2]]);
    expect(String(sparseHessian(chain)(x))).toBe("SparseMatrix float64[12, 12] of 34 entries by 3 products");
    expect(sparseHessian(chain)(x)).toBeInstanceOf(SparseMatrix);
  });

  test("work under and over vmap, compile and grad, also where indices are not known", () => {
    const xs = stack([x, x.mul(2)]);
    const dense = (f: (z: Tensor) => Tensor) => (z: Tensor) => sparseHessian(f)(z).toDense();
    const [pairs] = FUNCTIONS["sorted pairs"];
    for (const f of [chain, pairs, FUNCTIONS["elements put together"][0]]) {
      expectEqual(vmap(dense(f))(xs), vmap(hessian(f))(xs));
      expectEqual(compile(dense(f))(x), hessian(f)(x));
      expectEqual(compile(vmap(hessianDiagonal(f)))(xs), stack([hessianDiagonal(f)(x), hessianDiagonal(f)(x.mul(2))]));
      expectEqual(
        grad((z: Tensor) => sparseHessian(f)(z).values.sin().sum())(x),
        grad((z: Tensor) => hessian(f)(z).sin().sum())(x),
      );
    }
    expectEqual(sparseJacobian(vmap(grad(compile(chain))))(xs).toDense(), jacobian(vmap(grad(chain)))(xs).reshape([2 * n, 2 * n]));
  }); // biome-ignore format: long lines

  test("count the elements of trees and of tensors of any rank, leaf after leaf", () => {
    const f = ({ a, b }: { a: Tensor; b: readonly [Tensor, Tensor] }, by: number) => a.mul(b[0].sum()).sum().mul(by).add(b[1].square().sum());
    const argument = { a: x.reshape([3, 4]), b: [part(x, 0, 2), tensor(2, float64)] as const };
    const flat = (z: Tensor) => f({ a: part(z, 0, 12).reshape([3, 4]), b: [part(z, 12, 14), part(z, 14, 15).reshape([])] }, 3);
    const vector = tensor([...x.dataSync(), ...part(x, 0, 2).dataSync(), 2], float64);
    const sparse = sparseHessian(f)(argument, 3);
    expectEqual(sparse.toDense(), hessian(flat)(vector));
    expect(sparse.colors).toBe(3);
    const { a, b } = hessianDiagonal(f)(argument, 3);
    expect([a.shape, b[0].shape, b[1].arraySync()]).toEqual([[3, 4], [2], 2]);
    const both = sparseJacobian((z: Tensor) => ({ u: z.square(), v: [z.sum()] }), { mode: "forward" })(x);
    expect([both.shape, both.colors]).toEqual([[n + 1, n], n]);
    const byRows = sparseJacobian((z: Tensor) => ({ u: z.square(), v: [z.sum()] }))(x);
    expectEqual(byRows.toDense(), both.toDense());
    expect([byRows.colors, byRows.coloring.length]).toEqual([2, n + 1]);
  }); // biome-ignore format: long lines

  test("of nothing, and by another argument", () => {
    const none = sparseHessian((z: Tensor) => z.square().sum())(zeros([0], float64));
    expect([none.shape, none.toDense().shape, none.colors]).toEqual([[0, 0], [0, 0], 0]);
    expect(hessianDiagonal((z: Tensor) => z.square().sum())(zeros([0, 3])).shape).toEqual([0, 3]);
    expect(hessianDiagonal((z: Tensor) => z.exp())(tensor(0)).item()).toBe(1);
    const f = (a: Tensor, b: Tensor) => a.mul(b).mul(b).sum();
    expectEqual(hessianDiagonal(f, { argnums: 1 })(x, x), x.mul(2));
    expect(sparseHessian(f, { argnums: 1 })(x.cast("float32"), x).values.dtype).toBe("float64");
  });

  test("take a sparsity and a coloring that are given, and nothing that does not fit", () => {
    const first = sparseHessian(chain)(x);
    const again = sparseHessian(chain, { sparsity: first, coloring: first.coloring })(x.mul(2));
    expectEqual(again.toDense(), hessian(chain)(x.mul(2)));
    const rows = Array.from({ length: n }, (_, i) => i);
    expectEqual(sparseHessian((z: Tensor) => z.exp().sum(), { sparsity: { rows, cols: rows } })(x).values, x.exp());
    const upper = { rows: [...rows, ...rows.slice(1), 0], cols: [...rows, ...rows.slice(0, -1), 0] };
    expectEqual(sparseHessian(chain, { sparsity: upper })(x).toDense(), hessian(chain)(x));
    const wrong = (options: object) => () => sparseHessian(chain, options)(x);
    expect(wrong({ coloring: new Int32Array(n) })).toThrow(/shares its color/);
    expect(wrong({ coloring: [0, 1] })).toThrow(/2 colors for 12/);
    expect(wrong({ coloring: new Array(n).fill(-1) })).toThrow(/coloring is -1/);
    expect(wrong({ sparsity: { rows: [12], cols: [0] } })).toThrow(/\[12, 0\].* outside of a 12 by 12/);
    expect(wrong({ sparsity: { rows: [1], cols: [] } })).toThrow(/1 rows, but 0 cols/);
    expect(wrong({ sparsity: 3 })).toThrow(GradientError);
    expect(() => hessianDiagonal(chain, { coloring: new Int32Array(n) })(x)).toThrow(/shares its color/);
    expect(() => sparseJacobian(chain, { coloring: [0] })).toThrow(/mode: "forward"/);
    expect(() => sparseJacobian(chain, { mode: "reverse", coloring: [0, 1] })(x)).toThrow(/2 colors for 1/);
    expect(() => sparseJacobian(grad(chain), { mode: "forward", coloring: new Int32Array(n) })(x)).toThrow(/shares its color/);
    expect(() => sparseJacobian(chain, { mode: "both" as never })).toThrow(/no mode/);
    expect(() => sparseHessian((z: Tensor) => z)(x)).toThrow(/^sparseHessian: .*needs a scalar/);
    expect(() => hessianDiagonal(3 as never)).toThrow(/expected a function/);
  }); // biome-ignore format: long lines
});

describe("the cost of sparse derivatives", () => {
  /** Numbers that the plan behind a tensor computes. */
  const work = (y: Tensor): number =>
    programOf(y).program.nodes.reduce(
      (sum, { shape, prim }) => sum + (prim === null ? 0 : shape.reduce((a, b) => a * b, 1)),
      0,
    );

  test("grows with the number of colors, not with the number of columns", () => {
    const vector = (size: number) => random.uniform([size], { seed: 2, ...float64 });
    const [small, large] = [1000, 10_000].map((size) => {
      const sparse = sparseHessian(chain)(vector(size));
      expect(sparse.colors).toBe(3);
      return work(sparse.values);
    });
    expect(large / small).toBeLessThan(10.1);
    const separable = (z: Tensor) => z.sin().sum();
    const gradient = work(grad(chain)(vector(10_000)));
    expect(large).toBeLessThan(15 * gradient);
    expect(work(hessianDiagonal(separable)(vector(10_000)))).toBeLessThan(30 * 10_000);
  }); // biome-ignore format: long lines

  test("of finding a band or an arrow among 100,000 columns is small", () => {
    const size = 100_000;
    const y = random.uniform([size], { seed: 2, ...float64 });
    const arrow = (z: Tensor) => part(z, 0, 1).mul(z).mul(z).sum();
    const start = performance.now();
    const found = [chain, arrow].map((f) => sparseHessian(f)(y));
    expect(found.map(({ colors, rows }) => [colors, rows.length])).toEqual([[3, 3 * size - 2], [2, 3 * size - 2]]);
    expect(hessianDiagonal(arrow)(y).shape).toEqual([size]);
    // Half a second when nothing else runs; quadratic work would take minutes.
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(() => sparseHessian((z: Tensor) => z.sum().square())(y)).toThrow(/is not sparse/);
  }); // biome-ignore format: long lines
});
