import { expect, test, vi } from "vitest";

vi.spyOn(console, "log").mockImplementation(() => {});
const { acceptance, energyErrors, means } = await import("../main.ts");

test("the leapfrog method conserves the energy to second order", () => {
  for (let i = 1; i < energyErrors.length; i++) {
    expect(energyErrors[i - 1] / energyErrors[i]).toBeGreaterThan(3.8);
    expect(energyErrors[i - 1] / energyErrors[i]).toBeLessThan(4.2);
  }
});

test("the sampled means are the exact ones, within their errors", () => {
  // The reference posterior "eight_schools" of posteriordb says 4.4, 3.6 and 6.2, too.
  expect(means.map(({ exact }) => exact.toFixed(1))).toEqual(["4.4", "3.6", "6.2"]);
  for (const { mean, error, exact } of means) expect(Math.abs(mean - exact)).toBeLessThan(4 * error);
  expect(Math.max(...means.map(({ error }) => error))).toBeLessThan(0.1);
  expect(acceptance).toBeGreaterThan(0.9);
});
