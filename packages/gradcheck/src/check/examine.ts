import type { Random } from "../numeric/random.ts";
import type { Verdict } from "../report/report.ts";
import {
  type Comparison,
  compareAlong,
  contradicts,
  isBetween,
  type KinkJudgement,
  Line,
  leavesPiece,
  restricted,
  type Source,
} from "./along.ts";
import type { Judgement } from "./judge.ts";
import type { Probe, Reading } from "./probe.ts";

/** Inputs with more elements than this are looked at along random directions first. */
const MOST_ELEMENTS = 64;
const DIRECTIONS = 3;
/** More findings than this of one mode say nothing new. */
const MOST_FINDINGS = 40;

/** One comparison that is not right. */
export interface Failure {
  readonly source: Source;
  /** The element among all inputs; null where it is spread over many. */
  readonly element: number | null;
  /** Which of the source's numbers. */
  readonly component: number;
  /** Both by the element where there is one, else along the direction. */
  readonly analytic: number;
  readonly judgement: Judgement;
}

/** What became of all comparisons of one source. */
export interface Outcome {
  readonly source: Source;
  readonly verdict: Verdict;
  readonly compared: number;
  /** The largest difference as a share of what is allowed. */
  readonly worst: number;
  readonly failures: readonly Failure[];
}

/** A function at a point, with everything that an examination needs of it. */
export interface Examined {
  readonly probe: Probe;
  readonly point: readonly Float64Array[];
  /** How far a step of 1 moves each element. */
  readonly scales: Float64Array;
  readonly random: Random;
  readonly directions: number | null;
  /** At kinks, whether what lies between the one-sided derivatives is right. */
  readonly subgradients: boolean;
}

/** Examines a function by differences, element by element or along random directions. */
export class Examination {
  private readonly here: Reading;
  private readonly noises: { exact?: Float64Array; rounded?: Float64Array } = {};
  /** The element that was found to be wrong. */
  private located: number | null = null;

  constructor(private readonly examined: Examined) {
    const { probe, point } = examined;
    this.here = probe.at(point);
  }

  /** Compares what all sources say with differences. */
  run(sources: readonly Source[]): Outcome[] {
    const { scales, directions } = this.examined;
    const tallies = sources.map((source) => new Tally(source));
    const count = scales.length;
    if (directions === null && count <= MOST_ELEMENTS) {
      let kink = false;
      for (let element = 0; element < count; element++) {
        const direction = restricted(scales, element, element + 1);
        for (const [i, comparison] of this.compare(sources, direction).entries()) {
          kink ||= comparison.judgements.some(({ verdict }) => verdict === "kink");
          tallies[i].add(this.settled(comparison), element, scales[element]);
        }
      }
      // What ties hand on adds up to the whole: all inputs together do not leave the tie.
      if (kink && this.examined.subgradients) {
        for (const [i, comparison] of this.compare(sources, this.together()).entries()) {
          if (comparison.judgements.every(({ verdict }) => verdict !== "kink"))
            tallies[i].add(comparison, null, 1);
        }
      }
      return tallies.map((tally) => tally.outcome());
    }
    this.alongRandom(sources, tallies);
    return tallies.map((tally) => tally.outcome());
  }

  /** Random directions, until each source is through or found out. */
  private alongRandom(sources: readonly Source[], tallies: readonly Tally[]): void {
    const { scales, directions, random } = this.examined;
    let suspects: readonly number[] = sources.map((_, i) => i);
    for (let k = 0; k < (directions ?? DIRECTIONS) && suspects.length > 0; k++) {
      const direction = random.direction(scales.length).map((x, i) => x * scales[i]);
      const compared = this.compare(suspects.map((i) => sources[i]), direction); // biome-ignore format: one call
      suspects = suspects.filter((i, at) => {
        const settled = this.settled(compared[at]);
        const isRight = settled.judgements.every(({ verdict }) => verdict === "right");
        if (isRight) tallies[i].add(settled, null, 1);
        else this.locate(settled, direction, tallies[i]);
        return isRight;
      });
    }
  }

  /** Compares along one direction. */
  compare(sources: readonly Source[], direction: Float64Array): Comparison[] {
    return compareAlong(this.line(direction), sources, direction);
  }

  private line(direction: Float64Array): Line {
    const { probe, point } = this.examined;
    return new Line(probe, point, direction, { here: this.here, noise: this.noise });
  }

  /** Rounding errors of the values, where steps are exact or off by a rounding themselves. */
  private readonly noise = (steps: "exact" | "rounded"): Float64Array => {
    const { probe, point } = this.examined;
    this.noises[steps] ??= probe.noise(point, { rounded: steps === "rounded" });
    return this.noises[steps];
  };

  /** All elements moved alike. */
  private together(): Float64Array {
    const { scales } = this.examined;
    const least = scales.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    return new Float64Array(scales.length).fill(least);
  }

  /** Kinks judged by the derivatives on both sides, where a subgradient will do. */
  private settled(comparison: Comparison): Comparison {
    if (!this.examined.subgradients) return comparison;
    const judgements = comparison.judgements.map((judgement, i): Judgement => {
      if (judgement.verdict !== "kink" || !("sides" in judgement)) return judgement;
      return { ...judgement, verdict: isBetween(comparison.analytic[i], (judgement as KinkJudgement).sides) };
    });
    return { ...comparison, judgements };
  }

  /** Halves the elements that move until one is left that is not right. */
  private locate(found: Comparison, direction: Float64Array, tally: Tally): void {
    const element = this.located ?? this.searched(found, direction);
    const { scales } = this.examined;
    const [comparison] = this.compare([found.source], restricted(scales, element, element + 1));
    const settled = this.settled(comparison);
    if (worstVerdict(settled) !== worstVerdict(found)) {
      tally.add(found, null, 1);
      return;
    }
    // Other modes are mostly wrong in the same place.
    this.located = element;
    tally.add(settled, element, scales[element]);
  }

  private searched(found: Comparison, direction: Float64Array): number {
    const worst = worstVerdict(found);
    const { source } = found;
    const exponent = found.judgements.find(({ verdict }) => verdict === worst)?.exponent ?? 0;
    const isBad = (part: Float64Array): boolean => {
      const line = this.line(part);
      return worst === "kink" ? leavesPiece(line) : contradicts(line, source, part, exponent);
    };
    let [from, to] = [0, direction.length];
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      // What is not in the one half is in the other, or spread over many: the element is looked at again in the end.
      if (isBad(restricted(direction, from, middle))) to = middle;
      else from = middle;
    }
    return from;
  }
}

const worstVerdict = ({ judgements }: Comparison): Verdict => {
  const verdicts = judgements.map(({ verdict }) => verdict);
  return (["wrong", "inconclusive", "kink"] as const).find((one) => verdicts.includes(one)) ?? "right";
};

/** Adds up what became of the comparisons of one source. */
class Tally {
  private compared = 0;
  private worst = 0;
  private readonly failures: Failure[] = [];
  private readonly verdicts = new Set<Verdict>();

  constructor(private readonly source: Source) {}

  add({ judgements, analytic }: Comparison, element: number | null, scale: number): void {
    judgements.forEach((judgement, component) => {
      const { verdict, numeric, tolerance } = judgement;
      this.compared++;
      this.verdicts.add(verdict);
      const share = Math.abs(analytic[component] - numeric) / tolerance;
      if (verdict !== "kink" && share > this.worst) this.worst = share;
      if (verdict === "right" || this.failures.length >= MOST_FINDINGS) return;
      this.failures.push({
        source: this.source,
        element,
        component,
        analytic: analytic[component] / scale,
        judgement: { ...judgement, numeric: numeric / scale, tolerance: tolerance / scale },
      });
    });
  }

  outcome(): Outcome {
    const verdict =
      (["wrong", "inconclusive", "kink"] as const).find((one) => this.verdicts.has(one)) ?? "right";
    const { source, compared, worst, failures } = this;
    return { source, verdict, compared, worst, failures };
  }
}
