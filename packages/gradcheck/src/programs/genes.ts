/**
 * A list of whole numbers that decisions are read from, one after the other. It never runs out: behind its end are zeros,
 * which stand for the first of the possible choices. So every list decides everything.
 */
export class Genes {
  private readonly given: readonly number[];
  /** What was decided: the same list without what makes no difference. */
  private readonly decided: number[] = [];

  constructor(given: readonly number[]) {
    this.given = given;
  }

  /** A whole number from low to high, both included. */
  whole(low: number, high: number): number {
    const gene = Math.abs(Math.trunc(this.given[this.decided.length] ?? 0));
    const choice = gene % (high - low + 1);
    this.decided.push(choice);
    return low + choice;
  }

  /** One of the items; there is at least one. */
  of<T>(items: readonly T[]): T {
    return items[this.whole(0, items.length - 1)];
  }

  /** One of the items, in half of all cases the first; there is at least one. */
  mostlyFirst<T>(items: readonly T[]): T {
    return items[this.whole(0, 2 * items.length - 1)] ?? items[0];
  }

  /** False is the first choice. */
  yes(): boolean {
    return this.whole(0, 1) === 1;
  }

  /** Some order of the numbers below `count`. */
  order(count: number): number[] {
    const rest = Array.from({ length: count }, (_, i) => i);
    return Array.from({ length: count }, () => rest.splice(this.whole(0, rest.length - 1), 1)[0]);
  }

  /** The decisions so far, without the zeros at their end: they decode into the same. */
  get canonical(): readonly number[] {
    return this.decided.slice(0, this.decided.findLastIndex((choice) => choice !== 0) + 1);
  }
}
