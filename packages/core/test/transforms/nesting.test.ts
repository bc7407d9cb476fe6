import { describe, expect, test } from "vitest";
import {
  checkpoint,
  compile,
  customJvp,
  customVjp,
  grad,
  gradients,
  hessian,
  hvp,
  jacobian,
  jvp,
  linearize,
  matmul,
  ones,
  stack,
  type Tensor,
  tensor,
  variable,
  vjp,
  vmap,
} from "../../src/index.ts";

type Map1 = (x: Tensor) => Tensor;
const float64 = { dtype: "float64" } as const;
const scalar = (value: number): Tensor => tensor(value, float64);
const one = scalar(1);

/** sin(x) x^2, written in each of the ways that bring a rule of their own. */
const FUNCTIONS: Readonly<Record<string, Map1>> = {
  plain: (x) => x.sin().mul(x).mul(x),
  customVjp: customVjp((x: Tensor) => x.sin().mul(x).mul(x), {
    forward: (x) => [x.sin().mul(x).mul(x), { x }] as const,
    backward: ({ x }, ct) => [ct.mul(x.cos().mul(x).mul(x).add(x.sin().mul(x).mul(2)))],
  }),
  customJvp: customJvp((x: Tensor) => x.sin().mul(x).mul(x), {
    jvp: ([x], [t]) => [
      x.sin().mul(x).mul(x),
      x.cos().mul(t).mul(x).mul(x).add(x.sin().mul(x).mul(t).mul(2)),
    ],
  }),
  checkpoint: checkpoint((x: Tensor) => x.sin().mul(x).mul(x)),
};

/** All ways to the derivative of a function of one number. */
const DERIVATIVES: Readonly<Record<string, (f: Map1) => Map1>> = {
  grad: (f) => grad(f),
  gradients: (f) => (x) => {
    const own = x.mul(1);
    return gradients(f(own), [own])[0];
  },
  jvp: (f) => (x) => jvp(f, [x], [one])[1],
  vjp: (f) => (x) => vjp(f, x)[1](one)[0],
  linearize: (f) => (x) => linearize(f, x)[1](one),
  "reverse jacobian": (f) => jacobian(f, { mode: "reverse" }),
  "forward jacobian": (f) => jacobian(f, { mode: "forward" }),
};

/** Transforms that leave a function as it is. */
const WRAPPERS: Readonly<Record<string, (f: Map1) => Map1>> = {
  nothing: (f) => f,
  vmap: (f) => (x) =>
    vmap(f)(stack([x, x.mul(2)]))
      .slice([0], [1])
      .reshape([]),
  "vmap of one lane": (f) => (x) => vmap((_: Tensor) => f(x))(ones([2], float64)).mean(),
  compile: (f) => compile(f),
  checkpoint: (f) => checkpoint(f),
};

const AT = 0.7;
const [SIN, COS] = [Math.sin(AT), Math.cos(AT)];
const SECOND = -SIN * AT ** 2 + 4 * COS * AT + 2 * SIN;
const THIRD = -COS * AT ** 2 - 6 * SIN * AT + 6 * COS;

describe.each(Object.entries(FUNCTIONS))("second derivatives of %s, in every order of nesting", (_, f) => {
  test.each(Object.entries(DERIVATIVES))("%s outside", (name, outer) => {
    for (const [inner, second] of Object.entries(DERIVATIVES)) {
      for (const [between, wrap] of Object.entries(WRAPPERS)) {
        // Without a function around it, a compiled function runs as one plan: there is no gradient through its result.
        if (name === "gradients" && between === "compile") continue;
        for (const [around, wrapAll] of Object.entries(WRAPPERS)) {
          const value = wrapAll(outer(wrap(second(f))))(scalar(AT)).item();
          expect(value, `${around} of it, ${between} of ${inner}`).toBeCloseTo(SECOND, 12);
        }
      }
    }
  });

  test("wrapped before they are differentiated", () => {
    for (const [between, wrap] of Object.entries(WRAPPERS)) {
      for (const [name, derivative] of Object.entries(DERIVATIVES)) {
        expect(derivative(grad(wrap(f)))(scalar(AT)).item(), `${name} of ${between}`).toBeCloseTo(SECOND, 12);
      }
    }
  });

  test("of third order", () => {
    for (const outer of Object.values(DERIVATIVES)) {
      for (const middle of Object.values(DERIVATIVES)) {
        for (const inner of Object.values(DERIVATIVES)) {
          const mapped = WRAPPERS.vmap(middle(WRAPPERS.checkpoint(inner(f))));
          expect(outer(mapped)(scalar(AT)).item()).toBeCloseTo(THIRD, 11);
        }
      }
    }
  });
});

describe("derivatives of different levels are not confused", () => {
  const DERIVATIVE_PAIRS = Object.entries(DERIVATIVES).flatMap(([outer, d]) =>
    Object.entries(DERIVATIVES).map(([inner, e]) => [`${outer} over ${inner}`, d, e] as const),
  );
  const CLASSICS: readonly (readonly [string, (d: typeof DERIVATIVES.grad, e: typeof DERIVATIVES.grad) => Map1, number])[] = [
    ["d/dx (x * d/dy (x + y))", (d, e) => d((x) => x.mul(e((y) => x.add(y))(scalar(1)))), 1],
    ["d/dx (x * d/dy (x * y))", (d, e) => d((x) => x.mul(e((y) => x.mul(y))(scalar(2)))), 2 * AT],
    ["d/dx (d/dy (x * y * y) at x)", (d, e) => d((x) => e((y) => x.mul(y).mul(y))(x)), 4 * AT],
    ["d/dx d/dx with one name", (d, e) => d((x) => x.mul(e((x) => x.mul(x))(x))), 4 * AT],
    ["what an inner function captured is a constant there", (d, e) => d((x) => e((y) => x.mul(x).add(y.mul(0)))(x)), 0],
    [
      "curried: d/dx of a function that d/dy of it gave",
      (d, e) => d((x) => e((y) => e((z) => x.mul(y).mul(z))(y))(x)),
      1,
    ],
  ]; // biome-ignore format: a table

  test.each(CLASSICS)("%s", (_, build, expected) => {
    for (const [name, d, e] of DERIVATIVE_PAIRS) {
      expect(build(d, e)(scalar(AT)).item(), name).toBeCloseTo(expected, 12);
    }
  });

  test("a captured variable is a constant to inner derivatives, and none to outer ones", () => {
    const w = variable(scalar(3), { name: "w" });
    const inner = grad((x: Tensor) => x.mul(x).mul(w));
    const y = inner(scalar(AT));
    expect(y.item()).toBeCloseTo(6 * AT, 12);
    expect(gradients(y, [w])[0].item()).toBeCloseTo(2 * AT, 12);
  });
});

describe("functions of several dimensions", () => {
  const w = tensor([[0.3, -0.5, 0.2], [0.7, 0.1, -0.4]], float64); // biome-ignore format: a matrix
  const layer: Map1 = (x) => matmul(w, x).tanh();
  const loss: Map1 = (x) => layer(x).mul(layer(x)).mul(x.sum()).sum();
  const x = tensor([0.5, -1, 2], float64);
  const xs = stack([x, x.mul(-0.5), x.add(0.25), x.mul(x)]);

  const close = (a: Tensor, b: Tensor): void => {
    expect(a.shape).toEqual(b.shape);
    const expected = b.dataSync();
    a.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12);
    });
  };
  const rows = (f: Map1): Tensor =>
    stack([0, 1, 2, 3].map((i) => f(xs.slice([i, 0], [i + 1, 3]).reshape([3]))));

  test("vmap of hessian, of jacobian, of hvp are a loop over them", () => {
    close(vmap(hessian(loss))(xs), rows(hessian(loss)));
    for (const mode of ["reverse", "forward"] as const)
      close(vmap(jacobian(layer, { mode }))(xs), rows(jacobian(layer, { mode })));
    close(
      vmap((z: Tensor) => hvp(loss, [z], [x]))(xs),
      rows((z) => hvp(loss, [z], [x])),
    );
  });

  test("jacobian of vmap has blocks on its diagonal", () => {
    const full = jacobian(vmap(layer))(xs);
    expect(full.shape).toEqual([4, 2, 4, 3]);
    const blocks = stack(
      [0, 1, 2, 3].map((i) => full.slice([i, 0, i, 0], [i + 1, 2, i + 1, 3]).reshape([2, 3])),
    );
    close(blocks, rows(jacobian(layer)));
    expect(full.abs().sum().item()).toBeCloseTo(blocks.abs().sum().item(), 12);
  });

  test("hessian is jacobian of grad in all modes, hvp its product with a vector", () => {
    const second = hessian(loss)(x);
    for (const outer of ["reverse", "forward"] as const) {
      close(jacobian(grad(loss), { mode: outer })(x), second);
      for (const inner of ["reverse", "forward"] as const)
        close(jacobian(jacobian(loss, { mode: inner }), { mode: outer })(x), second);
    }
    const v = tensor([1, -2, 0.5], float64);
    close(hvp(loss, [x], [v]), matmul(second, v));
    close(compile((z: Tensor) => hessian(loss)(z))(x), second);
    close(hessian(compile(loss))(x), second);
  });
});
