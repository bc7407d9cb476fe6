import type { Line, Target } from "../lines/line.ts";
import { type Summary, TOLERANCE } from "./statistics.ts";

/** What one peer did in one line. */
export type Cell =
  | {
      /** In the unit of the line. */
      readonly value: number;
      /** Of the times in microseconds; not there for sizes. */
      readonly times?: Summary;
      /** What its first iterations gave: losses, or fingerprints (`peers/workload.ts`). */
      readonly results?: readonly (readonly number[])[];
      /** How far these are, relatively, from those of the first peer. */
      readonly difference?: number;
    }
  /** Not a line for this peer. */
  | { readonly unsupported: true }
  | { readonly error: string };

export interface Row {
  readonly line: Line;
  /** By the names of the peers. */
  readonly cells: Readonly<Record<string, Cell>>;
}

/** A peer that takes part. */
export interface Participant {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly note?: string;
}

export interface Report {
  readonly date: string;
  readonly machine: string;
  readonly quick: boolean;
  readonly participants: readonly Participant[];
  readonly rows: readonly Row[];
  /** Things that make figures doubtful. */
  readonly warnings: readonly string[];
}

/** Microseconds of an iteration, in the unit of the line. */
export function inUnit(line: Line, us: number): number {
  if (line.unit === "GFLOP/s" && line.measure === "iteration") return (line.flops ?? Number.NaN) / us / 1000;
  if (line.unit === "us/op" && line.measure === "iteration") return us / (line.operations ?? Number.NaN);
  return us;
}

/** Whether the peer did other work than the first: then its figure means nothing. */
export function disagrees({ difference = 0 }: { readonly difference?: number }): boolean {
  return difference > TOLERANCE;
}

/** The value that counts: undefined when there is none, or when the peer did other work. */
export function countedValue(cell: Cell | undefined): number | undefined {
  return cell !== undefined && "value" in cell && !disagrees(cell) ? cell.value : undefined;
}

/** How many times as long (as much, for sizes) the peer takes as Cotangent: above 1, Cotangent is ahead. */
export function ratio(row: Row, peer: string, base = "cotangent"): number | undefined {
  const [ours, theirs] = [countedValue(row.cells[base]), countedValue(row.cells[peer])];
  if (ours === undefined || theirs === undefined) return undefined;
  return row.line.unit === "GFLOP/s" ? ours / theirs : theirs / ours;
}

export function isMet(value: number, target: Target): boolean {
  return "atMost" in target ? value <= target.atMost : value >= target.atLeast;
}
