import { ShapeError, type Tensor } from "@cotangent/core";
import { checkChoice, checkCount, checkSize, checkSquareOrSize } from "../checks.ts";
import type { Size } from "../pixels/pixels.ts";
import { type Resampling, type ResizeMethod, resample } from "../pixels/resample.ts";
import type { ImageStack } from "../pixels/stack.ts";
import { openImages } from "./tensors.ts";

/** Options of all that scales. */
export interface ResizeOptions {
  /** `"bilinear"` unless given; `"nearest"` makes no new values, for label maps and pixel art. */
  readonly method?: ResizeMethod;
  /** Average over all old pixels when shrinking; true unless given. No effect on enlarging and on `"nearest"`. */
  readonly antialias?: boolean;
}

/**
 * Scales an image [h, w, c] or images [n, h, w, c] to `[height, width]`, whatever the old ratio of the sides.
 *
 * Pixel centres lie at half-integers. `bilinear` with `antialias` is Pillow's BILINEAR and PyTorch's
 * `interpolate(mode="bilinear", antialias=True)`; without it PyTorch's plain bilinear (`align_corners=False`); `nearest` is
 * Pillow's NEAREST and PyTorch's `nearest-exact`. Integers become float32 with `bilinear`; nothing is rounded.
 *
 * `ShapeError` for sizes that are not whole numbers from 1 and for tensors that are not images.
 */
export function resize(image: Tensor, size: Size, options: ResizeOptions = {}): Tensor {
  const [height, width] = checkSize(size, "resize");
  const { stack, close } = openImages(image, "resize");
  return close(resample(stack, { height, width, ...howToResize(options, "resize") }));
}

/**
 * Scales so that the shorter side becomes `side` pixels; the ratio of the sides stays, up to rounding of the longer one.
 */
export function resizeShorterSide(image: Tensor, side: number, options: ResizeOptions = {}): Tensor {
  const operation = "resizeShorterSide";
  checkCount(side, { operation, what: "the side" });
  const { stack, close } = openImages(image, operation);
  const [height, width] = coveringSize(stack, [side, side]);
  return close(resample(stack, { height, width, ...howToResize(options, operation) }));
}

/**
 * Scales a photograph, keeping the ratio of its sides, until it just covers `size`, and cuts out the middle: the usual way to
 * bring photographs to one size. `size` is `[height, width]`, or one number for a square.
 */
export function resizeToCover(image: Tensor, size: Size | number, options: ResizeOptions = {}): Tensor {
  const wanted = checkSquareOrSize(size, "resizeToCover");
  const { stack, close } = openImages(image, "resizeToCover");
  return close(coverStack(stack, wanted, howToResize(options, "resizeToCover")));
}

/** As `resizeToCover`, on plain memory: computes only the pixels that stay. */
export function coverStack(
  stack: ImageStack,
  [height, width]: Size,
  how: Pick<Resampling, "method" | "antialias">,
): ImageStack {
  const [fullHeight, fullWidth] = coveringSize(stack, [height, width]);
  const top = Math.floor((fullHeight - height) / 2);
  const left = Math.floor((fullWidth - width) / 2);
  if (
    fullHeight === stack.height &&
    fullWidth === stack.width &&
    fullHeight === height &&
    fullWidth === width
  )
    return stack;
  return resample(stack, {
    height: fullHeight,
    width: fullWidth,
    ...how,
    window: { top, left, height, width },
  });
}

/** The smallest size of the picture's own ratio, rounded, that is nowhere smaller than `size`. */
function coveringSize(
  { height, width }: { height: number; width: number },
  [minHeight, minWidth]: Size,
): Size {
  const scale = Math.max(minHeight / height, minWidth / width);
  return [Math.max(minHeight, Math.round(height * scale)), Math.max(minWidth, Math.round(width * scale))];
}

/** Options with their defaults, checked. */
export function howToResize(
  options: ResizeOptions,
  operation: string,
): Pick<Resampling, "method" | "antialias"> {
  const method = checkChoice(options.method ?? "bilinear", ["nearest", "bilinear"], {
    operation,
    what: "the method",
  });
  return { method, antialias: options.antialias ?? true };
}

/** Refuses a size that is larger than the picture. */
export function checkFits(
  stack: { height: number; width: number },
  [height, width]: Size,
  operation: string,
): void {
  if (height <= stack.height && width <= stack.width) return;
  throw new ShapeError(
    `${operation}: [${height}, ${width}] does not fit into an image of [${stack.height}, ${stack.width}]`,
    {
      operation,
      shapes: [[stack.height, stack.width]],
      remedy: "Scale it up first, or use resizeToCover(image, size), which scales and crops.",
    },
  );
}
