/** Timed runs of a trial, and those before them that are not counted: threads wake up, caches fill. */
const TRIAL = 5;
const WAKING = 2;
/** The same for plans that take longer than that many milliseconds, which waking up does not matter to. */
const LONG_MS = 4;
const LONG_TRIAL = 2;
/** Runs after which the other kind is tried, at first and at most. */
const FIRST_INTERVAL = 16;
const LONGEST_INTERVAL = 1024;
/** What the other kind's time must be below, in multiples of the present one's, to be chosen: noise does not change it. */
const BETTER = 0.9;

/**
 * Whether a plan runs on all threads or on one, by what takes less time: the values are the same. On a machine that is
 * busy with something else, threads wait for one another longer than they work; 200 steps a second became 900 here. From
 * time to time some runs in a row are of the other kind; the medians of the latest runs are compared, so that neither a
 * pause of the process nor a worker that must be woken settles the matter.
 */
export class ThreadChoice {
  /** Milliseconds of the latest runs, alone and together. */
  private readonly latest: readonly [number[], number[]] = [[], []];
  private better: 0 | 1 = 1;
  private interval = FIRST_INTERVAL;
  /** Runs since the last trial; in a trial, runs since it began. */
  private runs = 0;
  private isTrial = false;

  /** What the next run should be: 0 alone, 1 together. */
  next(): 0 | 1 {
    return this.isTrial ? ((1 - this.better) as 0 | 1) : this.better;
  }

  /** Takes in how long a run took; those whose other threads were not there yet say nothing about being together. */
  record(kind: 0 | 1, milliseconds: number, wasTogether: boolean): void {
    if (kind === 1 && !wasTogether) return;
    const isLong = milliseconds >= LONG_MS;
    this.runs++;
    if (!this.isTrial || isLong || this.runs > WAKING) this.note(kind, milliseconds);
    if (!this.isTrial) {
      if (this.runs >= this.interval) this.begin(true);
    } else if (this.runs >= (isLong ? LONG_TRIAL : WAKING + TRIAL)) {
      this.decide();
      this.begin(false);
    }
  }

  private note(kind: 0 | 1, milliseconds: number): void {
    const times = this.latest[kind];
    times.push(milliseconds);
    if (times.length > TRIAL) times.shift();
  }

  private begin(isTrial: boolean): void {
    this.isTrial = isTrial;
    this.runs = 0;
    if (isTrial) this.latest[1 - this.better].length = 0;
  }

  private decide(): void {
    const other = (1 - this.better) as 0 | 1;
    const isBetter = median(this.latest[other]) < BETTER * median(this.latest[this.better]);
    this.interval = isBetter ? FIRST_INTERVAL : Math.min(2 * this.interval, LONGEST_INTERVAL);
    if (isBetter) this.better = other;
  }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];
