/**
 * How far the results of an engine may be from the reference engine's, given the same inputs. Integers and bool are
 * always equal. The sign of a zero counts, except in sums (`sum`), where it depends on the order; NaN equals NaN,
 * whatever its payload.
 */
export type Tolerance =
  /** The same bits. */
  | { readonly kind: "exact" }
  /** Steps between neighbouring numbers. */
  | {
      readonly kind: "ulp";
      readonly float32: number;
      readonly float64: number;
      /** Near zeros where large terms cancel: what is always allowed, as a difference. */
      readonly difference?: number;
    }
  /** Relative to the sum of absolute terms, times their number: any order of summing, in the dtype itself. */
  | { readonly kind: "sum" }
  /** Relative to the product, times the number of factors. */
  | { readonly kind: "product" };

const exact: Tolerance = { kind: "exact" };
const ulp = (float64: number): Extract<Tolerance, { kind: "ulp" }> => ({ kind: "ulp", float32: 1, float64 });

/**
 * An engine is within 1 ULP of the exact value in float32 and 2 ULP in float64. The reference computes in float64 with
 * V8's functions: in float32 it is as good as exact; in float64 its own error comes on top where it exceeds 1 ULP
 * (worst of 6,000 points against mpmath, 2026-11: sigmoid 2.0, tanh 1.8, acosh 1.6, sinh and atanh 1.5, atan2 1.4,
 * asinh 1.3, cosh 1.1, erfc 2.3, erfinv 2.2; the others at most 0.8).
 */
const ELEMENTARY: Readonly<Record<string, Tolerance>> = {
  exp: ulp(2),
  log: ulp(2),
  expm1: ulp(2),
  log1p: ulp(2),
  exp2: ulp(2),
  log2: ulp(2),
  log10: ulp(2),
  sin: ulp(2),
  cos: ulp(2),
  tan: ulp(2),
  asin: ulp(2),
  acos: ulp(2),
  atan: ulp(2),
  cbrt: ulp(2),
  pow: ulp(2),
  mod: ulp(2),
  erf: ulp(2),
  sinh: ulp(3),
  cosh: ulp(3),
  tanh: ulp(3),
  asinh: ulp(3),
  acosh: ulp(3),
  atanh: ulp(3),
  atan2: ulp(3),
  sigmoid: ulp(4),
  erfc: ulp(4),
  erfinv: ulp(4),
  // Between the poles at negative integers: both engines are exact to 2^-61 there.
  lgamma: { ...ulp(2), difference: 2 ** -60 },
  polygamma: ulp(4),
};

/** It has zeros between the poles; higher orders have them too, but cancel in twice as many digits. */
const DIGAMMA: Tolerance = { ...ulp(4), difference: 2 ** -60 };

const ACCUMULATED: Readonly<Record<string, Tolerance>> = {
  reduceSum: { kind: "sum" },
  dot: { kind: "sum" },
  conv: { kind: "sum" },
  fold: { kind: "sum" },
  reduceProd: { kind: "product" },
};

/**
 * The tolerance of a primitive's floating results. What is not listed is exact: + - * / sqrt floor ceil round trunc abs
 * neg sign min max compare where cast isNaN, movement, max and min over axes, argReduce, argSort, what indices name, bits, constants.
 */
export const toleranceOf = (primitive: string, params: object = {}): Tolerance =>
  (primitive === "polygamma" && "n" in params && params.n === 0 ? DIGAMMA : undefined) ??
  ELEMENTARY[primitive] ??
  ACCUMULATED[primitive] ??
  exact;
