import { expect, test } from "vitest";
import * as c from "../../src/index.ts";

type Tensor = c.Tensor;
const f64 = { dtype: "float64" } as const;
test("smoke", () => {
  const cube = c.customVjp((x: Tensor) => x.mul(x).mul(x), {
    forward: (x) => [x.mul(x).mul(x), { x }] as const,
    backward: ({ x }, ct) => [ct.mul(x).mul(x).mul(3)],
  });
  const x = c.tensor([1, 2, 3], f64);
  expect(cube(x).arraySync()).toEqual([1, 8, 27]);
  expect(
    c
      .grad((x: Tensor) => cube(x).sum())(x)
      .arraySync(),
  ).toEqual([3, 12, 27]);
  expect(
    c
      .grad((x: Tensor) =>
        c
          .grad((x: Tensor) => cube(x).sum())(x)
          .sum(),
      )(x)
      .arraySync(),
  ).toEqual([6, 12, 18]);
  expect(c.jvp(cube, [x], [c.ones([3], f64)])[1].arraySync()).toEqual([3, 12, 27]);
  expect(c.vmap(c.grad(cube))(x).arraySync()).toEqual([3, 12, 27]);
  expect(
    c
      .grad((x: Tensor) => c.vmap(cube)(x).sum())(x)
      .arraySync(),
  ).toEqual([3, 12, 27]);
  expect(c.jacobian(cube)(x).arraySync()).toEqual([
    [3, 0, 0],
    [0, 12, 0],
    [0, 0, 27],
  ]);
  expect(c.jacobian(cube, { mode: "forward" })(x).arraySync()).toEqual([
    [3, 0, 0],
    [0, 12, 0],
    [0, 0, 27],
  ]);
  expect(
    c
      .hessian((x: Tensor) => cube(x).sum())(x)
      .arraySync(),
  ).toEqual([
    [6, 0, 0],
    [0, 12, 0],
    [0, 0, 18],
  ]);
  expect(c.hvp((x: Tensor) => cube(x).sum(), [x], [c.tensor([1, 0, 2], f64)]).arraySync()).toEqual([
    6, 0, 36,
  ]);
  const cp = c.checkpoint((x: Tensor) => x.mul(x).mul(x));
  expect(
    c
      .hessian((x: Tensor) => cp(x).sum())(x)
      .arraySync(),
  ).toEqual([
    [6, 0, 0],
    [0, 12, 0],
    [0, 0, 18],
  ]);
  expect(c.jacobian(c.vmap(cp))(x).arraySync()).toEqual([
    [3, 0, 0],
    [0, 12, 0],
    [0, 0, 27],
  ]);
  const cj = c.customJvp((x: Tensor) => x.mul(x).mul(x), {
    jvp: ([x], [t]) => [x.mul(x).mul(x), t.mul(x).mul(x).mul(3)],
  });
  expect(
    c
      .hessian((x: Tensor) => cj(x).sum())(x)
      .arraySync(),
  ).toEqual([
    [6, 0, 0],
    [0, 12, 0],
    [0, 0, 18],
  ]);
  expect(c.jacobian(c.vmap(cj))(x).arraySync()).toEqual([
    [3, 0, 0],
    [0, 12, 0],
    [0, 0, 27],
  ]);
  const w = c.variable(c.tensor(2, f64), { name: "w" });
  const bad = c.customVjp(
    function named(x: Tensor) {
      return x.mul(w);
    },
    { forward: (x) => [x.mul(w), null], backward: (_, ct) => [ct.mul(2)] },
  );
  expect(() => c.gradients(bad(x).sum(), [w])).toThrow(/variable w/);
  expect(c.gradients(bad(x).sum(), [x])[0].arraySync()).toEqual([2, 2, 2]);
  const seg = c.checkpoint((x: Tensor) => x.mul(w).sin());
  expect(c.gradients(seg(x).sum(), [w])[0].item()).toBeCloseTo(
    c.gradients(x.mul(w).sin().sum(), [w])[0].item(),
  );
});
