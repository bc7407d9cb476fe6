import {
  atEachCall,
  checkOptions,
  concat,
  DTypeError,
  describeValue,
  formatShape,
  full,
  isFloating,
  isTensor,
  random,
  runtimeNumber,
  ShapeError,
  StateError,
  type Tensor,
  traceLocal,
  where,
  zerosLike,
} from "@cotangent/core";
import { Module } from "../module/module.ts";
import type { LayerFactory } from "./factory.ts";
import { type KeyOptions, splitKey } from "./options.ts";

export interface DropoutOptions extends KeyOptions {
  /**
   * The shape of what is drawn: for each axis of the input null, its own size, or 1 where all along the axis are kept or
   * dropped together. [null, 1, null] drops whole channels of [batch, steps, channels]. The input's shape unless given.
   */
  readonly noiseShape?: readonly (number | null)[];
}

const OPTIONS = ["key", "seed", "noiseShape"];

/**
 * While training, sets each element to 0 with probability `rate`, and divides the others by 1 - rate, so that sums stay
 * what they are on average. In evaluation (`model.eval()`), and with rate 0, the input itself; with rate 1, zeros.
 *
 * Each call draws anew, calls of compiled functions too: from the default generator, or with a key or seed from a sequence
 * of its own, which starts again with a new layer. (Under vmap the default generator gives each lane its own draw, a key
 * all lanes the same.) Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a simple way to prevent
 * neural networks from overfitting", JMLR 2014.
 */
export class Dropout extends Module {
  readonly rate: number;
  private readonly noiseShape: readonly (number | null)[] | undefined;
  /** Where this layer's own draws come from; null for the default generator. */
  private readonly ownKey: Tensor | null;
  private draws = 0;

  /** @throws StateError for a rate that is not from 0 to 1, unknown options, and both a key and a seed */
  constructor(rate: number, options: DropoutOptions = {}) {
    super();
    checkOptions("Dropout", options, OPTIONS);
    this.rate = checkRate(rate, "Dropout");
    this.noiseShape = checkNoiseShape(options.noiseShape);
    // A key made of the given one: counting its second word up must not give the keys of other seeds.
    const [key] = splitKey(options, 1, "Dropout");
    this.ownKey = key ?? null;
  }

  /** @throws DTypeError for an input that is not floating, ShapeError where noiseShape does not fit */
  forward(x: Tensor): Tensor {
    if (!isTensor(x)) {
      throw new StateError(`the input is ${describeValue(x)}`, {
        operation: "Dropout",
        remedy: "Pass a tensor, such as tensor([1, 2])",
      });
    }
    if (!isFloating(x.dtype)) {
      throw new DTypeError(`the input has dtype ${x.dtype}`, {
        operation: "Dropout",
        dtypes: [x.dtype],
        remedy: "Cast it to float32 or float64 before",
      });
    }
    const shape = this.drawnShape(x);
    if (!this.training || this.rate === 0) return x;
    if (this.rate === 1) return zerosLike(x);
    const drawn = random.uniform(shape, {
      dtype: x.dtype,
      ...(this.ownKey && { key: this.nextKey(this.ownKey) }),
    });
    const literal = (value: number): Tensor => full([], value, { dtype: x.dtype });
    const kept = drawn.greaterEqual(literal(this.rate));
    return where(kept, x.mul(literal(1 / (1 - this.rate))), literal(0));
  }

  private drawnShape({ shape }: Tensor): number[] {
    const { noiseShape } = this;
    if (noiseShape === undefined) return [...shape];
    const fits =
      noiseShape.length === shape.length &&
      noiseShape.every((size, axis) => size === null || size === 1 || size === shape[axis]);
    if (fits) return noiseShape.map((size, axis) => size ?? shape[axis]);
    throw new ShapeError(
      `the input has shape ${formatShape(shape)}, noiseShape is [${noiseShape.join(", ")}]`,
      {
        operation: "Dropout",
        shapes: [shape],
        remedy: "It has an entry for each axis of the input: null, 1, or the size of the axis",
      },
    );
  }

  /** The key of the next draw: the layer's own with the number of draws before it, read anew at every compiled call. */
  private nextKey(own: Tensor): Tensor {
    const trace = traceLocal(this, () => ({ draws: 0 }));
    const ahead = trace === null ? 0 : trace.draws++;
    const count = runtimeNumber(() => (this.draws + ahead) % 2 ** 32, "uint32");
    atEachCall(() => {
      this.draws++;
    });
    return concat([own.slice(0, 1), own.slice(1, 2).add(count)]);
  }
}

function checkRate(rate: unknown, operation: string): number {
  if (typeof rate === "number" && rate >= 0 && rate <= 1) return rate;
  throw new StateError(
    `rate must be a number from 0 to 1, not ${typeof rate === "number" ? rate : describeValue(rate)}`,
    { operation, remedy: "It is the probability of dropping an element, such as 0.5" },
  );
}

function checkNoiseShape(noiseShape: DropoutOptions["noiseShape"]): readonly (number | null)[] | undefined {
  if (noiseShape === undefined) return undefined;
  const sizes: readonly unknown[] | null = Array.isArray(noiseShape) ? noiseShape : null;
  if (sizes?.every((size) => size === null || (Number.isSafeInteger(size) && (size as number) >= 0))) {
    return [...noiseShape];
  }
  throw new StateError(`noiseShape is ${describeValue(noiseShape)}`, {
    operation: "Dropout",
    remedy: "Pass an array of sizes and null, such as [null, 1, null]",
  });
}

/**
 * A Dropout layer for `sequential`; with a seed or key of the model its draws are the same every time. Shapes stay as
 * they are.
 */
export function dropout(rate: number, options: DropoutOptions = {}): LayerFactory {
  checkRate(rate, "dropout");
  checkOptions("dropout", options, OPTIONS);
  return {
    build({ key }) {
      const own = options.key !== undefined || options.seed !== undefined ? {} : { key };
      return new Dropout(rate, { ...own, ...options });
    },
  };
}
