import { afterEach, describe, expect, test } from "vitest";
import {
  compile,
  cond,
  derivative,
  evaluate,
  forLoop,
  grad,
  gradients,
  hessian,
  isTensor,
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

/** Equal but for rounding in another order. */
function expectNear(x: Tensor | readonly number[], y: Tensor | readonly number[]): void {
  const [a, b] = [x, y].map((one) => (isTensor(one) ? values(one) : [...one]));
  expect(a).toHaveLength(b.length);
  for (const [i, v] of a.entries()) expect(v).toBeCloseTo(b[i], 12);
}

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
    expectNear(grad(f)(x), grad(g)(x));
    expectNear(hessian(f)(x), hessian(g)(x));
    const products = (z: Tensor) => stack([z.slice([0], [1]).mul(z), z.slice([1], [2]).mul(z)]);
    expectNear(jacobian((z: Tensor) => map((e: Tensor) => e.mul(z), z))(x), jacobian(products)(x));
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
  expectNear(losses, expected);
  expectNear(w.value, now);
  expect(values(train())[0]).not.toBe(losses[0]);
});

test("a loop in a loop, forwards and then backwards", () => {
  const xs = tensor([0.4, -0.3, 0.8], float64);
  const f = (b: Tensor) =>
    forLoop(
      0,
      3,
      (_, t: Tensor) => {
        const [, ys] = scan((c: Tensor, e: Tensor) => [c.add(e).mul(0.6).sin(), c.mul(e)], b, xs.mul(t));
        return t.mul(0.8).add(ys.sum().mul(0.4)).sin();
      },
      tensor(0.5, float64),
    );
  const [at, one] = [tensor(0.7, float64), tensor(1, float64)];
  const along = (b: Tensor) => jvp(f, [b], [one])[1];
  expectNear(grad(along)(at), grad(grad(f))(at));
});

test("results that are asked for after others of the same loop", () => {
  const [last, ys] = scan((c: Tensor) => [c.mul(2), c.add(1)], tensor(1, float64), null, { length: 3 });
  expect(last.item()).toBe(8);
  expect(values(ys)).toEqual([2, 3, 5]);
  expect(last.add(ys.sum()).item()).toBe(18);
});
