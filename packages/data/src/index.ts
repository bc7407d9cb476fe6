/**
 * Images, data sets and batches. Everything but `loadImage`, `loadIdx`, `savePng` and `imageFolder` also runs in browsers.
 *
 * @packageDocumentation
 */
export { type ImageHeader, readImageHeader } from "./codec/header.ts";
export { encodeIdx, type IdxType } from "./codec/idx.ts";
export { type DecodedPixels, type DecodePixelsOptions, decodePixels, decodePixelsSync } from "./decode.ts";
export { loadIdx, loadImage, savePng } from "./files.ts";
export {
  type ColorMode,
  type DecodeOptions,
  decodeIdx,
  decodeImage,
  decodeImageSync,
  type EncodePngOptions,
  encodePng,
  type IdxOptions,
} from "./images.ts";
export type { Triple } from "./pixels/colour.ts";
export { type PixelArray, type Pixels, pixels, type Size } from "./pixels/pixels.ts";
export type { ResizeMethod } from "./pixels/resample.ts";
export type { Seed } from "./random.ts";
export { Batches, type BatchOptions, batches, Epoch, epochOrder } from "./sets/batches.ts";
export {
  classNamesOf,
  FASHION_MNIST_CLASSES,
  type NamedClass,
  oneHotLabels,
  topClasses,
} from "./sets/classes.ts";
export { ArrayDataset, arrayDataset, type Columns, type Dataset } from "./sets/dataset.ts";
export { type ImageBatch, ImageFolder, type ImageFolderOptions, imageFolder } from "./sets/folder.ts";
export { type Split, type SplitOptions, Subset, subset, trainValidationSplit } from "./sets/split.ts";
export { type AlphaOptions, type GrayscaleOptions, toGrayscale, toRgb } from "./transforms/colour.ts";
export { type CropBox, centerCrop, crop, randomCrop } from "./transforms/crop.ts";
export {
  flipHorizontal,
  flipVertical,
  type RandomFlipOptions,
  randomFlipHorizontal,
  randomFlipVertical,
} from "./transforms/flip.ts";
export { type NormalizeOptions, normalize } from "./transforms/normalize.ts";
export { type ResizeOptions, resize, resizeShorterSide, resizeToCover } from "./transforms/resize.ts";
export { pixelsToTensor } from "./transforms/tensors.ts";
