import { StateError } from "@cotangent/core";
import { checkCount, checkOptions } from "../checks.ts";
import { permutation, randomStream, type Seed } from "../random.ts";
import { type Columns, type Dataset, datasetOf } from "./dataset.ts";

/** Options of `batches`. */
export interface BatchOptions {
  /** Examples in a batch. */
  readonly batchSize: number;
  /** Draw a new order for each epoch; false unless given. */
  readonly shuffle?: boolean;
  /** The order of an epoch is a function of the seed and the epoch's number; 0 unless given. */
  readonly seed?: Seed;
  /** Leave out the last batch when it is short; false unless given. */
  readonly dropLast?: boolean;
  /** The number of the first epoch; 0 unless given. */
  readonly epoch?: number;
  /** With `for await`: how many batches to fetch ahead while one is being used; 1 unless given. */
  readonly prefetch?: number;
}

/**
 * The batches of a data set. Each loop over it is the next epoch; `epoch(n)` gives a certain one. For data in memory use `for`, for
 * data that are loaded when needed `for await`, which also fetches ahead.
 */
export class Batches<B> implements Iterable<B>, AsyncIterable<Awaited<B>> {
  /** The number of batches in an epoch. */
  readonly length: number;
  readonly #dataset: Dataset<B>;
  readonly #options: Required<BatchOptions>;
  #nextEpoch: number;

  constructor(dataset: Dataset<B>, options: BatchOptions) {
    const operation = "batches";
    const { batchSize, shuffle = false, seed = 0, dropLast = false, epoch = 0, prefetch = 1 } = options;
    checkCount(batchSize, { operation, what: "batchSize" });
    this.#nextEpoch = checkCount(epoch, { operation, what: "epoch", least: 0 });
    checkCount(prefetch, { operation, what: "prefetch", least: 0 });
    randomStream(seed, { operation }); // refuses a bad seed before the first epoch
    this.#dataset = dataset;
    this.#options = { batchSize, shuffle, seed, dropLast, epoch, prefetch };
    this.length = dropLast ? Math.floor(dataset.length / batchSize) : Math.ceil(dataset.length / batchSize);
    if (this.length === 0) {
      throw new StateError(
        `${operation}: no batch of ${batchSize} can be made of ${dataset.length} examples`,
        {
          operation,
          remedy: "Make batchSize smaller, or keep the last batch with { dropLast: false }.",
        },
      );
    }
  }

  /** The batches of one epoch, in its order; the same ones each time. */
  epoch(epoch: number): Epoch<B> {
    checkCount(epoch, { operation: "epoch", what: "the epoch", least: 0 });
    return new Epoch(this.#dataset, this.length, { ...this.#options, epoch });
  }

  /** The batches, one after the other. */
  [Symbol.iterator](): Iterator<B> {
    return this.epoch(this.#nextEpoch++)[Symbol.iterator]();
  }

  /** The batches, one after the other, as they become ready. */
  [Symbol.asyncIterator](): AsyncIterator<Awaited<B>> {
    return this.epoch(this.#nextEpoch++)[Symbol.asyncIterator]();
  }
}

/** The batches of one epoch. */
export class Epoch<B> implements Iterable<B>, AsyncIterable<Awaited<B>> {
  /** The number of batches. */
  readonly length: number;
  readonly #dataset: Dataset<B>;
  readonly #options: Required<BatchOptions>;

  constructor(dataset: Dataset<B>, length: number, options: Required<BatchOptions>) {
    this.#dataset = dataset;
    this.length = length;
    this.#options = options;
  }

  /** The batches, one after the other. */
  *[Symbol.iterator](): Generator<B, void> {
    const { batchSize, shuffle, seed, epoch } = this.#options;
    const dataset = this.#dataset;
    const order = shuffle ? epochOrder(dataset.length, { seed, epoch }) : undefined;
    for (let i = 0; i < this.length; i++) {
      const start = i * batchSize;
      const end = Math.min(start + batchSize, dataset.length);
      yield order === undefined ? dataset.range(start, end) : dataset.rows(order.subarray(start, end));
    }
  }

  /** The batches, one after the other, as they become ready. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Awaited<B>, void> {
    const waiting: B[] = [];
    for (const batch of this) {
      // A failure of a batch that is fetched ahead is thrown when its turn comes, not as an unhandled rejection.
      Promise.resolve(batch).catch(() => undefined);
      waiting.push(batch);
      if (waiting.length > this.#options.prefetch) yield await (waiting.shift() as B);
    }
    for (const batch of waiting) yield await batch;
  }
}

/** The order of examples in an epoch: a random permutation that is a function of seed and epoch alone. */
export function epochOrder(
  length: number,
  { seed, epoch }: { readonly seed: Seed; readonly epoch: number },
): Uint32Array {
  const words = typeof seed === "number" ? [seed] : seed;
  return permutation(length, randomStream([...words, epoch], { operation: "batches" }));
}

/**
 * Batches of a data set, or of tensors given as `{ x, y }`. Unshuffled batches of data in memory are slices of it (views);
 * shuffled ones gather rows into fresh tensors.
 *
 * ```ts
 * for (const { x, y } of batches({ x: images, y: labels }, { batchSize: 32, shuffle: true, seed: 1 })) step(x, y);
 * for await (const { x, y } of batches(folder, { batchSize: 32 })) step(x, y);
 * ```
 */
export function batches<B>(dataset: Dataset<B>, options: BatchOptions): Batches<B>;
export function batches<C extends Columns>(columns: C, options: BatchOptions): Batches<C>;
export function batches(data: Dataset<unknown> | Columns, options: BatchOptions): Batches<unknown> {
  checkOptions(options, "batches", "{ batchSize: 32 }");
  return new Batches<unknown>(datasetOf(data), options);
}
