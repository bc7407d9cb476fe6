import { Adam, clipByGlobalNorm, compile, losses, random, schedules, type Tensor, tensor } from "cotangent";
import type { Bend } from "./bend.ts";

/** Trains a layer of three inputs and one unit to give |x0 - 2 x1 + x2/2|; gives the losses, one for each step. */
export function train(layer: Bend, steps: number): number[] {
  const x = random.normal([64, 3], { seed: 1 });
  const y = x.matmul(tensor([[1], [-2], [0.5]])).abs();
  const optimizer = new Adam({
    learningRate: schedules.cosineDecay({ initial: 0.05, steps }),
    gradientTransform: clipByGlobalNorm(1),
  });
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = losses.meanSquaredError(layer.forward(x), y);
    optimizer.minimize(loss, layer);
    return loss;
  });
  return Array.from({ length: steps }, () => step(x, y).item());
}
