import type { BinaryName, UnaryName } from "../ir/builder.ts";

/** The names of primitives that engines compute: what a table over all of them must have. */
export type ComputedPrimitive =
  | UnaryName
  | BinaryName
  | "compare"
  | "bitwise"
  | "where"
  | "cast"
  | "constant"
  | "iota"
  | "reshape"
  | "permute"
  | "broadcast"
  | "slice"
  | "flip"
  | "pad"
  | "concat"
  | "reduceSum"
  | "reduceProd"
  | "reduceMax"
  | "reduceMin"
  | "reduceAnd"
  | "reduceOr"
  | "argReduce"
  | "argSort"
  | "dot"
  | "randomBits";
