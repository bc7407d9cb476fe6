import type { Tensor } from "@cotangent/core";
import { checkOptions, checkShare } from "../checks.ts";
import { mirror } from "../pixels/arrange.ts";
import { randomStream, type Seed } from "../random.ts";
import { openImages } from "./tensors.ts";

/** Options of random flips. */
export interface RandomFlipOptions {
  /** The same seed flips the same images of a batch. */
  readonly seed: Seed;
  /** How likely each image is flipped; 0.5 unless given. */
  readonly probability?: number;
}

/** Exchanges left and right. [h, w, c] or [n, h, w, c]; dtype and values stay. */
export function flipHorizontal(image: Tensor): Tensor {
  const { stack, close } = openImages(image, "flipHorizontal");
  return close(mirror(stack, { axis: "horizontal" }));
}

/** Exchanges top and bottom. [h, w, c] or [n, h, w, c]; dtype and values stay. */
export function flipVertical(image: Tensor): Tensor {
  const { stack, close } = openImages(image, "flipVertical");
  return close(mirror(stack, { axis: "vertical" }));
}

/** Exchanges left and right with the given probability; in a batch each image is decided on its own. */
export function randomFlipHorizontal(image: Tensor, options: RandomFlipOptions): Tensor {
  return randomFlip(image, options, "horizontal", "randomFlipHorizontal");
}

/** Exchanges top and bottom with the given probability; in a batch each image is decided on its own. */
export function randomFlipVertical(image: Tensor, options: RandomFlipOptions): Tensor {
  return randomFlip(image, options, "vertical", "randomFlipVertical");
}

function randomFlip(
  image: Tensor,
  options: RandomFlipOptions,
  axis: "horizontal" | "vertical",
  operation: string,
): Tensor {
  const { seed, probability = 0.5 } = checkOptions(options, operation, "{ seed: 1 }");
  checkShare(probability, { operation, what: "the probability" });
  const { stack, close } = openImages(image, operation);
  const stream = randomStream(seed, { operation });
  const chosen = Array.from({ length: stack.count }, () => stream.next() < probability);
  return close(mirror(stack, { axis, chosen: (index) => chosen[index] as boolean }));
}
