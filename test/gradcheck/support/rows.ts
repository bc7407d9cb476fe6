import type { CheckedFunction, CheckOptions } from "@cotangent/gradcheck";
import type { Fault } from "../../gradients/support/faults.ts";
import type { Random } from "../../gradients/support/random.ts";

/** How the inputs of a random case are made: the list of the function's arguments. */
export type Inputs = (random: Random) => readonly unknown[];

/** A function with a fault that the checker must find. */
export interface FaultRow {
  /** Lower case, with hyphens. The line that calls what is at fault ends with `// fault: NAME`, or several names. */
  readonly name: string;
  /** What is wrong, in a few words. */
  readonly wrong: string;
  readonly f: CheckedFunction;
  readonly inputs: Inputs;
  /** What it takes to see it, if more than the first order. */
  readonly options?: CheckOptions;
  /** The change to a primitive, where that is where the fault lies. */
  readonly fault?: Fault;
  /** What the report must say: the operation, and the operand where it makes a difference. */
  readonly culprit: { readonly operation: string; readonly operand?: number };
}

/** A correct function that is hard to check. */
export interface HardRow {
  /** Lower case, with hyphens. */
  readonly name: string;
  /** What makes it hard, in a few words. */
  readonly hard: string;
  readonly f: CheckedFunction;
  readonly inputs: Inputs;
  readonly options?: CheckOptions;
  /** Cases may lie on a kink, which the report may say. */
  readonly kinks?: true;
  /** How many runs of others one of its own counts for: what takes long runs less often. Default 1. */
  readonly weight?: number;
}

/** Rows, and the file in which they stand, where the marks of faults are looked up. */
export interface FaultTable {
  readonly url: string;
  readonly rows: readonly FaultRow[];
}
