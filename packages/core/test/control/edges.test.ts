import { describe, expect, test } from "vitest";
import {
  arange,
  associativeScan,
  compile,
  forLoop,
  grad,
  map,
  ones,
  scan,
  type Tensor,
  tensor,
  variable,
  vmap,
  whileLoop,
  zeros,
} from "../../src/index.ts";

const float64 = { dtype: "float64" } as const;
const int = (...values: number[]): Tensor => tensor(values, { dtype: "int32" });
const values = (x: Tensor): number[] => Array.from(x.dataSync(), Number);

describe("carries", () => {
  test("that change places", () => {
    const f = (a: Tensor, b: Tensor) =>
      scan(([x, y]: [Tensor, Tensor]) => [[y, x], x], [a, b], null, { length: 3 });
    const [[x, y], ys] = f(tensor([1, 2]), tensor([3, 4]));
    expect([values(x), values(y), values(ys)]).toEqual([
      [3, 4],
      [1, 2],
      [1, 2, 3, 4, 1, 2],
    ]);
  });

  test("that change places, one of them updated, in rows that are read by both", () => {
    const [[x, y]] = scan(
      ([a, b]: [Tensor, Tensor]) => [[b.add(a.sum()), a.mul(2)], null],
      [tensor([1, 2]), tensor([3, 4])],
      null,
      { length: 2 },
    );
    let [a, b] = [
      [1, 2],
      [3, 4],
    ];
    for (let i = 0; i < 2; i++) [a, b] = [b.map((v) => v + a[0] + a[1]), a.map((v) => 2 * v)];
    expect([values(x), values(y)]).toEqual([a, b]);
  });

  test("that go around three places", () => {
    const [[x, y, z], all] = scan(
      ([a, b, c]: [Tensor, Tensor, Tensor]) => [
        [b, c, a],
        [a, b.add(c)],
      ],
      [tensor(1), tensor(2), tensor(3)],
      null,
      { length: 4 },
    );
    expect([x.item(), y.item(), z.item()]).toEqual([2, 3, 1]);
    expect(all.map(values)).toEqual([
      [1, 2, 3, 1],
      [5, 4, 3, 5],
    ]);
  });

  test("that are stacked before and after they are updated", () => {
    const [last, [before, after]] = scan(
      (c: Tensor, x: Tensor) => {
        const next = c.mul(2).add(x);
        return [next, [c, next]];
      },
      ones([3]),
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    );
    expect(values(last)).toEqual(
      [8, 11, 14].map((v, i) => v + [0, 0, 0][i]).map((_, i) => 2 * (2 + i + 1) + 4 + i),
    );
    expect(values(before)).toEqual([1, 1, 1, 3, 4, 5]);
    expect(values(after)).toEqual([3, 4, 5, 10, 13, 16]);
  });

  test("of all dtypes, of no elements, equal to one another, to an element and to what is captured", () => {
    const x = tensor([1, 2, 3]);
    const [[count, flag, bits, none, a, b, c]] = scan(
      ([count, flag, bits, none, a, b]: Tensor[], element: Tensor) => [
        [count.add(1), flag.logicalNot(), bits.mul(3), none, b, a, element],
        null,
      ],
      [int(0), tensor([true]), tensor([5], { dtype: "uint32" }), zeros([0, 2]), x.sum(), x.sum(), tensor(0)],
      x,
    );
    expect([count, flag, bits, none, a, b, c].map(values)).toEqual([[3], [0], [135], [], [6], [6], [3]]);
    expect([count, flag, bits, none].map(({ dtype }) => dtype)).toEqual([
      "int32",
      "bool",
      "uint32",
      "float32",
    ]);
  });

  test("numbers take the dtype that the body makes of them", () => {
    const [sum, ys] = scan((s: Tensor, x: Tensor) => [s.add(x), s], 0, tensor([1.5, 2.5], float64));
    expect([sum.dtype, ys.dtype, sum.item()]).toEqual(["float64", "float64", 4]);
  });

  test("are copied from what they begin with", () => {
    const first = tensor([1, 2]);
    const v = variable(tensor([5, 6]));
    const [last] = scan((c: Tensor) => [c.mul(2), null], first, null, { length: 3 });
    const [other] = scan((c: Tensor) => [c.add(1), null], v.value, null, { length: 3 });
    expect([values(last), values(other), values(first), values(v)]).toEqual([
      [8, 16],
      [8, 9],
      [1, 2],
      [5, 6],
    ]);
  });
});

describe("lengths", () => {
  test("0 and 1", () => {
    for (const length of [0, 1]) {
      const xs = arange(0, length, 1, float64);
      const f = (c: Tensor) => {
        const [last, ys] = scan((s: Tensor, x: Tensor) => [s.mul(2).add(x), s.mul(s)], c, xs);
        return last.add(ys.sum());
      };
      expect(f(tensor(3, float64)).item()).toBe(length === 0 ? 3 : 15);
      expect(grad(f)(tensor(3, float64)).item()).toBe(length === 0 ? 1 : 8);
    }
    expect(map((x: Tensor) => x.sin(), zeros([0, 3])).shape).toEqual([0, 3]);
    expect(map((x: Tensor) => x.sin(), zeros([0, 3]), { batchSize: 2 }).shape).toEqual([0, 3]);
    expect(associativeScan((a: Tensor, b: Tensor) => a.add(b), zeros([0, 2])).shape).toEqual([0, 2]);
  });

  test("100,000 steps, in value and gradient", () => {
    const n = 100_000;
    const f = (x: Tensor) => forLoop(0, n, (_, s: Tensor) => s.mul(0.9999).add(x), tensor(0, float64));
    const g = compile((x: Tensor) => [f(x), grad(f)(x)] as const);
    const [value, slope] = g(tensor(2, float64)).map((one) => one.item() as number);
    const exact = (1 - 0.9999 ** n) / (1 - 0.9999);
    expect(value / (2 * exact)).toBeCloseTo(1, 9);
    expect(slope / exact).toBeCloseTo(1, 9);
  });

  test("a graph of the same size, however many steps there are", () => {
    const built = (length: number): number => {
      const before = tensor(0);
      grad((x: Tensor) => scan((c: Tensor) => [c.sin().mul(x), c], x, null, { length })[0])(tensor(1));
      return tensor(0).node.id - before.node.id;
    };
    expect(built(100_000)).toBe(built(10));
  });

  test("a while that never runs, and one that stops at maxSteps", () => {
    const f = (x: Tensor, maxSteps: number) =>
      whileLoop(
        (s: Tensor) => s.less(10),
        (s: Tensor) => s.mul(2),
        x,
        { maxSteps },
      );
    expect(f(tensor(20), 5).item()).toBe(20);
    expect(f(tensor(1), 3).item()).toBe(8);
    expect(f(tensor(1), 0).item()).toBe(1);
    expect(grad((x: Tensor) => f(x, 5))(tensor(20)).item()).toBe(1);
    expect(grad((x: Tensor) => f(x, 3))(tensor(1)).item()).toBe(8);
    expect(grad((x: Tensor) => f(x, 30))(tensor(1)).item()).toBe(16);
    expect(forLoop(5, 2, (_, s: Tensor) => s.add(1), tensor(1)).item()).toBe(1);
  });

  test("pieces that divide the length, and that do not, forth and back", () => {
    const xs = tensor([0.3, -0.2, 0.5, 0.7, -0.4, 0.1, 0.9], float64);
    for (const reverse of [false, true]) {
      const f = (every?: number) => (c: Tensor) => {
        const [last, ys] = scan((s: Tensor, x: Tensor) => [s.sin().add(x), s.mul(x)], c, xs, {
          reverse,
          checkpointEvery: every,
        });
        return [
          last,
          ys,
          grad((z: Tensor) =>
            scan((s: Tensor, x: Tensor) => [s.sin().mul(x), s], z, xs, {
              reverse,
              checkpointEvery: every,
            })[1].sum(),
          )(c),
        ];
      };
      const plain = f()(tensor(0.6, float64)).map(values);
      for (const every of [1, 2, 3, 7, 20]) expect(f(every)(tensor(0.6, float64)).map(values)).toEqual(plain);
    }
  });

  test("lanes of different numbers of steps, none and no lanes", () => {
    const counts = (n: Tensor) => forLoop(0, n, (i, s: Tensor) => s.add(i), tensor(0), { maxSteps: 9 });
    expect(values(vmap(counts)(int(0, 4, 2)))).toEqual([0, 6, 1]);
    expect(vmap(counts)(zeros([0], { dtype: "int32" })).shape).toEqual([0]);
    const doubled = (x: Tensor) =>
      whileLoop(
        (s: Tensor) => s.less(10),
        (s: Tensor) => s.mul(2),
        x,
        { maxSteps: 9 },
      );
    expect(values(vmap(doubled)(tensor([1, 20, 3])))).toEqual([16, 20, 12]);
    expect(vmap(doubled)(zeros([0])).shape).toEqual([0]);
    expect(values(grad((x: Tensor) => vmap(doubled)(x).sum())(tensor([1, 20, 3])))).toEqual([16, 1, 4]);
    expect(grad((x: Tensor) => vmap(doubled)(x).sum())(zeros([0])).shape).toEqual([0]);
  });

  test("lanes that are done do not become NaN by going on", () => {
    // Lane 1 stops at once; another step of it would divide by 0.
    const f = (x: Tensor) =>
      whileLoop(
        (s: Tensor) => s.less(3),
        (s: Tensor) => s.add(tensor(5).sub(s).reciprocal()),
        x,
        { maxSteps: 40 },
      );
    const all = tensor([0.5, 5]);
    expect(values(vmap(f)(all))[1]).toBe(5);
    const slopes = values(grad((x: Tensor) => vmap(f)(x).sum())(all));
    expect(slopes[1]).toBe(1);
    expect(Number.isFinite(slopes[0])).toBe(true);
  });
});
