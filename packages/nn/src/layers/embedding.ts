import {
  checkOptions,
  type DType,
  DTypeError,
  type ShapeOf,
  type Tensor,
  take,
  type Variable,
  variable,
} from "@cotangent/core";
import type { Initializer } from "../initializers/initializer.ts";
import { type InitializerName, initializerFunction } from "../initializers/named.ts";
import { normal } from "../initializers/simple.ts";
import { Module } from "../module/module.ts";
import type { LayerFactory } from "./factory.ts";
import { checkFloating, checkSize, type KeyOptions, splitKey } from "./options.ts";

export interface EmbeddingOptions extends KeyOptions {
  /** The table's first value: normal numbers of variance 1 / features unless given, so that a row is about 1 long. */
  readonly tableInitializer?: Initializer | InitializerName;
  /** The dtype of the table: float32 unless given. */
  readonly dtype?: DType;
  /** For messages and the names of variables: "embedding" unless given. */
  readonly name?: string;
}

const OPTIONS = ["tableInitializer", "dtype", "key", "seed", "name"];

/**
 * A table of learned vectors, looked up by whole numbers: of x [...] the result is [..., features], row x of the table
 * [count, features] in each place. The gradient adds up in the rows that were looked up; all others are 0.
 */
export class Embedding<out Features extends number = number> extends Module {
  readonly table: Variable<readonly [number, Features]>;
  readonly count: number;
  readonly features: Features;
  readonly name: string;

  /** @throws StateError for sizes below 1 and unknown options; DTypeError for a dtype that is not floating */
  constructor(count: number, features: Features, options: EmbeddingOptions = {}) {
    super();
    const operation = "Embedding";
    checkOptions(operation, options, OPTIONS);
    this.count = checkSize(count, "count", operation);
    checkSize(features, "features", operation);
    this.features = features;
    this.name = options.name ?? "embedding";
    const dtype = checkFloating(options.dtype ?? "float32", operation);
    const initializer = initializerFunction(
      options.tableInitializer ?? normal({ std: 1 / Math.sqrt(features) }),
      operation,
    );
    const [key] = splitKey(options, 1, operation);
    this.table = variable(initializer([count, features], { key, dtype }), {
      name: `${this.name}.table`,
    }) as Variable<readonly [number, Features]>;
  }

  override get inputDType(): DType {
    return "int32";
  }

  /**
   * @throws DTypeError unless x holds whole numbers, IndexError when the value is computed and one of them is none of the
   * table's rows
   */
  forward<F extends number, X extends Tensor>(
    this: Embedding<F>,
    x: X,
  ): Tensor<number extends ShapeOf<X>["length"] ? readonly number[] : readonly [...ShapeOf<X>, F]>;
  forward(x: Tensor): Tensor {
    if (x.dtype === "int32" || x.dtype === "uint32") return take(this.table, x, { axis: 0 });
    throw new DTypeError(`the input has dtype ${x.dtype}`, {
      operation: "Embedding",
      dtypes: [x.dtype],
      remedy: "It holds the numbers of rows: cast it to int32",
    });
  }
}

/** An Embedding layer for `sequential`: [...] becomes [..., features]. */
export const embedding = (
  count: number,
  features: number,
  options: EmbeddingOptions = {},
): LayerFactory<Embedding> => ({
  build({ key, name }) {
    const own = options.key !== undefined || options.seed !== undefined ? {} : { key };
    return new Embedding(count, features, { name, ...own, ...options });
  },
});
