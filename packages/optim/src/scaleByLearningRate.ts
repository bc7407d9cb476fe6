import type { Tensor } from "@cotangent/core";
import type { Transformation } from "./transformation.ts";

/**
 * Turns gradients into updates against them: -rate * g. The rate is asked for once in each step, as a scalar tensor:
 * core's `number(() => rate)` gives one that never makes a new plan.
 */
export const scaleByLearningRate = (rate: () => Tensor): Transformation => ({
  slots: [],
  init: (params) => params.map(() => ({})),
  update(gradients, state) {
    const factor = rate().neg();
    return [gradients.map((gradient) => gradient.mul(factor.cast(gradient.dtype))), state];
  },
});
