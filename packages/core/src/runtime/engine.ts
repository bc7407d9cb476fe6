import type { Params, Primitive } from "../ir/primitive.ts";
import type { Storage } from "../ir/storage.ts";
import type { DType } from "../types/dtype.ts";
import type { Shape } from "../types/shape.ts";
import { describeValue } from "../types/trees.ts";
import { EngineError } from "../util/errors.ts";
import { shared } from "../util/shared.ts";

/** One value of a program: an input slot (no primitive), or a primitive applied to earlier values. */
export interface ProgramNode {
  readonly prim: Primitive | null;
  /** Places in `Program.nodes` of the inputs. */
  readonly inputs: readonly number[];
  readonly params: Params;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A place where a value is bound before each run. */
export interface InputSlot {
  /** Its place in `Program.nodes`. */
  readonly node: number;
  /** Variables' slots change with every step, data's when the user says so. */
  readonly kind: "data" | "variable";
}

/** A new version of a variable, computed by the program. */
export interface Update {
  /** The place of the new value. */
  readonly node: number;
  /** The slot of the version that it replaces, or -1 when the program does not read that. */
  readonly slot: number;
}

/** A scheduled graph: nodes in topological order, what is bound, what is handed back, what is written. */
export interface Program {
  readonly nodes: readonly ProgramNode[];
  readonly inputs: readonly InputSlot[];
  /** Places of the values to hand back. */
  readonly outputs: readonly number[];
  readonly updates: readonly Update[];
}

/** A compiled program. */
export interface Executable {
  /**
   * Gives input `slot` its value; it stays bound until another is given. Slots for data are bound again only when the
   * value is another storage; those for variables before every run, since their bytes change.
   */
  bind(slot: number, storage: Storage): void;
  /**
   * Computes the outputs, then the updates, in this order.
   *
   * The storages bound to the slots in `donated` are needed by nobody else afterwards: the engine may write over them,
   * and is not told again (`Resident.release`) that their bytes are free. The update that replaces such a slot may come
   * back as the very storage that was bound, with its new bytes (and `host` null or up to date), so that no object is
   * made for it. For everything else storages must be new, and each result's its own: an engine that finds two of them
   * equal says so by `shared` if it gives one storage for both.
   *
   * The list is never changed, and mostly the same object as before where the same slots are donated, so that what
   * follows from it can be kept. An engine that throws leaves the bound storages as they were, or, where it fails in the
   * middle of computing (a thread was lost), says that donated ones are neither old nor new.
   */
  run(donated: readonly number[]): readonly Storage[];
  /** Frees what the engine holds for this program. */
  dispose(): void;
}

/** What computes: the reference engine interprets programs, others compile them. */
export interface Engine {
  readonly name: string;
  /** Makes a program ready to run. @throws EngineError where the engine cannot */
  compile(program: Program): Executable;
}

interface EngineState {
  engine: Engine | null;
  /** Whether somebody has called setEngine: then no default counts any more. */
  chosen: boolean;
}

const state = shared("engine", (): EngineState => ({ engine: null, chosen: false }));

/** The engine in use, if there is one yet. @internal */
export const getEngineOrNull = (): Engine | null => state.engine;

/** The engine in use. */
export function getEngine(): Engine {
  if (state.engine === null)
    throw new EngineError("no engine is set", { operation: "getEngine", remedy: "Call setEngine" });
  return state.engine;
}

/** Makes `engine` the one that computes from now on. Values that exist stay valid. */
export function setEngine(engine: Engine): void {
  if (typeof engine?.compile !== "function") {
    throw new EngineError(`${describeValue(engine)} is not an engine`, {
      operation: "setEngine",
      remedy: "Pass wasmEngine, createWasmEngine() or referenceEngine",
    });
  }
  state.engine = engine;
  state.chosen = true;
}

/** The engine to use where nobody has chosen one: the reference engine, until a faster one puts itself in its place. */
export function setDefaultEngine(engine: Engine): void {
  if (!state.chosen) state.engine = engine;
}
