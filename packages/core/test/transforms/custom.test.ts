import { afterEach, describe, expect, test } from "vitest";
import {
  compile,
  customJvp,
  customVjp,
  GradientError,
  grad,
  gradients,
  hessian,
  jacobian,
  jvp,
  matmul,
  printGraph,
  random,
  StateError,
  setDebugMode,
  stack,
  stopGradient,
  type Tensor,
  TraceError,
  tensor,
  variable,
  vjp,
  vmap,
  where,
} from "../../src/index.ts";

const float64 = { dtype: "float64" } as const;
const x = tensor([1, 2, 3], float64);
const ones = tensor([1, 1, 1], float64);

/** The identity with a gradient that is doubled: what comes of a rule cannot come of anything else. */
const doubled = customVjp((z: Tensor) => z.mul(1), {
  forward: (z) => [z.mul(1), null],
  backward: (_, ct) => [ct.mul(2)],
});
const doubledForward = customJvp((z: Tensor) => z.mul(1), { jvp: ([z], [t]) => [z.mul(1), t.mul(2)] });

afterEach(() => setDebugMode(false));

describe.each([
  ["customVjp", doubled],
  ["customJvp", doubledForward],
])("%s", (_, f) => {
  test("gives the rule's derivative in both modes, and in all that is made of them", () => {
    expect(f(x).arraySync()).toEqual([1, 2, 3]);
    expect(grad((z: Tensor) => f(z).sum())(x).arraySync()).toEqual([2, 2, 2]);
    expect(grad((z: Tensor) => f(f(z)).sum())(x).arraySync()).toEqual([4, 4, 4]);
    expect(jvp(f, [x], [ones])[1].arraySync()).toEqual([2, 2, 2]);
    expect(vjp(f, x)[1](ones)[0].arraySync()).toEqual([2, 2, 2]);
    expect(jacobian(f)(x).sum().item()).toBe(6);
    // f(z)^2: the rule is applied where the gradient, which is made of f(z), is differentiated again.
    expect(
      hessian((z: Tensor) => f(z).mul(f(z)).sum())(x)
        .sum()
        .item(),
    ).toBe(24);
  });

  test("survives vmap outside and inside, nested, over arguments that are and are not mapped", () => {
    const xs = stack([x, x.mul(2)]);
    expect(vmap(grad((z: Tensor) => f(z).sum()))(xs).arraySync()).toEqual([[2, 2, 2], [2, 2, 2]]); // biome-ignore format: a matrix
    expect(grad((z: Tensor) => vmap(f)(z).sum())(xs).arraySync()).toEqual([[2, 2, 2], [2, 2, 2]]); // biome-ignore format: a matrix
    expect(
      grad((z: Tensor) => vmap(vmap(f))(z).sum())(xs)
        .sum()
        .item(),
    ).toBe(12);
    expect(jvp(vmap(vmap(f)), [xs], [xs])[1].arraySync()).toEqual(xs.mul(2).arraySync());
    const shared = (z: Tensor) => vmap((row: Tensor) => row.mul(f(z)))(xs).sum();
    expect(grad(shared)(x).arraySync()).toEqual(xs.sum(0).mul(2).arraySync());
  });

  test("survives compile, whatever is asked for", () => {
    const w = variable(x, { name: "w" });
    const step = compile((z: Tensor) => {
      const y = f(w.mul(z)).sum();
      w.assign(w.sub(gradients(y, [w])[0].mul(0.5)));
      return y;
    });
    expect(step(ones).item()).toBe(6);
    expect(step(ones).item()).toBe(3);
    expect(compile(grad((z: Tensor) => f(z).sum()))(x).arraySync()).toEqual([2, 2, 2]);
    expect(grad(compile((z: Tensor) => f(z).sum()))(x).arraySync()).toEqual([2, 2, 2]);
  });

  test("shows its value in formulas and graphs", () => {
    expect(printGraph(f(x))).toMatch(/customResult\(%\d+, %\d+\)/);
  });
});

describe("trees and other arguments", () => {
  interface Layer {
    readonly kernel: Tensor;
    readonly bias: readonly Tensor[];
  }
  const layer = (p: Layer, v: Tensor, scale: number, name: string) => ({
    y: matmul(v, p.kernel).add(p.bias[0]).mul(scale),
    [name]: v,
  });
  const rule = customVjp(layer, {
    forward: (p, v, scale, name) => [layer(p, v, scale, name), { p, v, scale, name }],
    backward: ({ p, v, scale, name }, ct) => [
      {
        kernel: matmul(v.transpose(), ct.y).mul(scale * 10),
        bias: [ct.y.sum(0).mul(scale * 10)],
      },
      matmul(ct.y, p.kernel.transpose())
        .mul(scale * 10)
        .add(ct[name]),
      null,
      null,
    ],
  });
  const params = { kernel: tensor([[1, 2], [3, 4]], float64), bias: [tensor([0.5, 1], float64)] }; // biome-ignore format: a matrix
  const v = tensor([[1, -1], [2, 0.5], [0, 3]], float64); // biome-ignore format: a matrix

  test("trees work as arguments, results and residuals", () => {
    const loss = (f: typeof layer) => (p: Layer, input: Tensor) => {
      const out = f(p, input, 3, "passed");
      return out.y.mul(out.y).sum().add(out.passed.sum());
    };
    const own = grad(loss(rule))(params, v) as Layer;
    const plain = grad(loss(layer))(params, v) as Layer;
    expect(own.kernel.arraySync()).toEqual(plain.kernel.mul(10).arraySync());
    expect(own.bias[0].arraySync()).toEqual(plain.bias[0].mul(10).arraySync());
  });

  test("integers, numbers and functions pass through", () => {
    const pick = customVjp(
      (z: Tensor, mask: Tensor, by: number, then: (y: Tensor) => Tensor) =>
        then(where(mask.greater(0), z.mul(by), 0)),
      {
        forward: (z, mask, by, then) => [then(where(mask.greater(0), z.mul(by), 0)), { mask, by }],
        backward: ({ mask, by }, ct) => [where(mask.greater(0), ct.mul(by), 0), null, null, null],
      },
    );
    const mask = tensor(Int32Array.of(1, 0, 1));
    const f = (z: Tensor) => pick(z, mask, 4, (y) => y.mul(1)).sum();
    expect(grad(f)(x).arraySync()).toEqual([4, 0, 4]);
    const masks = tensor(Int32Array.of(1, 0, 1, 0, 0, 1), { shape: [2, 3] });
    const each = vmap(
      grad((z: Tensor, m: Tensor) => pick(z, m, 4, (y) => y).sum()),
      { inAxes: [null, 0] },
    );
    expect(each(x, masks).arraySync()).toEqual([[4, 0, 4], [0, 0, 4]]); // biome-ignore format: a matrix
    const byNumber = compile((z: Tensor, by: number) =>
      grad((q: Tensor) => pick(q, mask, by, (y) => y).sum())(z),
    );
    expect(byNumber(x, 5).arraySync()).toEqual([5, 0, 5]);
    expect(byNumber(x, 6).arraySync()).toEqual([6, 0, 6]);
  });

  test("integer results have no cotangent, unused results zeros", () => {
    const seen: unknown[] = [];
    const f = customVjp((z: Tensor) => [z.mul(2), z.argmax(), z.mul(3)], {
      forward: (z) => [[z.mul(2), z.argmax(), z.mul(3)], null],
      backward: (_, cts) => {
        seen.push(cts[1]);
        return [(cts[0] as Tensor).mul(2).add((cts[2] as Tensor).mul(3))];
      },
    });
    expect(grad((z: Tensor) => f(z)[2].sum())(x).arraySync()).toEqual([9 / 3, 3, 3]);
    expect(seen).toEqual([null]);
    expect(f(x)[1].item()).toBe(2);
  });

  test("backward runs once for all results together", () => {
    let calls = 0;
    const f = customVjp((z: Tensor) => [z.mul(2), z.mul(3)], {
      forward: (z) => [[z.mul(2), z.mul(3)], null],
      backward: (_, [a, b]) => {
        calls++;
        return [a.mul(2).add(b.mul(3))];
      },
    });
    expect(grad((z: Tensor) => { const [a, b] = f(z); return a.mul(b).sum(); })(x).arraySync()).toEqual([12, 24, 36]); // biome-ignore format: a line
    expect(calls).toBe(1);
  });

  test("the same tensor passed twice, and an argument that is returned as it is", () => {
    const f = customVjp((a: Tensor, b: Tensor) => [a, a.mul(b)], {
      forward: (a, b) => [[a, a.mul(b)], { a, b }],
      backward: ({ a, b }, [first, second]) => [first.add(second.mul(b)), second.mul(a)],
    });
    expect(grad((z: Tensor) => f(z, z)[1].sum())(x).arraySync()).toEqual([2, 4, 6]);
    expect(grad((z: Tensor) => f(z, z)[0].sum())(x).arraySync()).toEqual([1, 1, 1]);
  });

  test("draws are those of the value, in the gradient too", () => {
    const dropout = customVjp((z: Tensor) => z.mul(random.uniform([3], float64)), {
      forward: (z) => {
        const mask = random.uniform([3], float64);
        return [z.mul(mask), mask];
      },
      backward: (mask, ct) => [ct.mul(mask)],
    });
    const y = dropout(x);
    const g = gradients(y.sum(), [x])[0];
    expect(g.mul(x).arraySync()).toEqual(y.arraySync());
  });
});

describe("what a function captured", () => {
  const w = variable(tensor(2, float64), { name: "gain" });
  const captures = customVjp(
    function amplify(z: Tensor) {
      return z.mul(w);
    },
    { forward: (z) => [z.mul(w), null], backward: (_, ct) => [ct.mul(w)] },
  );
  const capturesForward = customJvp((z: Tensor) => z.mul(w), { jvp: ([z], [t]) => [z.mul(w), t.mul(w)] });

  test("is a constant as long as nobody asks for a derivative by it", () => {
    expect(gradients(captures(x).sum(), [x])[0].arraySync()).toEqual([2, 2, 2]);
    expect(gradients(capturesForward(x).sum(), [x])[0].arraySync()).toEqual([2, 2, 2]);
  });

  test("is an error that names it where somebody does", () => {
    expect(() => gradients(captures(x).sum(), [w])).toThrow(
      /customVjp: .*variable gain, which amplify uses .*Pass it as an argument/,
    );
    expect(() => gradients(capturesForward(x).sum(), [w, x])).toThrow(/customJvp: .*variable gain/);
    const nested = (z: Tensor) => {
      const inner = customVjp((y: Tensor) => y.mul(z), {
        forward: (y) => [y.mul(z), null],
        backward: (_, ct) => [ct],
      });
      return inner(x).sum();
    };
    expect(() => grad(nested)(x)).toThrow(/a float64 tensor of shape \[3\]/);
    expect(() => jvp(nested, [x], [x])).toThrow(GradientError);
    expect(() => jacobian(vmap(nested))(stack([x, x]))).toThrow(GradientError);
  });

  test("may be mapped, or marked as a constant", () => {
    const f = (z: Tensor, s: Tensor) =>
      customVjp((y: Tensor) => y.mul(s), {
        forward: (y) => [y.mul(s), { s }],
        backward: (r, ct) => [ct.mul(r.s)],
      })(z);
    const scales = tensor([1, 2], float64);
    const mapped = grad((z: Tensor) => vmap(f, { inAxes: [null, 0] })(z, scales).sum())(x);
    expect(mapped.arraySync()).toEqual([3, 3, 3]);
    const constant = customVjp((z: Tensor) => z.mul(stopGradient(w)), {
      forward: (z) => [z.mul(stopGradient(w)), null],
      backward: (_, ct) => [ct.mul(stopGradient(w))],
    });
    expect(gradients(constant(x).sum(), [w])[0].item()).toBe(0);
  });

  test("in a mapped call reaches backward as a residual only", () => {
    const f = (s: Tensor) =>
      customVjp((y: Tensor) => y.mul(s), {
        forward: (y) => [y.mul(s), null],
        backward: (_, ct) => [ct.mul(s)],
      })(s.mul(0).add(1));
    expect(() => grad((z: Tensor) => vmap(f)(stopGradient(z).add(z.mul(0))).sum())(x)).toThrow(/customVjp/);
    const g = (z: Tensor, s: Tensor) =>
      customVjp((y: Tensor) => y.mul(s), {
        forward: (y) => [y.mul(s), null],
        backward: (_, ct) => [ct.mul(s)],
      })(z);
    const leaking = (z: Tensor) => vmap(g, { inAxes: [null, 0] })(z, tensor([1, 2], float64)).sum();
    expect(() => grad(leaking)(x)).toThrow(TraceError);
    expect(() => grad(leaking)(x)).toThrow(/in the residuals/);
  });
});

describe("mistakes in rules", () => {
  const with_ = (backward: (residuals: unknown, ct: Tensor) => unknown) =>
    customVjp(
      function named(z: Tensor, _: Tensor) {
        return z.mul(1);
      },
      { forward: (z) => [z.mul(1), null], backward: backward as never },
    );
  const run = (backward: (residuals: unknown, ct: Tensor) => unknown) => () =>
    grad((z: Tensor) => with_(backward)(z, tensor(Int32Array.of(1))).sum())(x);

  test("in what backward returns", () => {
    expect(run((_, ct) => ct)).toThrow(/the rule of named: backward returned an object of class Tensor/);
    expect(run((_, ct) => [ct])).toThrow(/returned 1 cotangents for 2 arguments/);
    expect(run((_, ct) => [ct.sum(), null])).toThrow(
      /float64\[\] for argument 0, which is float64\[3\].*sum over/,
    );
    expect(run((_, ct) => [ct.cast("float32"), null])).toThrow(/float32\[3\] for argument 0/);
    expect(run((_, ct) => [ct, ct])).toThrow(/argument 1, a int32 tensor/);
    expect(run((_, ct) => ["x", null, ct].slice(0, 2))).toThrow(/string "x" for argument 0/);
    expect(run(async (_, ct) => [ct, null])).toThrow(/Promise/);
    const tree = customVjp((t: { a: Tensor; b: readonly Tensor[] }) => t.a, {
      forward: (t) => [t.a, null],
      backward: (_, ct) => [{ a: ct, c: ct } as never],
    });
    expect(() => grad((a: Tensor) => tree({ a, b: [] }).sum())(x)).toThrow(
      /returned c, which argument 0 does not have/,
    );
  });

  test("in what forward returns, and in what is given", () => {
    const bad = customVjp((z: Tensor) => z, {
      forward: ((z: Tensor) => z) as never,
      backward: (_, ct) => [ct as Tensor],
    });
    expect(() => bad(x)).toThrow(/forward returned .* Return \[value, residuals\]/);
    expect(() => customVjp((z: Tensor) => z, {} as never)).toThrow(/customVjp\(f, \{ forward, backward \}\)/);
    expect(() => customJvp((z: Tensor) => z, undefined as never)).toThrow(/customJvp\(f, \{ jvp \}\)/);
    expect(() => customJvp(async (z: Tensor) => z, { jvp: ([z], [t]) => [z as never, t] })(x)).toThrow(
      /Promise/,
    );
  });

  test("a forward that is not like the function is found in debug mode", () => {
    const f = customVjp((z: Tensor) => z.sum(), {
      forward: (z) => [z.mul(2), null],
      backward: (_, ct) => [ct],
    });
    expect(f(x).shape).toEqual([3]);
    setDebugMode(true);
    expect(() => f(x)).toThrow(/forward gives \* of float64\[3\], the function \* of float64\[\]/);
  });

  test("in what jvp returns", () => {
    const of = (jvpRule: (p: readonly [Tensor], t: readonly [Tensor]) => unknown) => () =>
      jvp(
        customJvp((z: Tensor) => z.mul(1), { jvp: jvpRule as never }),
        [x],
        [x],
      );
    expect(of(([z]) => z)).toThrow(/Return \[value, tangent\]/);
    expect(of(([z], [t]) => [z, t.sum()])).toThrow(/tangent of float64\[\] for a value of float64\[3\]/);
    expect(of(([z], [t]) => [z, [t]])).toThrow(/structure of the value/);
    expect(of(([z], [t]) => [z.sum(), t])).toThrow(/not like that of the function/);
  });

  test("rules that are not linear are not transposed", () => {
    const clipped = customVjp((z: Tensor) => z.mul(1), {
      forward: (z) => [z.mul(1), null],
      backward: (_, ct) => [ct.clip(-1, 1)],
    });
    expect(grad((z: Tensor) => clipped(z).mul(5).sum())(x).arraySync()).toEqual([1, 1, 1]);
    expect(() => jvp(clipped, [x], [x])).toThrow(/not linear in its cotangent.*customJvp for forward mode/);
    const squared = customJvp((z: Tensor) => z.mul(1), { jvp: ([z], [t]) => [z, t.mul(t)] });
    expect(() => grad((z: Tensor) => squared(z).sum())(x)).toThrow(/not linear in its tangents.*customVjp/);
  });

  test("variables are not assigned in rules", () => {
    const w = variable(tensor(1, float64), { name: "counter" });
    const counting = (place: "forward" | "backward") =>
      customVjp((z: Tensor) => z, {
        forward: (z) => {
          if (place === "forward") w.assign(w.add(1));
          return [z.mul(1), null];
        },
        backward: (_, ct) => {
          w.assign(w.add(1));
          return [ct];
        },
      });
    expect(() => counting("forward")(x)).toThrow(StateError);
    expect(() => grad((z: Tensor) => counting("backward")(z).sum())(x)).toThrow(
      /counter is assigned inside customVjp/,
    );
    const forward = customJvp((z: Tensor) => { w.assign(0); return z; }, { jvp: ([z], [t]) => [z, t] }); // biome-ignore format: a line
    expect(() => forward(x)).toThrow(/assigned inside customJvp/);
    expect(w.item()).toBe(1);
  });

  test("a value of the function's own that was carried out of it has no derivative", () => {
    let inner: Tensor | null = null;
    const f = customVjp((z: Tensor) => z.mul(2), {
      forward: (z) => {
        inner = z.mul(2);
        return [inner.mul(1), null];
      },
      backward: (_, ct) => [ct],
    });
    const y = f(x).sum();
    expect(() => gradients(y, [inner as unknown as Tensor])).toThrow(GradientError);
  });
});

test("derivatives of values that were computed before, and of deep chains", () => {
  let y = x;
  for (let i = 0; i < 3000; i++) y = doubled(y).mul(0.5);
  expect(gradients(y.sum(), [x])[0].arraySync()).toEqual([1, 1, 1]);
  const z = doubled(x).sum();
  z.item();
  expect(gradients(z, [x])[0].arraySync()).toEqual([2, 2, 2]);
});
