import { Storage } from "../ir/storage.ts";
import type { Engine, Executable, Program } from "../runtime/engine.ts";
import { computed, lastUses } from "../runtime/interpret.ts";
import type { TypedArray } from "../types/dtype.ts";
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
    nodes.forEach((_, place) => {
      values[place] = computed(nodes, place, values);
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
