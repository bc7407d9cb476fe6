import {
  type Engine,
  type Executable,
  IndexError,
  type Program,
  type ProgramNode,
  referenceEngine,
  Storage,
  type TypedArray,
} from "@cotangent/core";
import { sizeOf } from "../../gradients/support/shapes.ts";
import { computedPlaces, type EngineCase, primitiveOf } from "./case.ts";
import { compareNode, sameBits } from "./compare.ts";
import type { Figures } from "./figures.ts";
import { nodeLine } from "./listing.ts";
import { drawn, emptyArray } from "./values.ts";

/**
 * Runs a program on an engine several times and throws for the first thing that is wrong:
 *
 * - every node, computed by a program that hands out all of them, is what the reference function makes of the same
 *   inputs, those that the engine itself computed, so that errors do not add up;
 * - the program that hands out only its outputs gives the same bits: values do not depend on what else is read;
 * - what was bound and not donated stays as it was, and so does every result, whatever runs later.
 *
 * @throws Error that says which of them does not hold, and where
 */
export function checkCase(item: EngineCase, engine: Engine, figures?: Figures): void {
  try {
    runCase(item, engine, figures);
  } catch (error) {
    // What is left of a program that is made smaller may have indices out of range: that is not what it is about.
    if (!(error instanceof IndexError) || !isOutOfRange(item)) throw error;
  }
}

/** Whether the reference engine finds an index out of range. */
function isOutOfRange(item: EngineCase): boolean {
  try {
    runCase(item, referenceEngine);
    return false;
  } catch (error) {
    return error instanceof IndexError;
  }
}

function runCase(item: EngineCase, engine: Engine, figures?: Figures): void {
  const trial = new Trial(item, engine, figures);
  try {
    for (let run = 0; run < item.runs; run++) trial.run(run);
  } finally {
    trial.dispose();
  }
  trial.checkKept("after dispose");
  if (figures !== undefined) figures.programs++;
}

/** A storage that must stay as it is. */
interface Kept {
  readonly what: string;
  readonly storage: Storage;
  readonly elements: TypedArray;
}

class Trial {
  private readonly program: Program;
  private readonly places: readonly number[];
  private readonly asked: Executable;
  private readonly all: Executable;
  /** What is bound to each slot. */
  private readonly bound: (Storage | null)[];
  private kept: Kept[] = [];

  constructor(
    private readonly item: EngineCase,
    private readonly engine: Engine,
    private readonly figures: Figures | undefined,
  ) {
    this.program = item.program;
    this.places = computedPlaces(this.program);
    this.asked = engine.compile(this.program);
    this.all = engine.compile({ ...this.program, outputs: this.places, updates: [] });
    this.bound = item.slots.map(() => null);
  }

  dispose(): void {
    this.asked.dispose();
    this.all.dispose();
  }

  run(run: number): void {
    this.bind(run);
    const given = this.bound.map((storage) => readNow(storage as Storage));
    const { outputs, updates } = this.program;
    const donated = run === 0 ? NONE : this.item.donated.filter((slot) => this.isOwn(slot));
    this.kept = this.kept.filter(({ storage }) => !donated.some((slot) => this.bound[slot] === storage));
    const results = this.asked.run(donated);
    if (results.length !== outputs.length + updates.length) {
      throw new Error(`run ${run} gave ${results.length} results, not ${outputs.length + updates.length}`);
    }
    const read = results.map(readNow);
    const values = this.everything(given);
    this.checkNodes(run, values);
    results.forEach((storage, i) => {
      const place = i < outputs.length ? outputs[i] : updates[i - outputs.length].node;
      const name = i < outputs.length ? `output ${i}` : `update ${i - outputs.length}`;
      this.checkResult(run, name, place, read[i], values[place]);
      this.kept.push({ what: `${name} of run ${run}`, storage, elements: read[i] });
    });
    this.bound.forEach((storage, slot) => {
      if (donated.includes(slot)) return;
      this.kept.push({ what: `slot ${slot}`, storage: storage as Storage, elements: given[slot] });
    });
    this.checkKept(`after run ${run}`);
    this.settle(results, donated);
  }

  /** Gives every slot its value, as the runtime does: data when it is new, variables before every run. */
  private bind(run: number): void {
    const { inputs, nodes } = this.program;
    const twins = new Map<string, Storage>();
    this.item.slots.forEach(({ values, renewed, resident, twin }, slot) => {
      const { kind, node } = inputs[slot];
      const { dtype, shape } = nodes[node];
      const size = sizeOf(shape);
      const before = this.bound[slot];
      let storage = before;
      if (storage === null || (renewed && !this.isUpdated(slot))) {
        const host = drawn(values, dtype, size, run);
        storage = resident ? inMemory(this.engine, nodes[node], host) : new Storage(dtype, size, host);
      }
      if (twin !== undefined) {
        const key = `${twin} ${dtype} ${size}`;
        storage = twins.get(key) ?? storage;
        twins.set(key, storage);
      }
      this.bound[slot] = storage;
      if (storage !== before || kind === "variable") this.asked.bind(slot, storage);
    });
  }

  private isUpdated(slot: number): boolean {
    return this.program.updates.some((update) => update.slot === slot);
  }

  /** Nobody else holds the bytes of this slot. */
  private isOwn(slot: number): boolean {
    const storage = this.bound[slot] as Storage;
    return !storage.shared && this.bound.indexOf(storage) === this.bound.lastIndexOf(storage);
  }

  /** The values of all nodes, by a program that is asked for all of them. */
  private everything(given: readonly TypedArray[]): TypedArray[] {
    const { nodes, inputs } = this.program;
    const values = new Array<TypedArray>(nodes.length);
    given.forEach((elements, slot) => {
      const { node } = inputs[slot];
      values[node] = elements;
      this.all.bind(slot, new Storage(nodes[node].dtype, elements.length, elements.slice()));
    });
    if (this.places.length === 0) return values;
    const results = this.all.run(NONE).map(readNow);
    this.places.forEach((place, i) => {
      values[place] = results[i];
    });
    return values;
  }

  private checkNodes(run: number, values: readonly TypedArray[]): void {
    const { nodes } = this.program;
    for (const place of this.places) {
      const node = nodes[place];
      const inputs = node.inputs.map((source) => nodes[source]);
      const operands = node.inputs.map((source) => values[source]);
      const expected = referenceValue(node, inputs, operands);
      const { worst, wrong } = compareNode(node, inputs, operands, values[place], expected);
      if (wrong !== null) {
        const from = node.inputs.map((source, i) => `  %${source} is ${shown(operands[i])}`);
        throw new Error([`run ${run}: ${nodeLine(node, place)}: ${wrong}`, ...from].join("\n"));
      }
      this.figures?.note(node, expected.length, worst);
    }
  }

  private checkResult(run: number, name: string, place: number, actual: TypedArray, value: TypedArray): void {
    const { wrong } = sameBits(actual, value);
    if (wrong === null) return;
    const line = nodeLine(this.program.nodes[place], place);
    throw new Error(`run ${run}: ${name}, ${line}, is another value when all nodes are read: ${wrong}`);
  }

  /** @throws Error when something has changed that was to stay as it was */
  checkKept(when: string): void {
    for (const { what, storage, elements } of this.kept) {
      const { wrong } = sameBits(readNow(storage), elements);
      if (wrong !== null) throw new Error(`${what} is not what it was, ${when}: ${wrong}`);
    }
  }

  /** The new values of the variables are bound next; their old bytes are free unless somebody holds them. */
  private settle(results: readonly Storage[], donated: readonly number[]): void {
    const { outputs, updates } = this.program;
    const seen = new Map(outputs.map((place, i) => [place, results[i]]));
    updates.forEach(({ node, slot }, i) => {
      const known = seen.get(node);
      if (known !== undefined) known.shared = true;
      const storage = known ?? results[outputs.length + i];
      seen.set(node, storage);
      if (slot < 0) return;
      const old = this.bound[slot] as Storage;
      if (!donated.includes(slot) && this.isOwn(slot)) {
        this.kept = this.kept.filter((kept) => kept.storage !== old);
        old.resident?.release?.();
      }
      this.bound[slot] = storage;
    });
  }
}

const NONE: readonly number[] = [];

/** What the reference function makes of these inputs. */
function referenceValue(
  node: ProgramNode,
  inputs: readonly ProgramNode[],
  operands: readonly TypedArray[],
): TypedArray {
  const data = emptyArray(node.dtype, sizeOf(node.shape));
  const arrays = operands.map((elements, i) => ({
    data: elements,
    shape: inputs[i].shape,
    dtype: inputs[i].dtype,
  }));
  node.prim?.reference(arrays, node.params, { data, shape: node.shape, dtype: node.dtype });
  return data;
}

/** A copy of the elements. */
function readNow(storage: Storage): TypedArray {
  const elements = storage.host ?? storage.resident?.read();
  if (elements === undefined || elements instanceof Promise)
    throw new Error("a result cannot be read at once");
  return elements.slice();
}

/** The same elements where the engine keeps its results: what comes out of a program that only adds an axis. */
function inMemory(engine: Engine, { shape, dtype }: ProgramNode, host: TypedArray): Storage {
  const slot: ProgramNode = { prim: null, inputs: [], params: {}, shape, dtype };
  const more = [1, ...shape];
  const reshaped: ProgramNode = {
    prim: primitiveOf("reshape"),
    inputs: [0],
    params: { shape: more },
    shape: more,
    dtype,
  };
  const executable = engine.compile({
    nodes: [slot, reshaped],
    inputs: [{ node: 0, kind: "data" }],
    outputs: [1],
    updates: [],
  });
  executable.bind(0, new Storage(dtype, host.length, host));
  const [result] = executable.run(NONE);
  executable.dispose();
  return result;
}

const shown = (elements: TypedArray): string => {
  const some = [...elements.slice(0, 16)].map((x) => (Object.is(x, -0) ? "-0" : String(x)));
  return `[${some.join(", ")}${elements.length > 16 ? ", ..." : ""}]`;
};
