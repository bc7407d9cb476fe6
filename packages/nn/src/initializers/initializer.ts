import type { DType, Shape, Tensor } from "@cotangent/core";

export interface InitializerOptions {
  /** Where the random bits come from: the same key gives the same weights. */
  readonly key?: Tensor;
  /** Short for `key: random.key(seed)`. */
  readonly seed?: number;
  /** float32 unless given. */
  readonly dtype?: DType;
}

/** Makes the first value of a variable. With neither key nor seed, from the default generator. */
export type Initializer = (shape: Shape, options?: InitializerOptions) => Tensor;
