import { random, vmap } from "cotangent";
import { expect, test, vi } from "vitest";

vi.spyOn(console, "log").mockImplementation(() => {});
const { error, exact, residual } = await import("../main.ts");

test("the formula solves the equation", () => {
  const x = random.uniform([50], { minval: -1, maxval: 1, seed: 4, dtype: "float64" });
  const t = random.uniform([50], { seed: 5, dtype: "float64" });
  expect(vmap(residual(exact))(x, t).abs().max().item()).toBeLessThan(1e-14);
});

test("the network finds the solution", () => {
  expect(error).toBeLessThan(0.01);
});
