import {
  type AveragePoolOptions,
  checkOptions,
  type PerAxis,
  type PoolOptions,
  type Tensor,
} from "@cotangent/core";
import { Module } from "../../module/module.ts";
import { checkSizes } from "../convolution/convLayer.ts";

/** How the window of a pool moves: as for `maxPool`. */
export type PoolLayerOptions = PoolOptions;
/** How the window of an average pool moves, and whether padding counts: as for `averagePool`. */
export type AveragePoolLayerOptions = AveragePoolOptions;

const OPTIONS = ["strides", "padding", "dilation", "dataFormat"];

/** What all pools have in common: a window over so many spatial axes, and how it moves. */
export abstract class PoolLayer<O extends PoolOptions = PoolOptions> extends Module {
  readonly window: readonly number[];
  private readonly options: O;
  private readonly pool: (x: Tensor, window: readonly number[], options: O) => Tensor;

  constructor(
    operation: string,
    spatial: number,
    window: PerAxis,
    options: O,
    pool: (x: Tensor, window: readonly number[], options: O) => Tensor,
    more: readonly string[] = [],
  ) {
    super();
    checkOptions(operation, options, [...OPTIONS, ...more]);
    this.window = checkSizes(window, spatial, "window", operation);
    this.options = options;
    this.pool = pool;
  }

  /** @throws ShapeError when x has not so many spatial axes, or the window does not fit */
  forward(x: Tensor): Tensor {
    return this.pool(x, this.window, this.options);
  }
}
