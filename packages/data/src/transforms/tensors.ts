import { DTypeError, isTensor, ShapeError, StateError, type Tensor, tensor } from "@cotangent/core";
import { show } from "../checks.ts";
import type { PixelArray, Pixels } from "../pixels/pixels.ts";
import { type ImageStack, stackOfOne, toByteRange, toFloat32 } from "../pixels/stack.ts";

/** The images of a tensor, and how to make a tensor of that kind again. */
export interface OpenImages {
  readonly stack: ImageStack;
  /** Puts images back into a tensor of the same rank. */
  readonly close: (stack: ImageStack) => Tensor;
}

/**
 * Reads [height, width, channels] or [n, height, width, channels] out of a tensor. This evaluates it: images are data, no
 * gradient passes. `StateError` for what is no tensor, `ShapeError` and `DTypeError` for what is no image.
 */
export function openImages(image: Tensor, operation: string): OpenImages {
  const shape = imageShape(image, operation);
  const [count, height, width, channels] = shape.length === 4 ? shape : [1, ...shape];
  const stack = { data: image.dataSync() as PixelArray, count, height, width, channels } as ImageStack;
  return { stack, close: (result) => closeImages(result, shape.length === 4) };
}

/** The shape of an image or of a batch of images, checked. */
export function imageShape(image: Tensor, operation: string): readonly number[] {
  if (!isTensor(image)) {
    throw new StateError(`${operation}: ${show(image)} is not a tensor`, {
      operation,
      remedy:
        "Load one with loadImage(path), or make one with tensor(data, { shape: [height, width, channels] }).",
    });
  }
  const { shape, dtype } = image as Tensor;
  const fail = (what: string, remedy: string) =>
    new ShapeError(`${operation}: ${what}`, { operation, shapes: [shape], remedy });
  const text = `[${shape.join(", ")}]`;
  if (dtype === "bool") {
    throw new DTypeError(`${operation}: images of dtype bool have no intensities`, {
      operation,
      dtypes: [dtype],
      remedy: 'Cast first: image.cast("float32").',
    });
  }
  if (shape.length === 2) {
    throw fail(`${text} has no axis of channels`, `Add one: image.reshape([${shape.join(", ")}, 1]).`);
  }
  if (shape.length !== 3 && shape.length !== 4) {
    throw fail(
      `${text} is not an image`,
      "Images are [height, width, channels], batches [n, height, width, channels].",
    );
  }
  if (shape.some((size) => size === 0))
    throw fail(`${text} has no pixels`, "Leave out empty images and empty batches.");
  if (shape.length === 3 && (shape[2] as number) > 4) {
    throw fail(
      `${text} would be one image of ${shape[2]} channels`,
      `Say what is meant: image.reshape([${text.slice(1, -1)}, 1]) for ${shape[0]} images without channels, image.reshape([1, ${text.slice(1, -1)}]) for one image.`,
    );
  }
  return shape;
}

/** A tensor of images: float64, int32 and uint32 stay, all other samples become float32. */
export function closeImages({ data, count, height, width, channels }: ImageStack, batched: boolean): Tensor {
  const shape = batched ? [count, height, width, channels] : [height, width, channels];
  if (data instanceof Float64Array) return tensor(data, { shape, dtype: "float64", copy: false });
  if (data instanceof Int32Array) return tensor(data, { shape, dtype: "int32", copy: false });
  if (data instanceof Uint32Array) return tensor(data, { shape, dtype: "uint32", copy: false });
  return tensor(toFloat32(data), { shape, dtype: "float32", copy: false });
}

/**
 * A tensor [height, width, channels], float32, 0..255, of decoded pixels; 16-bit samples are divided by 257. Floating samples
 * keep their values.
 */
export function pixelsToTensor(image: Pixels): Tensor {
  const { data } = image;
  if (data instanceof Uint8Array || data instanceof Uint16Array) {
    return closeImages(toByteRange(stackOfOne({ ...image, data })), false);
  }
  return closeImages(stackOfOne(image), false);
}
