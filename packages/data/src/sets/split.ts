import { StateError } from "@cotangent/core";
import { checkOptions, show } from "../checks.ts";
import { permutation, randomStream, type Seed } from "../random.ts";
import { type Columns, checkIndices, checkRange, type Dataset, datasetOf } from "./dataset.ts";

/** Some examples of another data set, in an order of their own. Nothing is copied until they are fetched. */
export class Subset<B> implements Dataset<B> {
  readonly length: number;
  readonly labels?: Uint32Array;
  readonly #parent: Dataset<B>;
  readonly #indices: Uint32Array;
  readonly #contiguous: boolean;

  constructor(parent: Dataset<B>, indices: ArrayLike<number>) {
    checkIndices(indices, parent.length);
    this.#parent = parent;
    this.#indices = Uint32Array.from(indices);
    this.#contiguous = this.#indices.every((index, i) => index === (this.#indices[0] as number) + i);
    this.length = indices.length;
    const { labels } = parent;
    if (labels !== undefined) this.labels = this.#indices.map((index) => labels[index] as number);
  }

  rows(indices: ArrayLike<number>): B {
    checkIndices(indices, this.length);
    return this.#parent.rows(Uint32Array.from(indices, (index) => this.#indices[index] as number));
  }

  range(start: number, end: number): B {
    checkRange(start, end, this.length);
    const first = this.#indices[0] as number;
    if (this.#contiguous) return this.#parent.range(first + start, first + end);
    return this.#parent.rows(this.#indices.subarray(start, end));
  }

  all(): B {
    return this.range(0, this.length);
  }
}

/** The examples of these numbers as a data set. `IndexError` for numbers that do not exist. */
export function subset<B>(dataset: Dataset<B>, indices: ArrayLike<number>): Subset<B> {
  return new Subset(dataset, indices);
}

/** Options of `trainValidationSplit`. */
export interface SplitOptions {
  /** The share of examples to keep for validation: above 0 and below 1. */
  readonly validation: number;
  /** Draws the validation examples; 0 unless given. */
  readonly seed?: Seed;
  /** `false` takes the last examples instead of drawing, so that both parts stay slices of the data. */
  readonly shuffle?: boolean;
  /**
   * Draw the share from each class (rounded, each class keeps one example on either side if it has two); true unless given, where
   * the data set has labels.
   */
  readonly stratify?: boolean;
}

/** The two parts of a data set. */
export interface Split<B> {
  readonly train: Subset<B>;
  readonly validation: Subset<B>;
}

/**
 * Divides a data set, or tensors given as `{ x, y }`, in two that share its memory. The same seed gives the same split. Both parts
 * keep the order of the data set: shuffling is the business of `batches`.
 */
export function trainValidationSplit<B>(dataset: Dataset<B>, options: SplitOptions): Split<B>;
export function trainValidationSplit<C extends Columns>(columns: C, options: SplitOptions): Split<C>;
export function trainValidationSplit(
  data: Dataset<unknown> | Columns,
  options: SplitOptions,
): Split<unknown> {
  const dataset = datasetOf(data);
  const operation = "trainValidationSplit";
  checkOptions(options, operation, "{ validation: 0.1 }");
  const { validation: share, seed = 0, shuffle = true, stratify = true } = options;
  if (!(share > 0 && share < 1)) {
    throw new StateError(`${operation}: validation is ${show(share)}`, {
      operation,
      remedy: "Pass the share to keep for validation, such as { validation: 0.1 }.",
    });
  }
  const { length } = dataset;
  if (length < 2)
    throw new StateError(`${operation}: ${length} examples cannot be divided`, {
      operation,
      remedy: "A data set of two or more can",
    });
  const chosen = new Uint8Array(length);
  if (!shuffle) chosen.fill(1, length - countFor(length, share));
  else {
    const stream = randomStream(seed, { operation });
    for (const group of groupsOf(dataset, stratify)) {
      const order = permutation(group.length, stream);
      for (let i = 0; i < countFor(group.length, share); i++) chosen[group[order[i] as number] as number] = 1;
    }
  }
  const part = (side: number) => Array.from(chosen.keys()).filter((index) => chosen[index] === side);
  if (part(1).length === 0)
    throw new StateError(`${operation}: no class has two examples to divide`, {
      operation,
      remedy: "Pass { stratify: false }, which does not divide class by class",
    });
  return { train: new Subset(dataset, part(0)), validation: new Subset(dataset, part(1)) };
}

/** The rounded share, but at least one and not all; none of a single example. */
function countFor(length: number, share: number): number {
  return Math.min(length - 1, Math.max(1, Math.round(length * share)));
}

function groupsOf({ length, labels }: Dataset<unknown>, stratify: boolean): number[][] {
  const indices = Array.from({ length }, (_, i) => i);
  if (labels === undefined || !stratify) return [indices];
  const groups = new Map<number, number[]>();
  for (const index of indices) {
    const label = labels[index] as number;
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [index]);
    else group.push(index);
  }
  return [...groups.keys()].sort((a, b) => a - b).map((label) => groups.get(label) as number[]);
}
