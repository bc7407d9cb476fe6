import type { Verdict } from "../report/report.ts";

/** What one window of steps says of one derivative. */
export interface Sample {
  readonly numeric: number;
  /** How far off it may be, rounding included. */
  readonly tolerance: number;
  /** The largest step of the window, as an exponent of 2. */
  readonly exponent: number;
}

/** What is said of one number, by which window. */
export interface Judgement extends Sample {
  readonly verdict: Verdict;
}

const NO_SAMPLE: Sample = { numeric: Number.NaN, tolerance: Number.POSITIVE_INFINITY, exponent: 0 };

/** A numeric value known to this share of its size, or of what is compared with it, decides. */
const KNOWN = 1e-3;
/** So does one known to this share of the size of the function: a derivative of zero. */
const KNOWN_OF_SCALE = 1e-6;
/** A value known this well, and in agreement, needs no further looking. */
const TIGHT = 1e-9;
const TIGHT_OF_SCALE = 1e-11;
/** A value known to so little needs no further looking, whatever it is: numbers as small lose their digits. */
const TINY = 2 ** -1000;
/** A numeric value worse than this is none. */
const VAGUE = 0.25;

/** Whether both are equal as far as the sample knows. */
export const agrees = (analytic: number, { numeric, tolerance }: Sample): boolean =>
  analytic === numeric || Math.abs(analytic - numeric) <= tolerance;

const within = (
  analytic: number,
  { numeric, tolerance }: Sample,
  scale: number,
  share: number,
  ofScale: number,
): boolean => tolerance <= Math.max(TINY, share * sizeOf(analytic, numeric), ofScale * scale);

/** An analytic value that is not finite says nothing of the size of the derivative. */
const sizeOf = (analytic: number, numeric: number): number =>
  Number.isFinite(analytic) ? Math.max(Math.abs(analytic), Math.abs(numeric)) : Math.abs(numeric);

/** Whether the sample agrees so closely that nothing remains to be asked. */
export const isTight = (analytic: number, sample: Sample, scale: number): boolean =>
  agrees(analytic, sample) && within(analytic, sample, scale, TIGHT, TIGHT_OF_SCALE);

const consistent = (a: Sample, b: Sample): boolean =>
  Math.abs(a.numeric - b.numeric) <= a.tolerance + b.tolerance;

/**
 * A verdict from several windows of steps, those of larger steps first. Windows that contradict each other are not all
 * right: those count that agree with one another at the smallest steps, since a series that has not converged at large
 * steps can look as if it had. `wrong` needs two of them; `scale` is the size of the function itself.
 */
export function judged(analytic: number, samples: readonly Sample[], scale: number): Judgement {
  const usable = samples.filter(
    (sample) => Number.isFinite(sample.numeric) && within(analytic, sample, scale, VAGUE, KNOWN_OF_SCALE),
  );
  const group = largestGroup(usable);
  if (group.length === 0) {
    const best = mostExact(samples.filter(({ numeric }) => Number.isFinite(numeric)));
    return { verdict: "inconclusive", ...(best ?? NO_SAMPLE) };
  }
  const best = mostExact(group) as Sample;
  if (agrees(analytic, best)) {
    const verdict = within(analytic, best, scale, KNOWN, KNOWN_OF_SCALE) ? "right" : "inconclusive";
    return { verdict, ...best };
  }
  const against = group.filter((sample) => !agrees(analytic, sample));
  return { verdict: against.length > 1 ? "wrong" : "inconclusive", ...best };
}

/** The first pair of consistent windows from the smallest steps on, and all that agree with the better of both. */
function largestGroup(samples: readonly Sample[]): readonly Sample[] {
  for (let i = samples.length - 1; i > 0; i--) {
    for (let k = i - 1; k >= 0; k--) {
      if (!consistent(samples[i], samples[k])) continue;
      const anchor = samples[i].tolerance < samples[k].tolerance ? samples[i] : samples[k];
      return samples.filter((sample) => consistent(sample, anchor));
    }
  }
  return samples.slice(-1);
}

const mostExact = (samples: readonly Sample[]): Sample | undefined =>
  samples.reduce<Sample | undefined>((best, next) => (best !== undefined && best.tolerance <= next.tolerance ? best : next), undefined); // biome-ignore format: one call
