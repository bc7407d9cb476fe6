import type { NDArray } from "../ir/primitive.ts";
import { Storage } from "../ir/storage.ts";
import type { Engine, Executable, Program } from "../runtime/engine.ts";
import { createArray, type TypedArray } from "../types/dtype.ts";
import { sizeOf } from "../types/shape.ts";
import { EngineError } from "../util/errors.ts";

/**
 * The reference engine: every primitive by the reference function of its definition, one after the other, in float64
 * with one rounding for each result. Obvious rather than fast; other engines are tested against it.
 */
export const referenceEngine: Engine = {
  name: "reference",
  compile: (program) => new Interpretation(program),
};

class Interpretation implements Executable {
  private readonly bound: (TypedArray | null)[];
  /** For each step, the values that nothing reads afterwards. */
  private readonly lastUses: number[][];

  constructor(private readonly program: Program) {
    this.bound = program.inputs.map(() => null);
    this.lastUses = lastUses(program);
  }

  bind(slot: number, storage: Storage): void {
    const host = storage.host ?? storage.resident?.read();
    if (host === undefined || host instanceof Promise) {
      throw new EngineError("the reference engine cannot read this value at once", {
        operation: "bind",
        remedy: "Read it with `await x.data()` and make a tensor of it before the engine is changed",
      });
    }
    this.bound[slot] = host;
  }

  run(): readonly Storage[] {
    const { nodes, inputs, outputs, updates } = this.program;
    const values = new Array<TypedArray | null>(nodes.length).fill(null);
    inputs.forEach(({ node }, slot) => {
      values[node] = this.bound[slot];
    });
    nodes.forEach(({ prim, inputs: sources, params, shape, dtype }, place) => {
      if (prim !== null) {
        const operands = sources.map((source): NDArray => {
          const { shape: inputShape, dtype: inputDType } = nodes[source];
          return { data: values[source] as TypedArray, shape: inputShape, dtype: inputDType };
        });
        const data = createArray(dtype, sizeOf(shape));
        prim.reference(operands, params, { data, shape, dtype });
        values[place] = data;
      }
      for (const dead of this.lastUses[place]) values[dead] = null;
    });
    const storageOf = (place: number) =>
      new Storage(nodes[place].dtype, sizeOf(nodes[place].shape), values[place] as TypedArray);
    return [...outputs.map(storageOf), ...updates.map(({ node }) => storageOf(node))];
  }

  dispose(): void {
    this.bound.fill(null);
  }
}

/** What can be forgotten after each step. */
function lastUses({ nodes, outputs, updates }: Program): number[][] {
  const last = new Array<number>(nodes.length).fill(-1);
  nodes.forEach(({ inputs }, place) => {
    for (const source of inputs) last[source] = place;
  });
  for (const place of outputs) last[place] = -1;
  for (const { node } of updates) last[node] = -1;
  const lists = nodes.map((): number[] => []);
  last.forEach((place, value) => {
    if (place >= 0) lists[place].push(value);
  });
  return lists;
}
