import type { Tensor } from "@cotangent/core";
import { pulled, pushed, traced } from "../graph/calls.ts";
import { Runner } from "../numeric/runner.ts";
import { concatenated, dot, parted, sizeOf } from "../numeric/vectors.ts";
import type { Mode } from "../report/report.ts";
import type { Source } from "./along.ts";
import { float64, type Target } from "./float64.ts";

/** Results with more elements than this are compared in weighted sums, in reverse mode. */
const MOST_ROWS = 16;
/** The rounding error of a sum, for each of its terms. */
const SUMMING = 2 ** -53;

const zeros = ({ shape }: Tensor): Tensor => float64(new Float64Array(sizeOf(shape)), shape);
const sizes = (tensors: readonly Tensor[]): number[] => tensors.map(({ shape }) => sizeOf(shape));

/** A list of values for a derivative graph, with those of the point before them. */
type Given = (extra: readonly Float64Array[]) => Float64Array[];

/** The derivatives of a function at a point, as graphs that are built once. */
export class Derivatives {
  private readonly vs: readonly Tensor[];
  private readonly us: readonly Tensor[];
  readonly ws: readonly Tensor[];

  constructor(
    private readonly target: Target,
    private readonly point: readonly Float64Array[],
    /** The results at the point. */
    readonly outputs: readonly Tensor[] = traced(target.call, target.xs),
  ) {
    this.vs = target.xs.map(zeros);
    this.us = target.xs.map(zeros);
    this.ws = this.outputs.map(zeros);
  }

  /** The gradient of the results weighted by `ws`, as tensors. */
  gradient(): Tensor[] {
    return pulled(this.target.call, this.ws)(this.target.xs);
  }

  /** Weights of the results, as values of `ws`. */
  weighted(weights: Float64Array): (readonly [Tensor, Float64Array])[] {
    const parts = parted(weights, sizes(this.ws));
    return this.ws.map((w, i) => [w, parts[i]] as const);
  }

  /** What a mode of second order differentiates: the first derivative, as a function of xs and of what comes to it. */
  inner(mode: Mode): Target {
    const { xs, call } = this.target;
    const [extra, make] = mode.endsWith("OverReverse") ? [this.ws, pulled] : [this.vs, pushed];
    return {
      xs: [...xs, ...extra],
      call: (all) => make(call, all.slice(xs.length))(all.slice(0, xs.length)),
    };
  }

  private given: Given = (extra) => [...this.point, ...extra];

  /** How a mode of first order sees the derivative; `random` weights stand for results of many elements. */
  first(mode: Mode, random: () => Float64Array): Source {
    const { target, vs, ws } = this;
    if (mode === "forward") {
      const runner = new Runner(pushed(target.call, vs)(target.xs), [...target.xs, ...vs]);
      return { check: mode, order: 1, weights: null, ...this.pushes(runner, sizes(vs), this.given) };
    }
    const runner = new Runner(this.gradient(), [...target.xs, ...ws]);
    return { check: mode, order: 1, ...this.pulls(runner, sizes(this.outputs), random, this.given) };
  }

  /** How a mode of second order sees the derivative of the gradient of the results weighted by `weights`. */
  second(mode: Mode, weights: Float64Array, random: () => Float64Array): Source {
    const { target, vs, us, ws } = this;
    const { call, xs } = target;
    const fixed = parted(weights, sizes(ws));
    const given: Given = (extra) => [...this.point, ...fixed, ...extra];
    const slots = [...xs, ...ws];
    if (mode === "forwardOverReverse") {
      const runner = new Runner(pushed(pulled(call, ws), vs)(xs), [...slots, ...vs]);
      return { check: mode, order: 2, weights: null, ...this.pushes(runner, sizes(vs), given) };
    }
    if (mode === "reverseOverForward") {
      const runner = new Runner(pulled(pushed(call, vs), ws)(xs), [...slots, ...vs]);
      return { check: mode, order: 2, weights: null, ...this.pushes(runner, sizes(vs), given) };
    }
    if (mode === "reverseOverReverse") {
      const runner = new Runner(pulled(pulled(call, ws), us)(xs), [...slots, ...us]);
      return { check: mode, order: 2, ...this.pulls(runner, sizes(us), random, given) };
    }
    const runner = new Runner(pushed(pushed(call, vs), us)(xs), [...xs, ...vs, ...us]);
    return { check: mode, order: 2, ...this.twice(runner, weights, random()) };
  }

  private pushes(runner: Runner, parts: readonly number[], given: Given): Pick<Source, "along" | "noise"> {
    const values = (direction: Float64Array) => given(parted(direction, parts));
    return {
      along: (direction) => concatenated(runner.run(values(direction))),
      noise: (direction) => concatenated(runner.noise(values(direction))),
    };
  }

  /**
   * Every row of the Jacobian where there are few, else two weighted sums of rows. A weighted sum goes with the rows, too:
   * rules that are right for cotangents of 0 and 1 alone are not right.
   */
  private pulls(
    runner: Runner,
    parts: readonly number[],
    random: () => Float64Array,
    given: Given,
  ): Pick<Source, "weights" | "along" | "noise"> {
    const count = parts.reduce((sum, size) => sum + size, 0);
    const weights = count <= MOST_ROWS ? [...unitVectors(count), random()] : [random(), random()];
    const rows = weights.map((w) => concatenated(runner.run(given(parted(w, parts)))));
    let rounding: Float64Array[] | null = null;
    return {
      weights,
      along: (direction) => Float64Array.from(rows, (row) => dotAlong(row, direction)),
      noise: (direction) => {
        rounding ??= weights.map((w) => concatenated(runner.noise(given(parted(w, parts)))));
        const size = direction.map(Math.abs);
        // What the product with the direction rounds comes on top.
        const summing = SUMMING * direction.length;
        return Float64Array.from(rounding, (row, i) => dotAlong(row, size) + summing * dotAlong(rows[i].map(Math.abs), size)); // biome-ignore format: one call
      },
    };
  }

  /** The second derivative of the weighted results along a direction and along another one, `turned`. */
  private twice(
    runner: Runner,
    weights: Float64Array,
    turned: Float64Array,
  ): Pick<Source, "weights" | "along" | "noise"> {
    const parts = sizes(this.vs);
    const values = (v: Float64Array) => [...this.point, ...parted(v, parts), ...parted(turned, parts)];
    const size = weights.map(Math.abs);
    return {
      weights: [turned],
      along: (v) => Float64Array.of(dot(concatenated(runner.run(values(v))), weights)),
      noise: (v) => Float64Array.of(dot(concatenated(runner.noise(values(v))), size)),
    };
  }
}

/** The derivative along a direction: what does not move counts for nothing, even if it is NaN. */
function dotAlong(row: Float64Array, direction: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) if (direction[i] !== 0) sum += row[i] * direction[i];
  return sum;
}

const unitVectors = (count: number): Float64Array[] =>
  Array.from({ length: count }, (_, i) => {
    const unit = new Float64Array(count);
    unit[i] = 1;
    return unit;
  });
