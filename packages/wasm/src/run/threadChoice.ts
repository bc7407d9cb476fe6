/** Runs of each kind before the times are compared. */
const TRIALS = 3;
/** Runs after which the slower kind is tried again, at first and at most. */
const FIRST_INTERVAL = 64;
const LONGEST_INTERVAL = 1024;
/** Weight of the newest time. */
const NEWEST = 0.25;

/**
 * Whether a plan runs on all threads or on one, by what took less time: the values are the same. On a machine that is
 * busy with something else, threads wait for one another longer than they work; 200 steps a second became 900 here.
 */
export class ThreadChoice {
  /** Mean milliseconds alone and together. */
  private readonly times = [0, 0];
  private readonly counts = [0, 0];
  private interval = FIRST_INTERVAL;
  private sinceTrial = 0;

  /** What the next run should be: 0 alone, 1 together. */
  next(): 0 | 1 {
    if (this.counts[1] < TRIALS) return 1;
    if (this.counts[0] < TRIALS) return 0;
    const better = this.times[1] <= this.times[0] ? 1 : 0;
    if (++this.sinceTrial < this.interval) return better;
    this.sinceTrial = 0;
    const ratio = this.times[1 - better] / this.times[better];
    this.interval = ratio > 1.3 ? Math.min(2 * this.interval, LONGEST_INTERVAL) : FIRST_INTERVAL;
    return (1 - better) as 0 | 1;
  }

  record(kind: 0 | 1, milliseconds: number): void {
    const count = ++this.counts[kind];
    // The first runs are those of code that is not optimised yet.
    const weight = count <= TRIALS ? 1 : NEWEST;
    this.times[kind] += weight * (milliseconds - this.times[kind]);
  }
}
