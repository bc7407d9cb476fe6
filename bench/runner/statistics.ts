/** The middle of the values, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The n-th root of the product of n positive values; NaN of none. */
export function geometricMean(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** What several rounds of measuring say. */
export interface Summary {
  /** The median of the rounds' medians. */
  readonly median: number;
  /** The mean over all iterations of all rounds: unlike the median it counts the pauses of a garbage collector. */
  readonly mean: number;
  /** How far the rounds' medians lie apart, as a part of their median: 0.1 says that figures closer than 10 % are equal. */
  readonly spread: number;
  readonly rounds: number;
  readonly iterations: number;
}

/**
 * Each round counts the same, however many iterations it had: what disturbs one round (another program, a lower clock)
 * then moves the result as little as possible.
 */
export function summarize(rounds: readonly (readonly number[])[]): Summary {
  const medians = rounds.map(median);
  const middle = median(medians);
  const all = rounds.flat();
  return {
    median: middle,
    mean: all.reduce((sum, value) => sum + value, 0) / all.length,
    spread: (Math.max(...medians) - Math.min(...medians)) / middle,
    rounds: rounds.length,
    iterations: all.length,
  };
}

/**
 * How many iterations make a round of about `roundMs`: one at least, `most` at most.
 * @param estimateUs microseconds of one
 */
export function iterationsFor(estimateUs: number, roundMs: number, most = 10_000): number {
  const count = Math.ceil((roundMs * 1000) / Math.max(estimateUs, 0.01));
  return Math.min(Math.max(count, 1), most);
}

/** Results of two peers that differ by more than this, relatively, are not of the same work. */
export const TOLERANCE = 1e-3;

/**
 * The largest relative difference between the results of two peers, iteration by iteration: of each pair of numbers,
 * measured by the larger one. Infinite for NaN, and when there are more on one side.
 */
export function largestDifference(
  ours: readonly (readonly number[])[],
  theirs: readonly (readonly number[])[],
): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const [step, numbers] of ours.entries()) {
    if (theirs[step].length !== numbers.length) return Number.POSITIVE_INFINITY;
    for (const [i, a] of numbers.entries()) {
      const b = theirs[step][i];
      if (a === b) continue;
      const difference = Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
      largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference);
    }
  }
  return largest;
}
