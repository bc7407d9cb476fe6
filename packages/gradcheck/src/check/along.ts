import {
  amplification,
  centralEstimate,
  type Estimate,
  LEVELS,
  SIDED_LEVELS,
  sidedEstimate,
  stepsFrom,
} from "../numeric/difference.ts";
import { absDot, dot, largest, parted } from "../numeric/vectors.ts";
import type { CheckName, Verdict } from "../report/report.ts";
import { agrees, isTight, type Judgement, judged, type Sample } from "./judge.ts";
import { type Probe, type Reading, samePiece } from "./probe.ts";

/** A derivative along directions, as some mode computes it. */
export interface Source {
  readonly check: CheckName;
  readonly order: 1 | 2;
  /** Weighted sums of the function's elements are compared: each a list of weights. Null: every element on its own. */
  readonly weights: readonly Float64Array[] | null;
  /** One number for each element, or for each list of weights. */
  along(direction: Float64Array): Float64Array;
  /** How far rounding moves them. */
  noise(direction: Float64Array): Float64Array;
}

/** The largest steps of windows, relative to the sizes of the inputs: as exponents of 2. */
const WINDOWS = [-4, -7, -10, -14, -18, -23, -28, -34, -1, 3, 8];
const SMALLEST = Math.min(...WINDOWS);
const SIDED_WINDOWS = [-5, -10, -16, -23, -30];
/** Rounding of a float64, and what it leaves of a value that was computed from others. */
const UNIT = 2 ** -53;
const ROUNDING = 4 * UNIT;
const SHARE_OF_OTHERS = 1e-3;
/** What underflow takes away from values, and from what is computed of them. */
const UNDERFLOW = 2 ** -1070;
const UNDERFLOW_ON_WAY = 2 ** -1060;
/** Not a power of 2: functions whose periods are would look flat. */
const ODD = 15 / 16;

/** What differences say along one direction, and of what is compared with them. */
export interface Comparison {
  readonly source: Source;
  readonly analytic: Float64Array;
  readonly judgements: readonly Judgement[];
}

/** One numeric estimate with everything that may be wrong with it. */
interface Window {
  readonly exponent: number;
  readonly estimate: Estimate;
  /** How far rounding of the values may leave the estimate. */
  readonly rounding: Float64Array;
  /** Whether an element has the same bits at all steps. */
  still(i: number): boolean;
}

/** A point, a direction through it, and what the function gives along it. */
export class Line {
  readonly here: Reading;
  /** Rounding errors of the values. */
  private readonly noise: (steps: "exact" | "rounded") => Float64Array;
  /** Whether all steps of the present window are exact. */
  private isExact = true;
  /** The largest values beside the point. */
  private readonly reached: Float64Array;
  private readonly windows = new Map<number, Window | null>();
  private readonly sizes: readonly number[];

  constructor(
    private readonly probe: Probe,
    private readonly point: readonly Float64Array[],
    private readonly direction: Float64Array,
    at: { readonly here: Reading; readonly noise: (steps: "exact" | "rounded") => Float64Array },
  ) {
    this.here = at.here;
    this.noise = at.noise;
    this.reached = new Float64Array(this.here.values.length);
    this.sizes = point.map(({ length }) => length);
  }

  private at(t: number): Reading {
    const parts = parted(this.direction, this.sizes);
    const moved = this.point.map((values, i) =>
      values.map((x, k) => {
        const step = t * parts[i][k];
        const next = x + step;
        if (next - x !== step) this.isExact = false;
        return next;
      }),
    );
    return this.probe.at(moved);
  }

  /** Central differences; null where a step leaves the piece of the point. */
  central(exponent: number): Window | null {
    const known = this.windows.get(exponent);
    if (known !== undefined) return known;
    const window = this.computed(exponent);
    this.windows.set(exponent, window);
    return window;
  }

  private computed(exponent: number): Window | null {
    const steps = stepsFrom(ODD * 2 ** exponent, LEVELS);
    this.isExact = true;
    const ahead: Float64Array[] = [];
    const behind: Float64Array[] = [];
    for (const step of steps) {
      for (const [t, list] of [[step, ahead], [-step, behind]] as const) {
        const reading = this.at(t);
        if (!samePiece(reading, this.here)) return null;
        list.push(reading.values);
      }
    } // biome-ignore format: two lists
    const all = [...ahead, ...behind];
    const rounding = this.rounding(all, steps[LEVELS - 1]);
    return { exponent, estimate: centralEstimate(steps, ahead, behind), rounding, still: this.stillIn(all) };
  }

  /** Differences on one side (`sign` 1: ahead), from the point itself; null where steps leave the piece beside it. */
  sided(exponent: number, sign: 1 | -1): Window | null {
    this.isExact = true;
    const steps = stepsFrom(sign * ODD * 2 ** exponent, SIDED_LEVELS);
    const readings = steps.map((step) => this.at(step));
    if (readings.some((reading) => !samePiece(reading, readings[0]))) return null;
    const values = readings.map((reading) => reading.values);
    const rounding = this.rounding(values, Math.abs(steps[SIDED_LEVELS - 1]));
    const estimate = sidedEstimate(steps, values, this.here.values);
    return { exponent, estimate, rounding, still: this.stillIn(values) };
  }

  private stillIn(values: readonly Float64Array[]): Window["still"] {
    const here = this.here.values;
    return (i) => values.every((one) => Object.is(one[i], here[i]));
  }

  /** Rounding errors as they are at the point, and as the values at the steps have them at least. */
  private rounding(values: readonly Float64Array[], smallest: number): Float64Array {
    const amplified = amplification(smallest);
    return this.noise(this.isExact ? "exact" : "rounded").map((noise, i) => {
      let most = 0;
      for (const one of values) most = Math.max(most, Math.abs(one[i]));
      if (most > this.reached[i]) this.reached[i] = most;
      return this.isExact && this.probe.exact[i] ? 0 : amplified * (noise + ROUNDING * most + UNDERFLOW);
    });
  }

  /** The sample of a window for one of the numbers that a source gives. */
  sample(
    { exponent, estimate, rounding }: Window,
    weights: Float64Array | null,
    i: number,
    own: number,
  ): Sample {
    const { value, error } = estimate;
    if (weights === null) return { numeric: value[i], tolerance: error[i] + rounding[i] + own, exponent };
    // Where all else is exact, sums still are not: this one, and that of the derivative over the direction.
    const summed = UNIT * (weights.length + this.direction.length) * absDot(weights, value);
    const tolerance = absDot(weights, error) + absDot(weights, rounding) + summed + own;
    return { numeric: dot(weights, value), tolerance, exponent };
  }

  /** The size of what is differentiated, against which a derivative counts as none: of an element, or of a weighted sum. */
  scale(weights: Float64Array | null, i: number): number {
    const { values } = this.here;
    return weights === null ? Math.abs(values[i]) : absDot(weights, values);
  }

  /**
   * The same for a derivative that is 0 as far as rounding lets it be, where values may be 0 as well: what cancels on the way
   * to them counts, what they are beside the point, and a share of what stands beside them.
   */
  scaleOfZero(weights: Float64Array | null, i: number): number {
    const of = (list: Float64Array): number => (weights === null ? list[i] : absDot(weights, list));
    const beside = SHARE_OF_OTHERS * largest(this.here.values);
    return Math.max(this.scale(weights, i), of(this.noise("rounded")) / UNIT, of(this.reached), beside);
  }
}

/** Compares everything that the sources give along a direction with differences. */
export function compareAlong(line: Line, sources: readonly Source[], direction: Float64Array): Comparison[] {
  return sources.map((source) => {
    const analytic = source.along(direction);
    const underflow = UNDERFLOW_ON_WAY * Math.max(1, largest(direction));
    let own: Float64Array | null = null;
    const ownNoise = (i: number): number => {
      // What is not finite is wrong by more than rounding.
      if (!Number.isFinite(analytic[i])) return 0;
      own ??= source.noise(direction);
      return own[i] + underflow;
    };
    const judgements = Array.from(analytic, (a, i) => judgedAt(line, source, a, i, ownNoise));
    return { source, analytic, judgements };
  });
}

function judgedAt(
  line: Line,
  { weights }: Source,
  analytic: number,
  i: number,
  ownNoise: (i: number) => number,
): Judgement {
  const weight = weights === null ? null : weights[i];
  const scale = line.scale(weight, i);
  const full = (): number => (Math.abs(analytic) <= ownNoise(i) ? line.scaleOfZero(weight, i) : scale);
  const samples: Sample[] = [];
  for (const exponent of WINDOWS) {
    const window = line.central(exponent);
    if (window === null) continue;
    // What does not depend on what moves has derivative 0, whatever rounding there is in it.
    if (analytic === 0 && isStill(window, weight, i)) return { verdict: "right", ...STILL, exponent };
    const quick = line.sample(window, weight, i, 0);
    if (isTight(analytic, quick, scale)) return { verdict: "right", ...quick };
    const sample = line.sample(window, weight, i, ownNoise(i));
    if (isTight(analytic, sample, full())) return { verdict: "right", ...sample };
    samples.push(sample);
  }
  if (samples.length === 0) return atKink(line, weight, analytic, i, ownNoise(i), full());
  return judged(
    analytic,
    samples.toSorted((a, b) => b.exponent - a.exponent),
    full(),
  );
}

const STILL = { numeric: 0, tolerance: 0 };

const isStill = ({ still }: Window, weights: Float64Array | null, i: number): boolean =>
  weights === null ? still(i) : weights.every((w, k) => w === 0 || still(k));

/** The derivatives on both sides. */
export interface Sides {
  readonly behind: Sample | null;
  readonly ahead: Sample | null;
}

/** A judgement at a kink, with what is known of both sides. */
export interface KinkJudgement extends Judgement {
  readonly sides: Sides;
}

/** Whether a source contradicts one window of differences: a quick look, where the window is known to be a good one. */
export function contradicts(line: Line, source: Source, direction: Float64Array, exponent: number): boolean {
  const window = line.central(exponent);
  if (window === null) return false;
  const analytic = source.along(direction);
  const off = (noise: Float64Array | null) =>
    analytic.some((a, i) => !agrees(a, line.sample(window, source.weights?.[i] ?? null, i, noise?.[i] ?? 0)));
  return off(null) && off(source.noise(direction));
}

/** Whether even the smallest steps leave the piece. */
export const leavesPiece = (line: Line): boolean => line.central(SMALLEST) === null;

/** Where no window stays on one piece: the derivatives on both sides, which may be equal all the same. */
function atKink(
  line: Line,
  weights: Float64Array | null,
  analytic: number,
  i: number,
  own: number,
  scale: number,
): KinkJudgement {
  const [behind, ahead] = ([-1, 1] as const).map((sign) => {
    const samples = SIDED_WINDOWS.flatMap((exponent) => {
      const window = line.sided(exponent, sign);
      return window === null ? [] : [line.sample(window, weights, i, own)];
    }).filter(({ numeric, tolerance }) => Number.isFinite(numeric) && tolerance < Number.POSITIVE_INFINITY);
    return samples.reduce<Sample | null>(
      (best, next) => (best !== null && best.tolerance <= next.tolerance ? best : next),
      null,
    );
  });
  const sides = { behind, ahead };
  if (
    behind !== null &&
    ahead !== null &&
    Math.abs(behind.numeric - ahead.numeric) <= behind.tolerance + ahead.tolerance
  ) {
    return { ...judged(analytic, [behind, ahead], scale), sides };
  }
  const numeric = behind === null || ahead === null ? Number.NaN : (behind.numeric + ahead.numeric) / 2;
  return { verdict: "kink", numeric, tolerance: Number.POSITIVE_INFINITY, exponent: 0, sides };
}

/** Whether an analytic value lies between the derivatives on both sides, their errors included. */
export function isBetween(analytic: number, { behind, ahead }: Sides): Verdict {
  if (behind === null || ahead === null) return "kink";
  const low = Math.min(behind.numeric - behind.tolerance, ahead.numeric - ahead.tolerance);
  const high = Math.max(behind.numeric + behind.tolerance, ahead.numeric + ahead.tolerance);
  return analytic >= low && analytic <= high ? "right" : "wrong";
}

/** A direction that moves nothing but some elements. */
export const restricted = (direction: Float64Array, from: number, to: number): Float64Array => {
  const result = new Float64Array(direction.length);
  result.set(direction.subarray(from, to), from);
  return result;
};
