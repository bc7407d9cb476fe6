import type { ComputedWork } from "../lines/line.ts";

/** A line's computation, ready to be repeated. */
export interface Workload {
  /** One iteration. It is over, its result in memory, when this returns or what it returns resolves. */
  iterate(): unknown;
  /** Numbers by which the last iteration is compared with those of other peers: its loss, or fingerprints. */
  result(): readonly number[] | Promise<readonly number[]>;
}

type Kind = ComputedWork["kind"];
type WorkOf<K extends Kind> = Extract<ComputedWork, { kind: K }>;

/** How a peer builds its workloads: kinds of lines that it has not are left out. */
export type Workloads = {
  readonly [K in Kind]?: (work: WorkOf<K>) => Workload | Promise<Workload>;
};

/** A line that the peer cannot do, though it does others of the kind: a dtype that it has not. */
export class Unsupported extends Error {}

/**
 * Three numbers that say whether two arrays are the same but for rounding: their norm, a norm that weighs later
 * elements more, and the sum of what is positive. None of them cancels, so they can be compared relatively.
 */
export function fingerprint(values: ArrayLike<number>): number[] {
  let squares = 0;
  let weighted = 0;
  let positive = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const later = value * (1 + i / values.length);
    squares += value * value;
    weighted += later * later;
    if (value > 0) positive += value;
  }
  return [Math.sqrt(squares), Math.sqrt(weighted), positive];
}
