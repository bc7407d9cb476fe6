import { absDot, dot, largest } from "../numeric/vectors.ts";
import type { CheckSummary } from "../report/report.ts";
import type { Source } from "./along.ts";
import { type Probe, samePiece } from "./probe.ts";

/** Steps at which remainders are taken, as exponents of 2. */
const EXPONENTS = Array.from({ length: 32 }, (_, i) => -2 - i);
/** Remainders this many times larger than rounding say something. */
const ABOVE_NOISE = 30;
const PAIRS = 4;
/** Fewer of them are all of large steps, at which the square need not have taken over yet. */
const LEAST = 12;

/**
 * Without finite differences: for a right gradient g the remainder f(x + hv) - f(x) - h <g, v> falls with h^2, so its
 * slope in a logarithmic plot is 2; for a wrong one it is 1. (The Taylor test of adjoint codes: P. E. Farrell et al.,
 * "Automated derivation of the adjoint of high-level transient finite element programs", 2013, section 6.)
 * Null where remainders vanish in rounding, as for linear functions.
 */
export function taylorSlope(
  probe: Probe,
  point: readonly Float64Array[],
  directions: readonly Float64Array[],
  weights: Float64Array,
  derivative: number,
  /** How far rounding moves the derivative. */
  error = 0,
): number | null {
  const here = probe.at(point);
  const value = dot(weights, here.values);
  const noise = probe.noise(point).reduce((sum, x, i) => sum + x * Math.abs(weights[i]), 0);
  const remainders: number[] = [];
  for (const exponent of EXPONENTS) {
    const h = 2 ** exponent;
    const reading = probe.at(point.map((values, i) => values.map((x, k) => x + h * directions[i][k])));
    if (!samePiece(reading, here)) continue;
    const remainder = Math.abs(dot(weights, reading.values) - value - h * derivative);
    if (!(remainder > ABOVE_NOISE * noise + h * error)) break;
    remainders.push(remainder);
  }
  if (remainders.length < LEAST) return null;
  const last = remainders.slice(-PAIRS - 1);
  const slopes = last.slice(1).map((remainder, i) => Math.log2(last[i] / remainder));
  return slopes.toSorted((a, b) => a - b)[slopes.length >> 1];
}

/** A slope this near to 1 contradicts a gradient. */
export const CONTRADICTION = 1.25;

/** What the slope says of a gradient. */
export function taylorSummary(slope: number | null): CheckSummary {
  const verdict = slope !== null && slope < CONTRADICTION ? "wrong" : "right";
  const note = slope === null ? "no remainder above rounding" : `slope ${slope.toFixed(2)}`;
  return { check: "taylor", order: 1, verdict, compared: 1, worst: null, note };
}

/** Units of rounding that are allowed for each operation that lies behind one another. */
const ROUNDINGS = 64;

/**
 * <w, J v> = <J^T w, v>, whatever the function: forward and reverse mode apply the same numbers in another order. Both
 * may differ by 64 eps sum |w_i (J v)_i| for each operation of the longest chain, and by what rounding inside of the
 * graph is seen to make of it.
 */
export function dotProductSummary(
  forward: Source,
  reverse: Source,
  direction: Float64Array,
  depth: number,
): CheckSummary {
  const jv = forward.along(direction);
  const rows = reverse.weights ?? [];
  const pulled = reverse.along(direction);
  let worst = 0;
  rows.forEach((w, i) => {
    const difference = Math.abs(dot(w, jv) - pulled[i]);
    if (difference === 0) return;
    const plain = ROUNDINGS * 2 ** -52 * Math.max(1, depth) * absDot(w, jv);
    // What rounds inside of the graph is looked at only where it matters.
    const inside =
      difference <= plain ? 0 : absDot(w, forward.noise(direction)) + reverse.noise(direction)[i];
    const share = difference / (plain + inside);
    if (!(share <= worst)) worst = share;
  });
  const broken = !(worst <= 1) && Number.isFinite(largest(jv));
  return {
    check: "dotProduct",
    order: 1,
    verdict: broken ? "wrong" : "right",
    compared: rows.length,
    worst,
    note: `depth ${depth}`,
  };
}
