import { describe, expect, expectTypeOf, test } from "vitest";
import {
  concat,
  GradientError,
  grad,
  gradients,
  hessian,
  hvp,
  jacobian,
  jvp,
  linearize,
  matmul,
  printGraph,
  stopGradient,
  type Tensor,
  tensor,
  variable,
  vjp,
  vmap,
} from "../../src/index.ts";

const float64 = { dtype: "float64" } as const;
const MODES = ["reverse", "forward", undefined] as const;
const x = tensor([[1, 2, 3], [4, 5, 6]], float64); // biome-ignore format: a matrix

describe.each(MODES)("jacobian, mode %s", (mode) => {
  test("has output axes, then input axes", () => {
    const j = jacobian((z: Tensor) => z.mul(z).sum(0), { mode })(x);
    expect(j.shape).toEqual([3, 2, 3]);
    expect(j.arraySync()).toEqual([0, 1, 2].map((i) => [[1, 2, 3], [4, 5, 6]].map((row) => row.map((v, k) => (k === i ? 2 * v : 0))))); // biome-ignore format: a table
    expect(jacobian((z: Tensor) => z.sum(), { mode })(x).shape).toEqual([2, 3]);
    expect(jacobian((z: Tensor) => z.mul(x), { mode })(2).arraySync()).toEqual(x.arraySync());
  });

  test("of trees by trees is a tree of trees", () => {
    const f = ({ w, b }: { w: Tensor; b: readonly [Tensor] }) => ({
      sum: w.sum().add(b[0].sum()),
      both: [w.mul(b[0])],
    });
    const argument = { w: tensor([1, 2], float64), b: [tensor([3, 4], float64)] as const };
    const j = jacobian(f, { mode })(argument);
    expectTypeOf(j.both[0].b[0]).toEqualTypeOf<Tensor>();
    expect(j.sum.w.arraySync()).toEqual([1, 1]);
    expect(j.sum.b[0].arraySync()).toEqual([1, 1]);
    expect(j.both[0].w.arraySync()).toEqual([[3, 0], [0, 4]]); // biome-ignore format: a matrix
    expect(j.both[0].b[0].arraySync()).toEqual([[1, 0], [0, 2]]); // biome-ignore format: a matrix
  });

  test("by several arguments, and with more than the value", () => {
    const f = (a: Tensor, n: number, b: Tensor): [Tensor, string] => [a.mul(n).mul(b), "rest"];
    const j = jacobian(f, { argnums: [2, 0], hasAux: true, mode });
    const [blocks, rest] = j(tensor([1, 2]), 3, tensor([4, 5])) as unknown as [Tensor[], string];
    expect(rest).toBe("rest");
    expect(blocks.map((block) => block.arraySync())).toEqual([[[3, 0], [0, 6]], [[12, 0], [0, 15]]]); // biome-ignore format: matrices
  });

  test("is zero by what is not used, in the shapes of both", () => {
    const j = jacobian((a: Tensor, _: Tensor) => a.sum(0), { argnums: 1, mode })(x, tensor([1, 2], float64));
    expect(j.shape).toEqual([3, 2]);
    expect(j.dtype).toBe("float64");
    expect(j.abs().sum().item()).toBe(0);
    expect(jacobian(() => tensor([1, 2]), { mode })(3).arraySync()).toEqual([0, 0]);
    expect(
      jacobian((z: Tensor) => stopGradient(z), { mode })(x)
        .abs()
        .sum()
        .item(),
    ).toBe(0);
  });

  test("of nothing", () => {
    expect(jacobian((z: Tensor) => z.mul(2), { mode })(tensor([], float64)).shape).toEqual([0, 0]);
    expect(jacobian((z: Tensor) => z.sum(), { mode })(tensor([], float64)).shape).toEqual([0]);
    expect(jacobian((_: Tensor) => ({}), { mode })(x)).toEqual({});
    expect(jacobian((_: readonly Tensor[]) => x.sum(), { mode })([])).toEqual([]);
  });

  test("of mixed dtypes has those of the arguments, as gradients have", () => {
    const j = jacobian((z: Tensor) => z.cast("float32").mul(2), { mode })(tensor([1, 2], float64));
    expect([j.dtype, j.arraySync()]).toEqual(["float64", [[2, 0], [0, 2]]]); // biome-ignore format: a matrix
  });

  test("one tensor passed twice counts once for each argument", () => {
    const [first, second] = jacobian((a: Tensor, b: Tensor) => a.mul(a).mul(b), { argnums: [0, 1], mode })(
      2,
      2,
    );
    expect([first.item(), second.item()]).toEqual([8, 4]);
    const same = tensor(2, float64);
    expect(jacobian((a: Tensor, b: Tensor) => a.mul(a).mul(b), { mode })(same, same).item()).toBe(8);
  });

  test("a function that uses the variable instead of its argument is an error", () => {
    const w = variable(tensor([1, 2]), { name: "weights" });
    expect(() => jacobian((_: Tensor) => w.mul(2), { mode })(w)).toThrow(/variable weights itself/);
  });

  test("refuses what has no derivative", () => {
    const ints = tensor(Int32Array.of(1, 2));
    expect(() => jacobian((z: Tensor) => z.mul(2), { mode })(ints)).toThrow(GradientError);
    expect(() => jacobian((z: Tensor) => z.argmax(), { mode })(x)).toThrow(/int32 value has no derivative/);
    expect(() => jacobian((async (z: Tensor) => z) as never, { mode })(x)).toThrow(/Promise/);
    expect(() => jacobian((z: Tensor) => z, { argnums: 1, mode })(x)).toThrow(/argnums names argument 1/);
    expect(() => jacobian((z: Tensor) => z as never, { hasAux: true, mode })(x)).toThrow(/hasAux/);
  });
});

test("jacobian takes the mode with fewer directions, all in one pass", () => {
  const wide = (z: Tensor) => concat([z, z.exp(), z.sin()]);
  const count = (f: (z: Tensor) => Tensor) => printGraph(jacobian(f)(x.reshape([6]))).split("\n").length;
  const small = jacobian(wide)(tensor([1, 2], float64));
  expect(printGraph(small)).toBe(printGraph(jacobian(wide, { mode: "forward" })(tensor([1, 2], float64))));
  const tall = (z: Tensor) => z.reshape([3, 2]).sum(0).sin();
  expect(printGraph(jacobian(tall)(x))).toBe(printGraph(jacobian(tall, { mode: "reverse" })(x)));
  expect(count(wide)).toBeLessThan(60);
  expect(() => jacobian(wide, { mode: "sideways" as never })(x)).toThrow(/no mode/);
});

describe("hessian", () => {
  test("of a tree is a tree of trees of mixed derivatives", () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => a.mul(a).sum().mul(b);
    const h = hessian(f)({ a: tensor([1, 2], float64), b: tensor(3, float64) });
    expectTypeOf(h.a.b).toEqualTypeOf<Tensor>();
    expect(h.a.a.arraySync()).toEqual([[6, 0], [0, 6]]); // biome-ignore format: a matrix
    expect(h.a.b.arraySync()).toEqual([2, 4]);
    expect(h.b.a.arraySync()).toEqual([2, 4]);
    expect(h.b.b.item()).toBe(0);
  });

  test("by several arguments, of any rank, with more than the value", () => {
    const f = (a: Tensor, b: Tensor): [Tensor, number] => [a.mul(a).mul(b).sum(), 7];
    const [h, rest] = hessian(f, { argnums: [0, 1], hasAux: true })(x, x) as unknown as [Tensor[][], number];
    expect(rest).toBe(7);
    expect(h.map((row) => row.map(({ shape }) => shape))).toEqual([
      [[2, 3, 2, 3], [2, 3, 2, 3]],
      [[2, 3, 2, 3], [2, 3, 2, 3]],
    ]); // biome-ignore format: a table
    expect(h[1][1].abs().sum().item()).toBe(0);
    expect(h[0][1].sum().item()).toBe(2 * 21);
  });

  test("refuses what is no scalar, by its own name", () => {
    expect(() => hessian((z: Tensor) => z)(x)).toThrow(/^hessian: .*needs a scalar/);
    expect(() => hessian((z: Tensor) => z.sum())(tensor(Int32Array.of(1)))).toThrow(/^hessian: /);
  });
});

describe("hvp", () => {
  const f = (a: Tensor, b: Tensor) => a.mul(a).mul(b).sum();

  test("is shaped like the argument, or has one entry for each of several", () => {
    const [a, b] = [tensor([1, 2], float64), tensor([3, 4], float64)];
    const single = hvp((z: Tensor) => z.mul(z).mul(z).sum(), [a], [b]);
    expectTypeOf(single).toEqualTypeOf<Tensor>();
    expect(single.arraySync()).toEqual([18, 48]);
    const tree = hvp((t: { z: Tensor }) => t.z.mul(t.z).mul(t.z).sum(), [{ z: a }], [{ z: b }]);
    expect(tree.z.arraySync()).toEqual([18, 48]);
    const [first, second] = hvp(f, [a, b], [b, a]);
    expect(first.arraySync()).toEqual([2 * 3 * 3 + 2 * 1 * 1, 2 * 4 * 4 + 2 * 2 * 2]);
    expect(second.arraySync()).toEqual([2 * 3, 2 * 2 * 4]);
  });

  test("is zero where f is linear, and refuses vectors that are not like the argument", () => {
    expect(
      hvp((z: Tensor) => z.sum(), [x], [x])
        .abs()
        .sum()
        .item(),
    ).toBe(0);
    expect(() => hvp((z: Tensor) => z.sum(), [x], [tensor([1])])).toThrow(/shape \[1\].* \[2, 3\]/);
    expect(() => hvp((z: Tensor) => z.sum(), x as never, x as never)).toThrow(/one entry for each argument/);
    expect(() => hvp(f, [x, x], [x] as never)).toThrow(/structure of primals/);
  });
});

describe("products", () => {
  test("linearize runs f once for any number of directions", () => {
    let calls = 0;
    const f = (z: Tensor) => {
      calls++;
      return { y: z.mul(z), n: z.sum() };
    };
    const [value, along] = linearize(f, x);
    expect(value.n.item()).toBe(21);
    expect(along(x).y.arraySync()).toEqual(x.mul(x).mul(2).arraySync());
    expect(along(x.mul(2)).n.item()).toBe(42);
    expect(calls).toBe(1);
    expect(() => along(tensor([1]))).toThrow(/linearize/);
  });

  test("a closure over the argument's variable is an error in all of them", () => {
    const w = variable(tensor([1, 2]), { name: "weights" });
    const f = (_: Tensor) => w.mul(w);
    expect(() => vjp(f, w)[1](tensor([1, 1]))).toThrow(/variable weights itself/);
    expect(() => jvp(f, [w], [tensor([1, 1])])).toThrow(/variable weights itself/);
    expect(() => hvp((z: Tensor) => f(z).sum(), [w], [tensor([1, 1])])).toThrow(/variable weights itself/);
  });
});

describe("vmap's axes", () => {
  const batch = tensor([[1, 2, 3], [4, 5, 6]], float64); // biome-ignore format: a matrix

  test("are trees, count from the end, and are null for what is shared", () => {
    const f = ({ a, b }: { a: Tensor; b: readonly [Tensor, Tensor] }, c: Tensor) => ({
      sum: a.mul(b[0]).add(b[1]).mul(c),
      plain: c.mul(2),
    });
    const mapped = vmap(f, {
      inAxes: [{ a: -1, b: [0, null] }, null],
      outAxes: { sum: -1, plain: null },
    });
    const argument = { a: batch, b: [tensor([1, 2, 3], float64), tensor([10, 20], float64)] } as const;
    const { sum, plain } = mapped(argument, 2);
    expect(sum.arraySync()).toEqual([[22, 28, 38], [48, 60, 76]]); // biome-ignore format: a matrix
    expect(plain.item()).toBe(4);
  });

  test("name only what is there", () => {
    const f = ({ a }: { a: Tensor }) => a;
    expect(() => vmap(f, { inAxes: [{ b: 0 }] as never })({ a: batch })).toThrow(/field b/);
    expect(() => vmap(f, { inAxes: { a: 0 } as never })({ a: batch })).toThrow(
      /an array with an entry for each/,
    );
    expect(() => vmap((z: Tensor) => z, { inAxes: [0, 0] })(batch)).toThrow(/2 entries for 1 values/);
    expect(() => vmap((z: Tensor) => z, { inAxes: -3 })(batch)).toThrow(/axis/);
  });

  test("map derivatives by trees", () => {
    const loss = ({ w }: { w: Tensor }, z: Tensor) => matmul(w, z).sum();
    const each = vmap(grad(loss), { inAxes: [null, 0] })({ w: tensor([1, 1, 1], float64) }, batch);
    expect(each.w.arraySync()).toEqual(batch.arraySync());
  });
});

test("a variable behind stopGradient is a constant, not an older version or a mistake", () => {
  const w = variable(tensor([1, 2]), { name: "weights" });
  expect(gradients(w.mul(0).add(stopGradient(w)).sum(), [w])[0].arraySync()).toEqual([0, 0]);
  expect(gradients(stopGradient(w).mul(x.sum()).sum(), [w])[0].arraySync()).toEqual([0, 0]);
  expect(grad((_: Tensor) => stopGradient(w).sum())(w).arraySync()).toEqual([0, 0]);
  const before = w.mul(2).sum();
  w.assign([3, 4]);
  expect(() => gradients(before, [w])).toThrow(/older version of variable weights/);
});
