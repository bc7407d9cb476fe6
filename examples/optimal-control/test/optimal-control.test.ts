import { expect, test, vi } from "vitest";
import { riccati } from "../cart.ts";

vi.spyOn(console, "log").mockImplementation(() => {});
const { end, gain } = await import("../main.ts");

test("gradient descent ends at the gain that Riccati's equation gives", () => {
  expect(gain.sub(riccati(0.1)).abs().max().item()).toBeLessThan(1e-9);
});

test("the gain nears that of continuous time, 1 and the square root of 3", () => {
  const limit = riccati(0.02, 2000).mul(2).sub(riccati(0.04, 1000)).dataSync(); // linear in dt up to dt^2
  expect(limit[0]).toBeCloseTo(1, 3);
  expect(limit[1]).toBeCloseTo(Math.sqrt(3), 3);
});

test("the pendulum stands", () => {
  expect(Math.cos(end.angle)).toBeLessThan(-0.999);
  expect(Math.abs(end.speed)).toBeLessThan(0.1);
  expect(end.torque).toBeLessThanOrEqual(2);
});
