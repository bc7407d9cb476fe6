import { IndexError, ShapeError, type Tensor } from "@cotangent/core";
import { checkOptions, checkSquareOrSize, show } from "../checks.ts";
import { cut } from "../pixels/arrange.ts";
import type { Size } from "../pixels/pixels.ts";
import type { Window } from "../pixels/resample.ts";
import { randomStream, type Seed } from "../random.ts";
import { checkFits } from "./resize.ts";
import { openImages } from "./tensors.ts";

/** A part of an image in pixels: its first row and column, and its size. */
export type CropBox = Window;

/**
 * Cuts `box` out of an image [h, w, c] or out of each image of [n, h, w, c]; dtype and values stay.
 *
 * `IndexError` when the box leaves the image, `ShapeError` when its numbers are not whole or its size is not positive.
 */
export function crop(image: Tensor, box: CropBox): Tensor {
  const { stack, close } = openImages(image, "crop");
  const { top, left, height, width } = checkBox(box);
  if (top + height > stack.height || left + width > stack.width) {
    throw new IndexError(
      `crop: box ${describeValue(box)} leaves the image of [${stack.height}, ${stack.width}]`,
      {
        operation: "crop",
        shapes: [image.shape],
        remedy: `Keep top + height within ${stack.height} and left + width within ${stack.width}.`,
      },
    );
  }
  return close(cut(stack, () => ({ top, left, height, width })));
}

/**
 * Cuts `size` ([height, width], or one number for a square) out of the middle; an odd row or column more stays on the bottom and
 * right. `ShapeError` when the image is smaller.
 */
export function centerCrop(image: Tensor, size: Size | number): Tensor {
  const [height, width] = checkSquareOrSize(size, "centerCrop");
  const { stack, close } = openImages(image, "centerCrop");
  checkFits(stack, [height, width], "centerCrop");
  const top = Math.floor((stack.height - height) / 2);
  const left = Math.floor((stack.width - width) / 2);
  return close(cut(stack, () => ({ top, left, height, width })));
}

/**
 * Cuts `size` out at a random place, every place equally likely; in a batch each image at its own. The same seed gives the same
 * places: in training pass `{ seed: [seed, epoch, batch] }` or the like.
 */
export function randomCrop(image: Tensor, size: Size | number, options: { readonly seed: Seed }): Tensor {
  const operation = "randomCrop";
  const { seed } = checkOptions(options, operation, "{ seed: 1 }");
  const [height, width] = checkSquareOrSize(size, operation);
  const { stack, close } = openImages(image, operation);
  checkFits(stack, [height, width], operation);
  const stream = randomStream(seed, { operation });
  const windows = Array.from({ length: stack.count }, () => ({
    top: stream.below(stack.height - height + 1),
    left: stream.below(stack.width - width + 1),
    height,
    width,
  }));
  return close(cut(stack, (index) => windows[index] as Window));
}

function checkBox(box: CropBox): CropBox {
  const { top, left, height, width } = box ?? {};
  const whole = [top, left, height, width].every((value) => Number.isSafeInteger(value));
  if (whole && top >= 0 && left >= 0 && height >= 1 && width >= 1) return { top, left, height, width };
  throw new ShapeError(`crop: ${describeValue(box)} is not a box`, {
    operation: "crop",
    remedy:
      "Pass { top, left, height, width } in whole pixels: top and left from 0, height and width from 1.",
  });
}

function describeValue(box: CropBox): string {
  if (typeof box !== "object" || box === null) return show(box);
  return `[top ${show(box.top)}, left ${show(box.left)}, height ${show(box.height)}, width ${show(box.width)}]`;
}
