/** What people train with today, all at once: gelu, layer norm, dropout, smoothed labels, AdamW, clipping, a schedule. */
import { compile, planCount, random, type Tensor, tensor } from "@cotangent/core";
import { dense, dropout, layerNorm, losses, type Sequential, sequential } from "@cotangent/nn";
import { AdamW, clipByGlobalNorm, schedules } from "@cotangent/optim";
import { expect, test } from "vitest";

const STEPS = 120;

/** Points of the plane, and whether they lie within a ring. */
function rings(count: number, seed: number): { x: Tensor; y: Tensor } {
  const points = random.normal([count, 2], { seed }).dataSync();
  const labels = Int32Array.from({ length: count }, (_, i) =>
    Math.abs(Math.hypot(points[2 * i], points[2 * i + 1]) - 1.2) < 0.45 ? 1 : 0,
  );
  return { x: tensor(points, { shape: [count, 2] }), y: tensor(labels) };
}

function setting() {
  const model = sequential({ inputShape: [2], seed: 3 }, [
    dense(32, { activation: "gelu", kernelInitializer: "heTruncatedNormal" }),
    layerNorm(),
    dropout(0.1),
    dense(32, { activation: "silu" }),
    dense(2),
  ]);
  const optimizer = new AdamW({
    learningRate: schedules.warmupCosineDecay({ peak: 0.02, warmupSteps: 10, steps: STEPS }),
    weightDecayMask: ({ rank }) => rank > 1,
    weightDecay: 0.01,
    gradientTransform: clipByGlobalNorm(1),
  });
  const step = (x: Tensor, y: Tensor): Tensor => {
    const loss = losses.softmaxCrossEntropy(model.forward(x), y, { labelSmoothing: 0.05 });
    optimizer.minimize(loss, model);
    return loss;
  };
  return { model, optimizer, step };
}

const accuracy = (model: Sequential, { x, y }: { x: Tensor; y: Tensor }): number =>
  model.eval().forward(x).argmax(-1).equal(y).mean().item();

test("a compiled loop learns, with one plan for all steps, as a plain loop does", () => {
  const data = rings(256, 1);
  const compiled = setting();
  const step = compile(compiled.step);
  const losses: number[] = [step(data.x, data.y).item(), step(data.x, data.y).item()];
  const plans = planCount();
  for (let i = 2; i < STEPS; i++) losses.push(step(data.x, data.y).item());
  expect(planCount()).toBe(plans);
  expect(compiled.optimizer.stepCount).toBe(STEPS);
  expect(losses[STEPS - 1]).toBeLessThan(0.5 * losses[0]);
  expect(accuracy(compiled.model, rings(400, 2))).toBeGreaterThan(0.9);

  const plain = setting();
  for (let i = 0; i < 10; i++) expect(plain.step(data.x, data.y).item()).toBeCloseTo(losses[i], 4);
});
