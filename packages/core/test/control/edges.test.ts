import { afterEach, describe, expect, test } from "vitest";
import {
  arange,
  associativeScan,
  compile,
  cond,
  derivative,
  evaluate,
  forLoop,
  grad,
  gradients,
  hessian,
  jacobian,
  jvp,
  map,
  ones,
  random,
  scan,
  scatterAdd,
  setDebugMode,
  simplify,
  stack,
  substitute,
  switchCase,
  symbol,
  type Tensor,
  take,
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

describe("what bodies use from outside", () => {
  test("variables: their derivatives, and the values that they have", () => {
    const w = variable(tensor(2, float64), { name: "w" });
    const y = scan((c: Tensor) => [c.mul(w), null], tensor(3, float64), null, { length: 3 })[0];
    expect(gradients(y, [w])[0].item()).toBe(3 * 3 * 4);
    w.assign(5);
    expect(y.item()).toBe(24);
  });

  test("a value that several bodies share, and one that is made in a branch alone", () => {
    const f = (x: Tensor) => {
      const shared = x.sin();
      const a = cond(
        x.sum().greater(0),
        () => shared.mul(2),
        () => shared.exp(),
      );
      const b = map((e: Tensor) => e.mul(shared.sum()), shared);
      return a.add(b).sum();
    };
    const x = tensor([0.5, 0.25], float64);
    const g = (z: Tensor) => z.sin().mul(2).add(z.sin().mul(z.sin().sum())).sum();
    expect(f(x).item()).toBeCloseTo(g(x).item() as number, 12);
    values(grad(f)(x)).forEach((v, i) => expect(v).toBeCloseTo(values(grad(g)(x))[i], 12));
    values(hessian(f)(x)).forEach((v, i) => expect(v).toBeCloseTo(values(hessian(g)(x))[i], 12));
    values(jacobian((z: Tensor) => map((e: Tensor) => e.mul(z), z))(x)).forEach((v, i) =>
      expect(v).toBeCloseTo(
        values(jacobian((z: Tensor) => stack([z.slice([0], [1]).mul(z), z.slice([1], [2]).mul(z)]))(x))[i],
        12,
      ),
    );
  });

  test("symbols: derivatives, values, replacement and text", () => {
    const a = symbol("a", { shape: [], dtype: "float64" });
    const f = forLoop(0, 3, (_, s: Tensor) => s.mul(a), a);
    expect(evaluate(f, { a: 2 }).item()).toBe(16);
    expect(evaluate(derivative(f, a), { a: 2 }).item()).toBe(4 * 8);
    expect(evaluate(simplify(derivative(f, a)), { a: 2 }).item()).toBe(4 * 8);
    const b = symbol("b", { shape: [], dtype: "float64" });
    expect(evaluate(substitute(f, [[a, b.mul(3)]] as never), { b: 1 }).item()).toBe(81);
    for (const text of [f.toString(), f.toLatex(), derivative(f, a).toString()])
      expect(text).toMatch(/forLoop|loop/);
    const g = cond(
      a.greater(1),
      () => a.sin(),
      () => a,
    );
    expect(evaluate(derivative(g, a), { a: 2 }).item()).toBeCloseTo(Math.cos(2), 12);
    expect(g.toString()).toMatch(/cond/);
  });
});

describe("random numbers", () => {
  const draws = () => scan(() => [null, random.uniform([2])], null, null, { length: 4 })[1];

  test("differ by step, and are the same again with the same seed", () => {
    const [first, again] = [1, 1].map((seed) => random.withSeed(seed, () => values(draws())));
    expect(new Set(first).size).toBe(8);
    expect(again).toEqual(first);
    expect(random.withSeed(2, () => values(draws()))).not.toEqual(first);
  });

  test("differ by step and lane; with a key they are the same", () => {
    const lanes = vmap((_: Tensor) => draws())(zeros([3]));
    expect(new Set(values(lanes)).size).toBe(24);
    const key = random.key(3);
    const same = scan(() => [null, random.uniform([], { key })], null, null, { length: 4 })[1];
    expect(new Set(values(same)).size).toBe(1);
    const keys = stack(random.split(key, 4));
    expect(new Set(values(map((k: Tensor) => random.uniform([], { key: k }), keys))).size).toBe(4);
  });

  test("differ from call to call of a compiled function, and by step of each loop", () => {
    const f = compile(() =>
      forLoop(0, 3, (_, s: Tensor) => s.mul(10).add(random.uniform([])), tensor(0, float64)),
    );
    expect(f().item()).not.toBe(f().item());
    const w = whileLoop(
      ([i]: [Tensor, Tensor]) => i.less(4),
      ([i, s]: [Tensor, Tensor]) => [
        i.add(1),
        s
          .add(i.equal(0).cast("float32").mul(random.uniform([])))
          .add(i.equal(1).cast("float32").mul(random.uniform([]).neg())),
      ],
      [tensor(0, { dtype: "int32" }), tensor(0)],
    );
    expect(w[1].item()).not.toBe(0);
  });

  test("the masks of a gradient are those of the value", () => {
    const f = (x: Tensor) =>
      scan((c: Tensor) => [c.mul(random.uniform([], { dtype: "float64" }).add(0.5)), null], x, null, {
        length: 5,
      })[0];
    const [value, slope] = random.withSeed(4, () => {
      const x = tensor(2, float64);
      const y = f(x);
      return [y.item() as number, gradients(y, [x])[0].item() as number];
    });
    expect(slope * 2).toBeCloseTo(value, 12);
  });
});

describe("mistakes in bodies", () => {
  afterEach(() => setDebugMode(false));
  const x = tensor([1, 2, 3]);

  test("reading a value", () => {
    for (const wrong of [
      () => map((e: Tensor) => e.mul(e.item() as number), x),
      () =>
        cond(
          true,
          (e: Tensor) => e.mul(e.sum().item() as number),
          (e: Tensor) => e,
          x,
        ),
      () => forLoop(0, 3, (i, s: Tensor) => s.add(i.item() as number), tensor(0)),
    ])
      expect(wrong).toThrow(/TraceError|where, cond or whileLoop/);
  });

  test("assigning a variable", () => {
    const v = variable(tensor(1));
    expect(() =>
      map((e: Tensor) => {
        v.assign(2);
        return e;
      }, x),
    ).toThrow(/assign/);
    expect(v.item()).toBe(1);
  });

  test("indices out of range", () => {
    const table = tensor([1, 2, 3]);
    const at = (i: Tensor) => take(table, i.reshape([1]), { axis: 0 }).sum();
    expect(() => values(map(at, int(0, 3, 1)))).toThrow(/index 3|out of range/);
    expect(() =>
      values(map((i: Tensor) => scatterAdd(table, i.reshape([1]), ones([1])), int(0, 7, 1))),
    ).toThrow(/index 7|out of range/);
    // In the branch that is not taken nothing is wrong.
    expect(
      cond(
        tensor(false),
        (i: Tensor) => at(i),
        () => tensor(0),
        tensor(9, { dtype: "int32" }),
      ).item(),
    ).toBe(0);
    expect(() =>
      cond(
        tensor(true),
        (i: Tensor) => at(i),
        () => tensor(0),
        tensor(9, { dtype: "int32" }),
      ).item(),
    ).toThrow(/index 9|out of range/);
    expect(values(map(at, int(0, 2, 1)))).toEqual([1, 3, 2]);
  });

  test("numbers that are not finite, in debug mode", () => {
    setDebugMode(true);
    expect(() =>
      values(scan((c: Tensor, e: Tensor) => [c.add(e.sub(2).log()), null], tensor(0), x)[0]),
    ).toThrow(/NaN|finite/);
    expect(scan((c: Tensor, e: Tensor) => [c.add(e), null], tensor(0), x)[0].item()).toBe(6);
  });
});

test("a loop of JavaScript reads values and is differentiated as well", () => {
  const f = (x: Tensor): Tensor => {
    let y = x;
    while ((y.item() as number) < 100) y = y.mul(x);
    return y;
  };
  expect(grad(f)(tensor(3, float64)).item()).toBe(5 * 81);
  expect(jvp(f, [tensor(3, float64)], [tensor(1, float64)])[1].item()).toBe(5 * 81);
});

test("an index out of range takes the nearest branch", () => {
  const f = (i: number | Tensor) =>
    switchCase(
      i,
      [(x: Tensor) => x.add(1), (x: Tensor) => x.mul(10), (x: Tensor) => x.neg()],
      tensor(4),
    ).item();
  expect([-5, 0, 1, 2, 9].map(f)).toEqual([5, 5, 40, -4, -4]);
  expect([-5, 0, 1, 2, 9].map((i) => f(tensor(i, { dtype: "int32" })))).toEqual([5, 5, 40, -4, -4]);
});

test("training is one scan over batches, whose results are assigned afterwards", () => {
  const w = variable(tensor([0, 0], float64));
  const xs = tensor(
    [
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 1],
        [1, -1],
      ],
      [
        [2, 0],
        [0, 1],
      ],
    ],
    float64,
  );
  const train = compile(() => {
    const [last, losses] = scan(
      (now: Tensor, x: Tensor) => {
        const loss = (v: Tensor) =>
          x
            .matmul(v)
            .sub(tensor([1, 2], float64))
            .square()
            .mean();
        return [now.sub(grad(loss)(now).mul(0.1)), loss(now)];
      },
      w,
      xs,
    );
    w.assign(last);
    return losses;
  });
  const losses = values(train());
  const expected: number[] = [];
  let now = tensor([0, 0], float64) as Tensor;
  for (let i = 0; i < 3; i++) {
    const x = xs.slice([i, 0, 0], [i + 1, 2, 2]).reshape([2, 2]);
    const loss = (v: Tensor) =>
      x
        .matmul(v)
        .sub(tensor([1, 2], float64))
        .square()
        .mean();
    expected.push(loss(now).item() as number);
    now = now.sub(grad(loss)(now).mul(0.1));
  }
  losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected[i], 12));
  values(w).forEach((v, i) => expect(v).toBeCloseTo(values(now)[i], 12));
  expect(values(train())[0]).not.toBe(losses[0]);
});
