import type { ComputedWork } from "../lines/line.ts";

/**
 * What runner and peers say to each other: JSON, one message a line, over stdin and stdout. A peer says hello when it is
 * ready, then answers requests one after the other, and blocks on stdin in between. `peers/python/serve.py` says the same.
 */

/** A peer's first message. */
export type Hello =
  | { readonly version: string; readonly kinds: readonly ComputedWork["kind"][]; readonly note?: string }
  /** What is not installed. */
  | { readonly missing: string };

export type Request =
  | {
      readonly do: "prepare";
      readonly work: ComputedWork;
      /** Iterations whose results are reported. */
      readonly checks: number;
      readonly warmUpMs: number;
    }
  /** `skip` iterations that are not timed, then `iterations` that are. */
  | { readonly do: "run"; readonly skip: number; readonly iterations: number };

export interface Prepared {
  /** Microseconds of the very first iteration. */
  readonly firstUs: number;
  /** The results of the first iterations. */
  readonly results: readonly (readonly number[])[];
  /** Microseconds of an iteration at the end of the warm-up. */
  readonly estimateUs: number;
}

export interface Ran {
  /** Microseconds of each iteration. */
  readonly times: readonly number[];
  /** The result of the last iteration. */
  readonly result: readonly number[];
}

export interface Failed {
  readonly error: string;
}

/** The peer has nothing for this line. */
export interface NotSupported {
  readonly unsupported: string;
}

export type Reply = Prepared | Ran | Failed | NotSupported;
