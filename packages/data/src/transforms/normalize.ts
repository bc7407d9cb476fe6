import { ShapeError, StateError, type Tensor } from "@cotangent/core";
import { checkOptions, show } from "../checks.ts";
import { standardise } from "../pixels/colour.ts";
import type { ImageStack } from "../pixels/stack.ts";
import { openImages } from "./tensors.ts";

/** Options of `normalize`: one number for all channels, or one for each. */
export interface NormalizeOptions {
  /** Subtracted; 0 unless given. */
  readonly mean?: number | readonly number[];
  /** Divided by; 1 unless given. Not 0. */
  readonly std?: number | readonly number[];
}

/**
 * (image - mean) / std, channel by channel. `{ std: 255 }` brings 0..255 to 0..1; `{ mean: 127.5, std: 127.5 }` to -1..1. Floating
 * dtypes stay, integers become float32. `ShapeError` when the numbers are not one for each channel.
 */
export function normalize(image: Tensor, options: NormalizeOptions): Tensor {
  checkOptions(options, "normalize", "{ std: 255 } for values of 0..1");
  const { stack, close } = openImages(image, "normalize");
  return close(normalizeStack(stack, options, "normalize"));
}

/** As `normalize`, on plain memory. */
export function normalizeStack(
  stack: ImageStack,
  { mean = 0, std = 1 }: NormalizeOptions,
  operation: string,
): ImageStack {
  const means = perChannel(mean, stack.channels, "mean", operation);
  const stds = perChannel(std, stack.channels, "std", operation);
  if (stds.includes(0)) {
    throw new StateError(`${operation}: std is ${show(std)}, which divides by zero`, {
      operation,
      remedy: "Use 1 for a channel that is constant.",
    });
  }
  return standardise(stack, { mean: means, std: stds });
}

function perChannel(
  value: number | readonly number[],
  channels: number,
  what: string,
  operation: string,
): readonly number[] {
  const values = typeof value === "number" ? Array.from({ length: channels }, () => value) : value;
  if (!Array.isArray(values) || !values.every(Number.isFinite)) {
    throw new StateError(`${operation}: ${what} is ${show(value)}`, {
      operation,
      remedy: "Pass a number, or one per channel.",
    });
  }
  if (values.length === channels) return values;
  throw new ShapeError(`${operation}: ${values.length} numbers of ${what} for ${channels} channels`, {
    operation,
    remedy: "Pass one number for all channels, or one for each.",
  });
}
