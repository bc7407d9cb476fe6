import { EngineError } from "@cotangent/core";
import type { MemoryLimits } from "../assemble/index.ts";
import { detectFeatures, type Features } from "./features.ts";
import { Heap, type HeapStats } from "./heap.ts";
import type { WasmMemory } from "./host.ts";
import { HEAP_BASE } from "./layout.ts";
import { createMemory, type Exports, FunctionTable, instantiate } from "./modules.ts";
import { WALK_ALONE } from "./walker.ts";

/** What the library module is built for. */
export interface LibraryOptions {
  readonly memory: MemoryLimits;
  readonly features: Features;
}

export interface MachineOptions {
  /** Bytes of the library module, which imports env.memory and env.table and has `addWalker`'s functions. */
  readonly library: (options: LibraryOptions) => Uint8Array;
  /** Pages of 64 KiB to begin with; 256 unless given. */
  readonly minimumPages?: number;
  /** Pages that memory may grow to; 65536 (4 GiB) unless given. */
  readonly maximumPages?: number;
}

export interface MachineStats {
  readonly heap: HeapStats;
  /** Modules added, the library among them. */
  readonly modules: number;
  /** Slots of the function table in use. */
  readonly functions: number;
  /** Calls of `run`. */
  readonly runs: number;
}

/** Memory, threads and functions: runs lists of kernels. */
export interface Machine {
  readonly memory: WasmMemory;
  /** How modules declare the memory. */
  readonly memoryLimits: MemoryLimits;
  readonly features: Features;
  readonly heap: Heap;
  /** Threads that a parallel run may use, the calling one among them. */
  readonly threads: number;
  /** The kernels of the library module: name to index in the table. */
  readonly library: ReadonlyMap<string, number>;
  /** Compiles a module and puts its exported functions into the table: name to index. */
  add(bytes: Uint8Array): ReadonlyMap<string, number>;
  /** Frees slots of the table; no list may name them any more. */
  remove(indices: Iterable<number>): void;
  /**
   * Runs the instruction list at that address to its end.
   * @param parallel whether there is enough work for several threads (more than about 50 us)
   * @throws EngineError if a kernel traps or a thread fails; the machine can be used afterwards
   */
  run(list: number, parallel: boolean): void;
  /** Every thread's scratch has at least that many bytes from now on; what it held is gone. */
  ensureScratch(bytes: number): void;
  stats(): MachineStats;
  /** Ends the threads. The machine cannot be used afterwards. */
  dispose(): void;
}

/**
 * Makes a machine.
 * @throws EngineError where WebAssembly, its SIMD instructions or compiling are not to be had
 */
export function createMachine(options: MachineOptions): Machine {
  return new WasmMachine(options);
}

class WasmMachine implements Machine {
  readonly features: Features;
  readonly memory: WasmMemory;
  readonly memoryLimits: MemoryLimits;
  readonly heap: Heap;
  readonly library: ReadonlyMap<string, number>;
  readonly threads = 1;

  private readonly functions = new FunctionTable();
  private readonly exports: Exports;
  private readonly walkAlone: (list: number, scratch: number) => void;
  private scratch = 0;
  private scratchBytes = 0;
  private modules = 1;
  private runs = 0;

  constructor({ library, minimumPages = 256, maximumPages = 65536 }: MachineOptions) {
    this.features = detectFeatures();
    const { memory, limits } = createMemory(minimumPages, maximumPages, false);
    this.memory = memory;
    this.memoryLimits = limits;
    this.heap = new Heap(memory, HEAP_BASE, limits.maximumPages);
    const bytes = library({ memory: limits, features: this.features });
    this.exports = instantiate(bytes, { memory, table: this.functions.table });
    this.walkAlone = this.exports[WALK_ALONE] as typeof this.walkAlone;
    this.library = this.enter(this.exports);
  }

  add(bytes: Uint8Array): ReadonlyMap<string, number> {
    const env = { memory: this.memory, table: this.functions.table, ...this.exports };
    const added = this.enter(instantiate(bytes, env));
    this.modules++;
    return added;
  }

  remove(indices: Iterable<number>): void {
    this.functions.remove(indices);
  }

  run(list: number, _parallel: boolean): void {
    this.runs++;
    try {
      this.walkAlone(list, this.scratch);
    } catch (cause) {
      throw trapped(cause);
    }
  }

  ensureScratch(bytes: number): void {
    if (bytes <= this.scratchBytes) return;
    const larger = this.heap.allocate(bytes);
    if (this.scratchBytes > 0) this.heap.free(this.scratch);
    this.scratch = larger;
    this.scratchBytes = bytes;
  }

  stats(): MachineStats {
    return {
      heap: this.heap.stats(),
      modules: this.modules,
      functions: this.functions.size,
      runs: this.runs,
    };
  }

  dispose(): void {}

  private enter(exports: Exports): ReadonlyMap<string, number> {
    const names = Object.keys(exports).filter((name) => !name.startsWith("machine."));
    const indices = this.functions.add(names.map((name) => exports[name]));
    return new Map(names.map((name, i) => [name, indices[i]]));
  }
}

const trapped = (cause: unknown): EngineError =>
  new EngineError(`a kernel failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
    operation: "run",
    remedy: "This is a fault of the engine: please report it, with the program that leads here.",
    cause,
  });
