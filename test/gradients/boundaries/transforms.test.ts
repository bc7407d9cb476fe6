import {
  checkpoint,
  gaussNewton,
  grad,
  gvp,
  hessian,
  hessianDiagonal,
  hvp,
  jacobian,
  maximum,
  relu,
  sparseHessian,
  sparseJacobian,
  type Tensor,
  tensor,
  where,
} from "@cotangent/core";
import { describe, expect, test } from "vitest";

const float64 = { dtype: "float64" } as const;
const MODES = ["reverse", "forward"] as const;

/** The diagonal of the Jacobian of an elementwise function, in both modes, and through a checkpoint. */
function diagonals(f: (x: Tensor) => Tensor, at: readonly number[]): number[][] {
  const x = tensor(at, float64);
  return MODES.flatMap((mode) =>
    [f, checkpoint(f)].map((one) => {
      const full = jacobian(one, { mode })(x).arraySync() as number[][];
      for (const [i, row] of full.entries())
        for (const [k, value] of row.entries()) if (i !== k) expect(Math.abs(value)).toBe(0);
      return full.map((row, i) => row[i] + 0);
    }),
  );
}

/** The same numbers in all four. */
const fourTimes = (values: readonly number[]) => [values, values, values, values];

describe("Jacobians at the turning points", () => {
  test("of kinks are those of gradients", () => {
    expect(diagonals(relu, [-1, 0, 1])).toEqual(fourTimes([0, 0, 1]));
    expect(diagonals((x) => x.abs(), [-1, 0, 1])).toEqual(fourTimes([-1, 0, 1]));
    expect(diagonals((x) => maximum(x, 0), [-1, 0, 1])).toEqual(fourTimes([0, 0.5, 1]));
  });

  test("of masked branches are 0 where the branch is not chosen, also where it is NaN or infinite", () => {
    expect(diagonals((x) => where(x.greater(0), x.log(), 0), [-1, 0, 2])).toEqual(fourTimes([0, 0, 0.5]));
    expect(diagonals((x) => where(x.greater(0), x.sqrt(), 0), [-1, 0, 4])).toEqual(fourTimes([0, 0, 0.25]));
    const masked = (x: Tensor) => where(x.greater(0), x.log(), 0).sum();
    const x = tensor([-1, 0, 2], float64);
    for (const f of [masked, checkpoint(masked)]) {
      expect((hessian(f)(x).arraySync() as number[][]).map((row, i) => row[i] + 0)).toEqual([0, 0, -0.25]);
      expect([...hvp(f, [x], [x]).dataSync()].map((value) => value + 0)).toEqual([0, 0, -0.5]);
    }
  });

  test("with a zero among factors, and of powers at 0", () => {
    const x = tensor([0, 2, 3], float64);
    for (const f of [(z: Tensor) => z.prod(), checkpoint((z: Tensor) => z.prod())]) {
      expect(hessian(f)(x).arraySync()).toEqual([[0, 3, 2], [3, 0, 0], [2, 0, 0]]); // biome-ignore format: a matrix
      for (const mode of MODES) expect(jacobian(f, { mode })(x).arraySync()).toEqual([6, 0, 0]);
    }
    expect(diagonals((z) => z.pow(2), [0, 1])).toEqual(fourTimes([0, 2]));
    expect(hessian((z: Tensor) => z.pow(2).sum())(tensor([0], float64)).arraySync()).toEqual([[2]]);
  });

  test("where values are infinite or NaN stay so in their own places only", () => {
    const f = (x: Tensor) => x.mul(x).sum();
    const x = tensor([Number.NaN, 1, Number.POSITIVE_INFINITY], float64);
    expect(grad(checkpoint(f))(x).arraySync()).toEqual([Number.NaN, 2, Number.POSITIVE_INFINITY]);
  });

  test("of one element and of none", () => {
    expect(diagonals((x) => x.sin(), [0])).toEqual(fourTimes([1]));
    expect(diagonals((x) => x.sin(), [])).toEqual(fourTimes([]));
    expect(hessian((x: Tensor) => x.mul(x).sum())(tensor([], float64)).shape).toEqual([0, 0]);
    expect(hessian((x: Tensor) => x.mul(x))(tensor(3, float64)).item()).toBe(2);
    expect(hvp((x: Tensor) => x.sum(), [tensor([], float64)], [tensor([], float64)]).shape).toEqual([0]);
  });

  test("in coordinate form, and of Gauss-Newton, are those of the dense ones", () => {
    const x = tensor([-1, 0, 2], float64);
    const masked = (z: Tensor) => where(z.greater(0), z.log(), 0).sum();
    const values = (y: Tensor) => [...y.dataSync()].map((value) => value + 0);
    expect(values(hessianDiagonal(masked)(x))).toEqual([0, 0, -0.25]);
    expect(values(sparseHessian(masked)(x).values)).toEqual([0, 0, -0.25]);
    for (const mode of MODES) expect(values(sparseJacobian(relu, { mode })(x).values)).toEqual([0, 0, 1]);
    expect(values(sparseHessian((z: Tensor) => z.prod())(tensor([0, 2, 3], float64)).values)).toEqual([3, 2, 3, 0, 2, 0]); // biome-ignore format: a line
    expect(values(gvp(relu)(x)(tensor([1, 1, 1], float64)))).toEqual([0, 0, 1]);
    expect(values(gaussNewton(relu)(tensor([0, 1], float64)))).toEqual([0, 0, 0, 1]);
    expect(gaussNewton((z: Tensor) => z.sin())(tensor([], float64)).shape).toEqual([0, 0]);
  });
});
