import type { Tensor, TypedArray } from "@cotangent/core";
import { type Switch, switchesIn } from "../kinks/switches.ts";
import { Runner } from "../numeric/runner.ts";
import { concatenated, sameBits, sizeOf } from "../numeric/vectors.ts";

/** What a function gives at one point. */
export interface Reading {
  /** The elements of all results, one after the other. */
  readonly values: Float64Array;
  /** On which piece of a piecewise function the point lies: equal on one piece. */
  readonly pieces: readonly TypedArray[];
}

/** Rounding errors of size `unit` at a point. */
interface Rounding {
  readonly point: readonly Float64Array[];
  readonly unit: number;
  readonly rounded: boolean;
  readonly noise: Float64Array;
}

/**
 * A function of some tensors, given by its graph at one point, that can be evaluated at others. `fixed` are tensors of the
 * graph that do not move but get values all the same (weights of the results).
 */
export class Probe {
  /** The number of elements of all results. */
  readonly size: number;
  readonly switches: readonly Switch[];
  /** For each element, whether it is computed without a rounding. */
  readonly exact: readonly boolean[];
  private readonly runner: Runner;
  private readonly fixed: readonly Float64Array[];
  private readonly known: Rounding[] = [];

  constructor(
    readonly outputs: readonly Tensor[],
    readonly inputs: readonly Tensor[],
    fixed: readonly (readonly [Tensor, Float64Array])[] = [],
  ) {
    const slots = [...inputs, ...fixed.map(([tensor]) => tensor)];
    // The graph is looked at once for its switches, and once more with them.
    const plain = new Runner(outputs, slots);
    this.switches = switchesIn(plain.graph, inputs.length);
    this.runner =
      this.switches.length === 0
        ? plain
        : new Runner([...outputs, ...this.switches.map(({ piece }) => piece)], slots);
    this.fixed = fixed.map(([, values]) => values);
    this.exact = outputs.flatMap(({ shape }, i) => new Array<boolean>(sizeOf(shape)).fill(plain.exact[i]));
    this.size = outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  }

  at(point: readonly Float64Array[]): Reading {
    const all = this.runner.run([...point, ...this.fixed]);
    const count = this.outputs.length;
    return { values: concatenated(all.slice(0, count)), pieces: all.slice(count) };
  }

  /**
   * How far rounding moves each element at a point, which may be off by a rounding itself (`rounded`). Asked twice for one
   * point, it is computed once.
   */
  noise(point: readonly Float64Array[], { unit = 2 ** -53, rounded = true } = {}): Float64Array {
    const { known, outputs, runner, fixed } = this;
    const same = (one: Rounding): boolean =>
      one.point === point && one.unit === unit && one.rounded === rounded;
    const found = known.find(same);
    if (found !== undefined) return found.noise;
    const options = { unit, steady: outputs.length, rounded: rounded ? point.length : 0 };
    const noise = concatenated(runner.noise([...point, ...fixed], options).slice(0, outputs.length));
    known.push({ point, unit, rounded, noise });
    return noise;
  }
}

/** Whether both readings are of one piece. */
export const samePiece = (a: Reading, b: Reading): boolean =>
  a.pieces.every((piece, i) => sameBits(piece, b.pieces[i]));
