import { tensor } from "cotangent";
import { expect, test, vi } from "vitest";

vi.spyOn(console, "log").mockImplementation(() => {});
const { adjust, degrees, estimate, guess, noise, pictures, project, truth } = await import("../main.ts");

test("a camera that is turned by 90 degrees about the z axis sees the x axis as y", () => {
  const camera = tensor([1, 0, 0, 1, 0, 0, 5]);
  const [x, y] = project(camera, tensor([1, 2, 0])).dataSync();
  expect(x).toBeCloseTo(-2 / 5, 6);
  expect(y).toBeCloseTo(1 / 5, 6);
});

test("the misfit is that of a chi-squared distribution", () => {
  expect(Math.abs(estimate / noise - 1)).toBeLessThan(3 / Math.sqrt(2 * degrees));
});

test("exact pictures are explained exactly", () => {
  const exact = pictures(truth);
  expect(pictures(adjust(exact, guess)).sub(exact).abs().max().item()).toBeLessThan(1e-10);
});
