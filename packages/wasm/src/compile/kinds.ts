import type { ComputedPrimitive } from "@cotangent/core";

/**
 * How the compiler treats each primitive. The table is total: a primitive that core defines and that has no entry here
 * does not compile.
 *
 * - scalar: an operation on the numbers of one place, part of any kernel's body
 * - leaf: a number that depends on the place only
 * - movement: index arithmetic in the loads of what comes before
 * - reduction: loops that keep a running total
 * - product: a call of the library's matrix product
 * - convolution: a call of the library's convolution
 * - overlap: a call of the library's sums of sliding windows
 * - extremum: a call of the library's search
 * - cumulative: a call of the library's running totals
 * - lookup: rows that indices name, read or written by the library
 * - order: a call of the library's sort
 * - control: loops and branches, whose bodies are programs of their own, and what they give
 * - parts: written part by part into memory of its own
 */
export type Kind =
  | "scalar"
  | "leaf"
  | "movement"
  | "reduction"
  | "product"
  | "convolution"
  | "overlap"
  | "extremum"
  | "order"
  | "cumulative"
  | "lookup"
  | "parts"
  | "control";

// biome-ignore format: a table
const KINDS: Readonly<Record<ComputedPrimitive, Kind>> = {
  neg: "scalar", abs: "scalar", sign: "scalar", exp: "scalar", log: "scalar", expm1: "scalar", log1p: "scalar",
  exp2: "scalar", log2: "scalar", log10: "scalar", sin: "scalar", cos: "scalar", tan: "scalar", asin: "scalar", acos: "scalar",
  atan: "scalar", sinh: "scalar", cosh: "scalar", tanh: "scalar", asinh: "scalar", acosh: "scalar", atanh: "scalar",
  sigmoid: "scalar", erf: "scalar", erfc: "scalar", erfinv: "scalar", lgamma: "scalar", sqrt: "scalar", cbrt: "scalar",
  floor: "scalar", ceil: "scalar", round: "scalar", trunc: "scalar", isNaN: "scalar",
  add: "scalar", sub: "scalar", mul: "scalar", div: "scalar", quotient: "scalar", pow: "scalar", max: "scalar",
  min: "scalar", mod: "scalar", atan2: "scalar",
  barrier: "scalar",
  compare: "scalar", bitwise: "scalar", shift: "scalar", bitcast: "scalar", polygamma: "scalar", where: "scalar", cast: "scalar", randomBits: "scalar",
  constant: "leaf", iota: "leaf",
  reshape: "movement", permute: "movement", broadcast: "movement", slice: "movement", flip: "movement",
  windows: "movement",
  reduceSum: "reduction", reduceProd: "reduction", reduceMax: "reduction", reduceMin: "reduction",
  reduceAnd: "reduction", reduceOr: "reduction",
  cumulativeSum: "cumulative", cumulativeProd: "cumulative", cumulativeMax: "cumulative", cumulativeMin: "cumulative",
  cumulativeAffine: "cumulative",
  dot: "product", conv: "convolution", fold: "overlap", argReduce: "extremum", argSort: "order", pad: "parts", concat: "parts",
  gather: "lookup", scatterSet: "lookup", scatterAdd: "lookup", scatterMul: "lookup", scatterMin: "lookup",
  scatterMax: "lookup",
  loop: "control", branch: "control", part: "control",
};

/** The kind of a primitive; undefined for what only other kinds of nodes are called, such as inputs. */
export const kindOf = (name: string): Kind | undefined => KINDS[name as ComputedPrimitive];
