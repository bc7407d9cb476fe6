import { expect, test, vi } from "vitest";

vi.spyOn(console, "log").mockImplementation(() => {});
const { atLaunch, errors, loss, weights } = await import("../main.ts");

test("the fit is the published one", () => {
  // Dalal, Fowlkes and Hoadley 1989, section 3; the errors as R's glm prints them for these data.
  const [intercept, slope] = weights.dataSync();
  expect(intercept).toBeCloseTo(15.0429, 4);
  expect(slope).toBeCloseTo(-0.2322, 4);
  const [ofIntercept, ofSlope] = errors.dataSync();
  expect(ofIntercept).toBeCloseTo(7.3786, 3);
  expect(ofSlope).toBeCloseTo(0.1082, 4);
  expect(2 * loss(weights).item()).toBeCloseTo(20.315, 3);
  expect(atLaunch).toBeCloseTo(0.9996, 4);
});
