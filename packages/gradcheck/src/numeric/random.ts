/** Reproducible numbers: each draw depends on the seed and on the draws before it. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (seed + 0x9e3779b9) | 0;
  }

  /** In [0, 1), by the 32-bit generator "mulberry32" (T. Ettinger, 2017). */
  unit(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** Magnitudes from 0.5 to 1 with either sign: a direction in which no element is left out. */
  direction(size: number): Float64Array {
    return Float64Array.from({ length: size }, () => (this.unit() < 0.5 ? -1 : 1) * this.between(0.5, 1));
  }
}
