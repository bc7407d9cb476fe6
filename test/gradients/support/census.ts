import type { Case } from "./row.ts";

/** Counts what kinds of cases a property saw. */
export class Census {
  private checked = 0;
  private rejected = 0;
  private small = 0;
  private aliased = 0;
  private deep = 0;

  note(item: Case, conclusive: boolean): void {
    if (!conclusive) {
      this.rejected++;
      return;
    }
    const { shapes } = item.setup;
    this.checked++;
    if (shapes.some((shape) => shape.some((size) => size <= 1))) this.small++;
    if (shapes.some((shape) => shape.length >= 3)) this.deep++;
    if (item.aliased) this.aliased++;
  }

  /** Shares of the cases that were checked; of rejected ones, among all. */
  shares() {
    const part = (count: number) => count / Math.max(this.checked, 1);
    return {
      checked: this.checked,
      small: part(this.small),
      aliased: part(this.aliased),
      deep: part(this.deep),
      rejected: this.rejected / Math.max(this.checked + this.rejected, 1),
    };
  }

  toString(): string {
    const { checked, ...shares } = this.shares();
    const parts = Object.entries(shares).map(([name, share]) => `${name} ${(100 * share).toFixed(1)}%`);
    return `${checked} cases, ${parts.join(", ")}`;
  }
}
