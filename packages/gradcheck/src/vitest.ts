/**
 * Matchers for vitest, which importing this registers, and `test.gradients`.
 * @packageDocumentation
 */
import type { Shape, TensorLike } from "@cotangent/core";
import { expect } from "vitest";
import type { CloseOptions } from "./assert/close.ts";
import type { UlpOptions } from "./assert/ulp.ts";
import type { CheckOptions } from "./check/options.ts";
import { matchers } from "./vitest/matchers.ts";

export { GradientPropertyError, type PropertyOptions } from "./vitest/property.ts";
export { type DefineGradientsTest, type GradientsOptions, type GradientsTest, test } from "./vitest/test.ts";

expect.extend(matchers);

/** What `expect` can do besides, after this entry was imported. */
export interface TensorMatchers {
  /**
   * The gradients of the function are right at the inputs, as `checkGradients` says. With `not`: they are wrong; gradients
   * of which that cannot be said fail either way.
   */
  toHaveCorrectGradients(inputs: unknown, options?: CheckOptions): void;
  /** The tensor is close to another of its shape and dtype, as `assertCloseToTensor` says. */
  toBeCloseToTensor(expected: TensorLike, options?: CloseOptions): void;
  /** Each element is at most n floating-point numbers away from the expected one, as `assertWithinUlp` says. */
  toBeWithinUlp(expected: TensorLike, n: number, options?: UlpOptions): void;
  /** The tensor has these sizes of axes. */
  toHaveShape(shape: Shape): void;
}

// vitest 4 and 5 declare their own interface of matchers with different type parameters; both take in chai's assertions.
declare global {
  namespace Chai {
    interface Assertion extends TensorMatchers {}
  }
}
