/** What the checker said of both tables. */
export interface Results {
  /** How many random cases it took to find each fault; null where none of them showed it. */
  readonly faults: Readonly<Record<string, number | null>>;
  readonly hard: Readonly<Record<string, Counts>>;
}

/** How often each verdict was given of a correct function. */
export interface Counts {
  readonly runs: number;
  readonly right: number;
  readonly kink: number;
  readonly inconclusive: number;
  readonly wrong: number;
}

/** What PyTorch said of the same functions, with the same inputs. */
export interface TorchResults {
  readonly version: string;
  readonly faults: Readonly<Record<string, TorchFound | NotAsked>>;
  readonly hard: Readonly<Record<string, TorchCounts | NotAsked>>;
}

/** Why something could not be asked. */
export interface NotAsked {
  readonly reason: string;
}

export interface TorchFound {
  /** The case in which it was found, counted from 1; null where none of so many showed it. */
  readonly found: number | null;
  readonly cases: number;
  /** What was said of it. */
  readonly message: string | null;
}

export interface TorchCounts {
  readonly cases: number;
  /** So many of them were rejected. */
  readonly rejected: number;
  /** What was said of the first of these. */
  readonly message: string | null;
}
