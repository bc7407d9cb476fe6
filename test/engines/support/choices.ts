import type fc from "fast-check";

/** What a random program is decoded from: every sequence of answers gives a valid program. */
export class Choices {
  constructor(private readonly random: fc.Random) {}

  /** A whole number from 0 to count - 1; 0 where there is nothing to choose. */
  below(count: number): number {
    return count > 1 ? this.random.nextInt(0, count - 1) : 0;
  }

  /** A whole number from low to high, both included. */
  whole(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** One of the items, of which there must be one. */
  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** One of the items, the last ones more often than the first: what was computed last is used next. */
  recent<T>(items: readonly T[]): T {
    const last = items.length - 1;
    return items[last - Math.min(this.below(last + 1), this.below(last + 1))];
  }

  /** One of the items, each as often as its weight says. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T {
    let rest = this.below(items.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, item] of items) {
      rest -= weight;
      if (rest < 0) return item;
    }
    return items[items.length - 1][1];
  }

  /** Each item with a chance of `percent`. */
  some<T>(items: readonly T[], percent = 50): T[] {
    return items.filter(() => this.chance(percent));
  }

  /** The items in any order. */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const k = this.below(i + 1);
      [result[i], result[k]] = [result[k], result[i]];
    }
    return result;
  }
}
