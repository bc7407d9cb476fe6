import { type Tensor, tensor } from "cotangent";
import { expect, test, vi } from "vitest";
import { iris } from "../iris.ts";

vi.spyOn(console, "log").mockImplementation(() => {});
const { centres, inertias, newtonStep } = await import("../main.ts");

/** Lloyd's update: each centre moves to the mean of the points that are nearest to it. */
function lloyd(centres: Tensor): number[][] {
  const old = centres.arraySync() as number[][];
  const sums = old.map((centre) => centre.map(() => 0));
  const counts = old.map(() => 0);
  for (let i = 0; i < iris.length; i += 4) {
    const point = iris.slice(i, i + 4);
    const distances = old.map((centre) => centre.reduce((sum, c, j) => sum + (c - point[j]) ** 2, 0));
    const nearest = distances.indexOf(Math.min(...distances));
    counts[nearest]++;
    point.forEach((x, j) => {
      sums[nearest][j] += x;
    });
  }
  return sums.map((sum, k) => sum.map((s) => s / counts[k]));
}

test("a Newton step is Lloyd's update (Bottou and Bengio 1995)", () => {
  const start = tensor([5, 3, 2, 0.5, 6, 3, 4, 1, 7, 3, 6, 2, 5.5, 2.5, 4, 1.2], {
    shape: [4, 4],
    dtype: "float64",
  });
  const step = newtonStep(start).dataSync();
  lloyd(start)
    .flat()
    .forEach((expected, i) => {
      expect(step[i]).toBeCloseTo(expected, 12);
    });
});

test("three clusters of the irises have the inertia that is known", () => {
  // 78.85144: tot.withinss of R's kmeans(iris[1:4], 3), inertia_ of scikit-learn's KMeans.
  expect(inertias.at(-1)).toBeCloseTo(78.85144, 5);
  expect(newtonStep(centres).sub(centres).abs().max().item()).toBeLessThan(1e-12);
});
