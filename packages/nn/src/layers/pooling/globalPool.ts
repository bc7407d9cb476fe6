import {
  checkOptions,
  type DataFormat,
  formatShape,
  max,
  mean,
  ShapeError,
  StateError,
  type Tensor,
} from "@cotangent/core";
import { Module } from "../../module/module.ts";
import type { LayerFactory } from "../factory.ts";

export interface GlobalPoolOptions {
  /** "channelsLast" unless given. */
  readonly dataFormat?: DataFormat;
  /** Whether spatial axes stay, with size 1: false unless given. */
  readonly keepDims?: boolean;
}

type Reduction = (x: Tensor, axes: readonly number[], options: { readonly keepDims: boolean }) => Tensor;

/** One number for each channel of each example. */
abstract class GlobalPool extends Module {
  private readonly first: boolean;
  private readonly keepDims: boolean;

  constructor(
    private readonly operation: string,
    options: GlobalPoolOptions,
    private readonly reduce: Reduction,
  ) {
    super();
    checkOptions(operation, options, ["dataFormat", "keepDims"]);
    const { dataFormat = "channelsLast", keepDims = false } = options;
    if (dataFormat !== "channelsLast" && dataFormat !== "channelsFirst") {
      throw new StateError(`dataFormat is ${JSON.stringify(dataFormat)}`, {
        operation,
        remedy: 'Use "channelsLast" or "channelsFirst"',
      });
    }
    this.first = dataFormat === "channelsFirst";
    this.keepDims = keepDims;
  }

  /** @throws ShapeError when x has no spatial axes between batch and channels */
  forward(x: Tensor): Tensor {
    if (x.rank < 3) {
      throw new ShapeError(`the input has shape ${formatShape(x.shape)}`, {
        operation: this.operation,
        shapes: [x.shape],
        remedy: `It is ${this.first ? "[batch, channels, spatial axes]" : "[batch, spatial axes, channels]"}`,
      });
    }
    const axes = Array.from({ length: x.rank - 2 }, (_, i) => i + (this.first ? 2 : 1));
    return this.reduce(x, axes, { keepDims: this.keepDims });
  }
}

/** The mean over all spatial axes: [batch, ...spatial, channels] becomes [batch, channels]. */
export class GlobalAveragePool extends GlobalPool {
  /** @throws StateError for unknown options */
  constructor(options: GlobalPoolOptions = {}) {
    super("GlobalAveragePool", options, (x, axes, { keepDims }) => mean(x, axes, { keepDims }));
  }
}

/** The greatest element over all spatial axes: [batch, ...spatial, channels] becomes [batch, channels]. */
export class GlobalMaxPool extends GlobalPool {
  /** @throws StateError for unknown options */
  constructor(options: GlobalPoolOptions = {}) {
    super("GlobalMaxPool", options, (x, axes, { keepDims }) => max(x, axes, { keepDims }));
  }
}

/** A GlobalAveragePool layer for `sequential`: [batch, ...spatial, channels] becomes [batch, channels]. */
export const globalAveragePool = (options: GlobalPoolOptions = {}): LayerFactory<GlobalAveragePool> => ({
  build: () => new GlobalAveragePool(options),
});

/** A GlobalMaxPool layer for `sequential`: [batch, ...spatial, channels] becomes [batch, channels]. */
export const globalMaxPool = (options: GlobalPoolOptions = {}): LayerFactory<GlobalMaxPool> => ({
  build: () => new GlobalMaxPool(options),
});
