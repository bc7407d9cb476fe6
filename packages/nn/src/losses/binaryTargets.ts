import type { Tensor } from "@cotangent/core";
import { literal } from "./literal.ts";
import { fraction } from "./numbers.ts";
import type { CrossEntropyOptions } from "./smoothing.ts";

/** Probabilities of the class 1, some of each shared between both classes. @throws StateError */
export function smoothed(targets: Tensor, options: CrossEntropyOptions, operation: string): Tensor {
  const share = fraction(options.labelSmoothing ?? 0, "labelSmoothing", operation);
  if (share === 0) return targets;
  return targets.mul(literal(1 - share, targets)).add(literal(share / 2, targets));
}
