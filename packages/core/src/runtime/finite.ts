import { isDebugMode, originOf } from "../ir/debug.ts";
import type { Storage } from "../ir/storage.ts";
import type { Tensor } from "../ir/tensor.ts";
import { createArray, isFloating, type TypedArray } from "../types/dtype.ts";
import { formatShape, type Shape, sameShape, stridesOf } from "../types/shape.ts";
import { NonFiniteError } from "../util/errors.ts";
import type { Program, ProgramNode } from "./engine.ts";
import { computed, lastUses } from "./interpret.ts";
import type { Plan } from "./plan.ts";

/** What is wrong with a value: nothing, what it was made of, or the operation in that place made it so. */
const FINE = -1;
const GIVEN = -2;

/**
 * In debug mode: looks over what a run gave.
 * @throws NonFiniteError naming the operation that made NaN or an infinity out of finite numbers
 */
export function checkFinite(
  plan: Plan,
  tensors: readonly Tensor[],
  storages: readonly Storage[],
  results: readonly Storage[],
): void {
  if (!isDebugMode()) return;
  const places = [...plan.outputs, ...plan.program.updates.map(({ node }) => node)];
  const bad = places.filter(
    (_, i) => isFloating(results[i].dtype) && firstNonFinite(hostOf(results[i])) >= 0,
  );
  if (bad.length > 0) new Search(plan.program, storages, new Set(bad)).run(tensors);
}

/** The plan once more, operation by operation, until it is known which one a bad result comes from. */
class Search {
  private readonly values: (TypedArray | null)[];
  private readonly faults: Int32Array;
  private readonly nodes: readonly ProgramNode[];
  /** What each operation at fault has done, said while its operands are at hand. */
  private readonly said = new Map<number, string>();

  constructor(
    private readonly program: Program,
    storages: readonly Storage[],
    private readonly bad: ReadonlySet<number>,
  ) {
    this.nodes = program.nodes;
    this.values = new Array(program.nodes.length).fill(null);
    this.faults = new Int32Array(program.nodes.length).fill(FINE);
    program.inputs.forEach(({ node }, slot) => {
      this.values[node] = hostOf(storages[slot]);
      if (this.isBad(node)) this.faults[node] = GIVEN;
    });
  }

  run(tensors: readonly Tensor[]): void {
    const dead = lastUses(this.program);
    this.nodes.forEach((node, place) => {
      if (node.prim === null) return;
      this.values[place] = computed(this.nodes, place, this.values);
      if (this.isBad(place)) this.faults[place] = this.faultOf(node, place);
      const fault = this.faults[place];
      if (fault === place) this.said.set(place, this.describe(node, place));
      if (fault >= 0 && this.bad.has(place)) throw this.report(fault, tensors[fault]);
      for (const value of dead[place]) this.values[value] = null;
    });
  }

  private isBad(place: number): boolean {
    return isFloating(this.nodes[place].dtype) && firstNonFinite(this.values[place] as TypedArray) >= 0;
  }

  /** Where the bad number in a value comes from. */
  private faultOf({ prim, inputs }: ProgramNode, place: number): number {
    const sources = prim?.name === "where" ? [this.chosen(inputs, place)] : inputs;
    const faults = sources.map((source) => this.faults[source]).filter((fault) => fault !== FINE);
    // What is a literal, or moves one, was given.
    if (faults.length === 0) return inputs.length === 0 ? GIVEN : place;
    return faults.find((fault) => fault >= 0) ?? GIVEN;
  }

  /** The branch that a bad number was taken from. */
  private chosen([condition, yes, no]: readonly number[], place: number): number {
    const index = firstNonFinite(this.values[place] as TypedArray);
    return (this.values[condition] as TypedArray)[index] !== 0 ? yes : no;
  }

  private describe({ shape, inputs }: ProgramNode, place: number): string {
    const value = this.values[place] as TypedArray;
    const index = firstNonFinite(value);
    const operands = inputs
      .filter((input) => sameShape(this.nodes[input].shape, shape))
      .map((input) => (this.values[input] as TypedArray)[index]);
    const of = operands.length === 0 ? "" : ` of ${operands.join(" and ")}`;
    const at = shape.length === 0 ? "" : `, first at [${placeIn(shape, index).join(", ")}]`;
    return `finite operands of shapes ${this.shapesOf(inputs).map(formatShape).join(" and ")} give ${value[index]}${of}${at}`;
  }

  private shapesOf(places: readonly number[]): Shape[] {
    return places.map((place) => this.nodes[place].shape);
  }

  private report(place: number, tensor: Tensor): NonFiniteError {
    const { prim, inputs } = this.nodes[place];
    const origin = originOf(tensor);
    return new NonFiniteError(`${this.said.get(place)}${origin === null ? "" : `, made ${origin}`}`, {
      operation: prim?.name,
      shapes: this.shapesOf(inputs),
      origin: origin ?? undefined,
      remedy: "Keep the operands where the result is finite (where, clip, a stable form such as logSoftmax)",
    });
  }
}

const hostOf = (storage: Storage): TypedArray => {
  const value = storage.host ?? storage.resident?.read();
  // Engines that are read asynchronously cannot be looked over at once.
  return value === undefined || value instanceof Promise ? createArray(storage.dtype, 0) : value;
};

function firstNonFinite(data: TypedArray): number {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
}

const placeIn = (shape: Shape, index: number): number[] => {
  const strides = stridesOf(shape);
  return shape.map((size, axis) => Math.floor(index / strides[axis]) % size);
};
