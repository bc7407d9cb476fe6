/** Means over examples of values that come as means over batches: a short batch counts for less. */
export class Averages {
  readonly #names: readonly string[];
  readonly #sums: number[];
  #examples = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#sums = names.map(() => 0);
  }

  /** Adds a batch: its values, in the order of the names, and its number of examples. */
  add(values: readonly number[], examples: number): void {
    values.forEach((value, i) => {
      this.#sums[i] += value * examples;
    });
    this.#examples += examples;
  }

  /** The means so far, by name. */
  means(prefix = ""): Record<string, number> {
    return Object.fromEntries(this.#names.map((name, i) => [prefix + name, this.#sums[i] / this.#examples]));
  }
}
