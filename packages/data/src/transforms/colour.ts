import { ShapeError, StateError, type Tensor } from "@cotangent/core";
import { show } from "../checks.ts";
import { greyscale, LUMA, rgb, type Triple } from "../pixels/colour.ts";
import { openImages } from "./tensors.ts";

/** What becomes of an alpha channel. */
export interface AlphaOptions {
  /**
   * The colour to lay the picture over, in the range of the image: `[r, g, b]` or one number for grey. Without it alpha is
   * dropped, and transparent pixels show whatever colour they hold (as in Pillow's `convert`).
   */
  readonly background?: number | Triple;
  /** The alpha of full opacity: 255 unless given; 1 for images that were divided by 255. */
  readonly opaque?: number;
}

/** Options of `toGrayscale`. */
export interface GrayscaleOptions extends AlphaOptions {
  /** Shares of red, green and blue: `"rec601"` (0.299, 0.587, 0.114) unless given, `"rec709"`, or three numbers. */
  readonly weights?: keyof typeof LUMA | Triple;
}

/**
 * One channel: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601, as Pillow, torchvision and OpenCV have it), on the values as they are,
 * without rounding. Images of 1, 2, 3 or 4 channels, single or in a batch; the result has 1 channel and is floating.
 */
export function toGrayscale(image: Tensor, options: GrayscaleOptions = {}): Tensor {
  const operation = "toGrayscale";
  const { stack, close } = openImages(image, operation);
  checkColours(stack.channels, image.shape, operation);
  return close(greyscale(stack, lumaOf(options.weights ?? "rec601", operation), alphaOf(options, operation)));
}

/** Three channels: grey is repeated, alpha dropped or composited. Images of 1, 2, 3 or 4 channels, single or in a batch. */
export function toRgb(image: Tensor, options: AlphaOptions = {}): Tensor {
  const { stack, close } = openImages(image, "toRgb");
  checkColours(stack.channels, image.shape, "toRgb");
  return close(rgb(stack, alphaOf(options, "toRgb")));
}

/** The shares that `weights` stands for. `StateError` for anything else. */
export function lumaOf(weights: keyof typeof LUMA | Triple, operation: string): Triple {
  if (typeof weights === "string" && Object.hasOwn(LUMA, weights)) return LUMA[weights];
  if (isTriple(weights)) return weights;
  throw new StateError(`${operation}: the weights are ${show(weights)}`, {
    operation,
    remedy: 'Choose "rec601" or "rec709", or pass three numbers.',
  });
}

/** Alpha options, checked. */
export function alphaOf(
  { background, opaque = 255 }: AlphaOptions,
  operation: string,
): { background: Triple | undefined; opaque: number } {
  const colour =
    typeof background === "number" ? ([background, background, background] as const) : background;
  if (colour !== undefined && !isTriple(colour)) {
    throw new StateError(`${operation}: the background is ${show(background)}`, {
      operation,
      remedy: "Pass one number or [red, green, blue], in the range of the image.",
    });
  }
  if (!(opaque > 0))
    throw new StateError(`${operation}: opaque is ${show(opaque)}`, { operation, remedy: "Pass 255 or 1." });
  return { background: colour, opaque };
}

function isTriple(value: unknown): value is Triple {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);
}

function checkColours(channels: number, shape: readonly number[], operation: string): void {
  if (channels >= 1 && channels <= 4) return;
  throw new ShapeError(`${operation}: ${channels} channels are no colours`, {
    operation,
    shapes: [shape],
    remedy: "Images have 1 (grey), 2 (grey + alpha), 3 (RGB) or 4 (RGB + alpha) channels, on the last axis.",
  });
}
