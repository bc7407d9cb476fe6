import { grad, type Tensor, tensor } from "cotangent";
import { expect, test, vi } from "vitest";
import { adapt, type Weights } from "../maml.ts";

vi.spyOn(console, "log").mockImplementation(() => {});
const { course } = await import("../main.ts");

test("the gradient goes through the inner step", () => {
  // The loss a (w - c)^2 / 2 on both sets: a step of size s leads to w - c = (1 - s a)(w0 - c), so the meta-loss is
  // a (1 - s a)^2 (w0 - c)^2 / 2. Without second derivatives its gradient would lack a factor 1 - s a.
  const [a, c, s, w0] = [3, 2, 0.1, 5];
  const loss = ({ w }: Weights): Tensor =>
    w
      .sub(c)
      .square()
      .mul(a / 2);
  const metaLoss = (w: Tensor): Tensor => loss(adapt(loss, { w }, [], { learningRate: s }));
  const w = tensor(w0, { dtype: "float64" });
  expect(grad(metaLoss)(w).item()).toBeCloseTo(a * (1 - s * a) ** 2 * (w0 - c), 12);
});

test("one step on ten points is enough to know a new curve", () => {
  const [before, after] = course;
  // A network that always says 0 has the loss E[a^2] / 2 = 4.25 for a from 0.1 to 5.
  expect(before.loss).toBeGreaterThan(1);
  expect(after.steps).toBe(1);
  expect(after.loss).toBeLessThan(0.45 * before.loss);
  expect(course[3].loss).toBeLessThan(after.loss);
});
