import {
  createArray,
  type Executable,
  type Graph,
  graphOf,
  isFloating,
  referenceEngine,
  Storage,
  type Tensor,
  type TypedArray,
} from "@cotangent/core";
import { Random } from "./random.ts";
import { exactPlaces, neededFor, roundedNodes } from "./roundings.ts";
import { sameBits, sizeOf } from "./vectors.ts";

/** Evaluations with other roundings, from which noise is told. */
const SAMPLES = 4;
/** What four samples show of the spread is too little now and then. */
const MARGIN = 16;

const SEED = 1;
/** Errors of a float64 are drawn so many times as large, and divided by it: rounding would swallow them otherwise. */
const MAGNIFIED = 64;

interface NoiseOptions {
  /** The relative size of a rounding. */
  readonly unit?: number;
  readonly steady?: number;
  readonly rounded?: number;
  /** What is not on the way to the first so many outputs is off only where it adds up: all is off unless given. */
  readonly forward?: number;
}

/**
 * A graph that is run again and again with other values in the places of its inputs, on the reference engine: whatever
 * engine is in use, and without building the graph again.
 */
export class Runner {
  readonly graph: Graph;
  private readonly executable: Executable;
  private readonly leaves: readonly TypedArray[];
  /** For each output, whether it is computed without a rounding. */
  readonly exact: readonly boolean[];

  /** `inputs` are float64 tensors, each a node of its own. */
  constructor(
    readonly outputs: readonly Tensor[],
    inputs: readonly Tensor[],
  ) {
    this.graph = graphOf(outputs, inputs);
    const { program, leaves } = this.graph;
    this.executable = referenceEngine.compile(program);
    const exact = exactPlaces(program);
    this.exact = program.outputs.map((place) => exact[place]);
    this.leaves = leaves.map((leaf) => leaf.dataSync());
    for (const [i, data] of this.leaves.entries()) this.bind(inputs.length + i, data);
  }

  /** The outputs for these inputs. */
  run(values: readonly TypedArray[]): TypedArray[] {
    for (const [slot, data] of values.entries()) this.bind(slot, data);
    return this.executable.run([]).map(({ host }) => host as TypedArray);
  }

  /**
   * How far rounding moves each element of the outputs: the spread of evaluations in which every rounding error of relative
   * size `unit` is drawn at random (D. S. Parker, "Monte Carlo arithmetic", 1997). Evaluations that change an output from
   * `steady` on do not count: those say on which piece of a function the point lies. The first `rounded` inputs are off by
   * a rounding, too; the others are exact.
   */
  noise(
    values: readonly TypedArray[],
    { unit = 2 ** -53, steady = this.outputs.length, rounded = 0, forward }: NoiseOptions = {},
  ): Float64Array[] {
    const random = new Random(SEED);
    const { program } = this.graph;
    const onWay = forward === undefined ? null : neededFor(program, program.outputs.slice(0, forward));
    const magnified = unit <= 2 ** -53 ? MAGNIFIED : 1;
    const exact = this.run(values);
    const least = (i: number): number => (rounded === 0 && this.exact[i] ? 0 : 4 * unit);
    const samples = Array.from({ length: SAMPLES }, () =>
      this.perturbed(values, magnified * unit, rounded, onWay, random),
    );
    const isSteady = (moved: readonly TypedArray[]): boolean =>
      moved.every((data, i) => i < steady || sameBits(data, exact[i]));
    const kept = samples.filter(isSteady);
    const result = exact.map((data, i) => Float64Array.from(data, (x) => least(i) * Math.abs(x)));
    // At a tie of operands that are always equal every error changes the piece: then all samples count.
    for (const moved of kept.length > 0 ? kept : samples) {
      moved.forEach((data, i) => {
        for (let k = 0; k < data.length; k++) {
          const distance = (MARGIN / magnified) * Math.abs(data[k] - exact[i][k]);
          if (!(distance <= result[i][k])) result[i][k] = distance;
        }
      });
    }
    return result;
  }

  private bind(slot: number, data: TypedArray): void {
    const { dtype, shape } = this.graph.program.nodes[this.graph.program.inputs[slot].node];
    this.executable.bind(slot, new Storage(dtype, sizeOf(shape), data));
  }

  /** The outputs with a random rounding error in every floating value that is computed. */
  private perturbed(
    values: readonly TypedArray[],
    unit: number,
    rounded: number,
    onWay: Uint8Array | null,
    random: Random,
  ): TypedArray[] {
    const { program } = this.graph;
    const bound = [...values, ...this.leaves].map((data, slot) => {
      const { dtype, shape } = program.nodes[program.inputs[slot].node];
      const copy = createArray(dtype, sizeOf(shape));
      copy.set(data);
      if (isFloating(dtype) && slot < rounded)
        for (let k = 0; k < copy.length; k++) copy[k] *= 1 + unit * random.between(-1, 1);
      return copy;
    });
    return roundedNodes(program, bound, { unit, random, onWay });
  }
}
