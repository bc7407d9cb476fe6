import { grad, random, type Tensor } from "cotangent";
import { expect, test, vi } from "vitest";
import { type Dynamics, odeSolve, odeSolveAdjoint } from "../odeSolve.ts";

vi.spyOn(console, "log").mockImplementation(() => {});
const { error, errors } = await import("../main.ts");

test("both ways near the formula's derivative with the fourth power of the steps", () => {
  for (const [coarse, fine] of [errors.slice(1, 3), errors.slice(2, 4)]) {
    expect(fine.steps).toBe(2 * coarse.steps);
    expect(coarse.solver / fine.solver).toBeGreaterThan(15);
    expect(coarse.solver / fine.solver).toBeLessThan(20);
    expect(Math.abs(coarse.adjoint / fine.adjoint)).toBeGreaterThan(15);
  }
  expect(Math.abs(errors[3].adjoint)).toBeLessThan(1e-9);
});

test("the adjoint has the derivatives of the solver by all parameters", () => {
  const dtype = "float64";
  const tanhOf: Dynamics = (z, [w, b]) => z.matmul(w).add(b).tanh();
  const theta = [random.normal([3, 3], { seed: 1, dtype }), random.normal([3], { seed: 2, dtype })];
  const z = random.normal([5, 3], { seed: 3, dtype });
  const by = (method: typeof odeSolve) =>
    grad(([z, ...theta]: Tensor[]) => method(tanhOf, { time: 1, steps: 50 })(z, theta).square().sum())([
      z,
      ...theta,
    ]);
  const ofSolver = by(odeSolve);
  by(odeSolveAdjoint).forEach((ofAdjoint, i) => {
    expect(ofAdjoint.sub(ofSolver[i]).abs().max().item()).toBeLessThan(1e-6);
  });
});

test("a network learns a motion from where points end up", () => {
  expect(error).toBeLessThan(0.08);
});
