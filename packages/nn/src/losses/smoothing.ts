import type { LossOptions } from "./reduction.ts";

export interface CrossEntropyOptions extends LossOptions {
  /**
   * How much of each target is shared out among all classes: 0 unless given, common is 0.1. A target t of K classes
   * becomes t * (1 - labelSmoothing) + labelSmoothing / K. Szegedy et al., "Rethinking the Inception architecture for
   * computer vision", CVPR 2016.
   */
  readonly labelSmoothing?: number;
}

export const SMOOTHING = ["labelSmoothing"] as const;
