import { StateError } from "@cotangent/core";
import { type MemoryLimits, ModuleBuilder } from "../assemble/index.ts";
import { Crew, type CrewStats, messageOf } from "./crew.ts";
import { REPORT, RunFailure } from "./failure.ts";
import { detectFeatures, type Features } from "./features.ts";
import { Heap, type HeapStats } from "./heap.ts";
import { clock, type WasmMemory } from "./host.ts";
import { HEAP_BASE, MOST_THREADS } from "./layout.ts";
import { createMemory, type Exports, FunctionTable, instantiate } from "./modules.ts";
import { addWalker, WALK_ALONE } from "./walker.ts";

export interface MachineOptions {
  /** Threads, the calling one among them, from 1 to 64. As many as there are processors, at most 8, unless given. */
  readonly threads?: number;
  /** Pages of 64 KiB to begin with; 256 unless given. */
  readonly minimumPages?: number;
  /** Pages that memory may grow to; 65536 (4 GiB) unless given. */
  readonly maximumPages?: number;
  /**
   * Where the program of the workers is served, for pages whose content policy forbids workers from blobs: the file
   * `@cotangent/wasm/worker.js`. It needs a policy of its own that allows 'wasm-unsafe-eval'.
   */
  readonly workerUrl?: string | URL;
  /** Milliseconds without progress of another thread after which a run fails; 30,000 unless given. */
  readonly timeLimit?: number;
  /**
   * Milliseconds of work that several threads could have shared, with which the others are started; 20 unless given. To start
   * one costs the calling thread 8 in a fresh process (Node 24), and the other processor more.
   */
  readonly startAfter?: number;
}

export interface MachineStats {
  readonly heap: HeapStats;
  /** Modules added. */
  readonly modules: number;
  /** Slots of the function table in use. */
  readonly functions: number;
  /** Calls of `run`. */
  readonly runs: number;
  readonly crew: CrewStats;
}

/** Memory, threads and functions: runs lists of kernels. */
export interface Machine {
  readonly memory: WasmMemory;
  /** How modules declare the memory. */
  readonly memoryLimits: MemoryLimits;
  readonly features: Features;
  readonly heap: Heap;
  /** Threads that a parallel run may use, the calling one among them; fewer after some were lost. */
  readonly threads: number;
  /** Compiles a module, which imports env.memory and may import env.table, and puts its exported functions into the table of each thread: name to index. */
  add(bytes: Uint8Array): ReadonlyMap<string, number>;
  /** Frees slots of the table; no list may name them any more. */
  remove(indices: Iterable<number>): void;
  /**
   * Runs the instruction list at that address to its end.
   * @param parallel whether there is enough work for several threads (more than about 50 us)
   * @param expected milliseconds that it may take on one thread, by which it is decided whether to start the other threads and
   * how long to wait for those that are still compiling what was added; 0 unless given
   * @returns whether other threads took part: those do that are ready
   * @throws RunFailure if a kernel traps or a thread fails, EngineError if a thread was lost since the last run, and nothing
   * was run; the machine can be used afterwards
   */
  run(list: number, parallel: boolean, expected?: number): boolean;
  /** Every thread's scratch has at least that many bytes from now on; what it held is gone. */
  ensureScratch(bytes: number): void;
  stats(): MachineStats;
  /** Ends the other threads; runs have one thread from then on. */
  dispose(): void;
}

/**
 * Makes a machine.
 * @throws EngineError where WebAssembly, its SIMD instructions or compiling are not to be had
 */
export function createMachine(options: MachineOptions = {}): Machine {
  return new WasmMachine(options);
}

const START_AFTER_MS = 20;
/** What part of the time that a run is thought to take it may wait for threads, which compile for 0.5 ms. */
const PATIENCE = 1 / 8;
const MOST_PATIENCE_MS = 2;

/** A module that workers which are started later will need. */
interface EarlyModule {
  readonly bytes: Uint8Array;
  readonly indices: readonly number[];
  /** Those of its indices that were not removed. */
  readonly live: Set<number>;
}

class WasmMachine implements Machine {
  readonly features: Features;
  readonly memory: WasmMemory;
  readonly memoryLimits: MemoryLimits;
  readonly heap: Heap;

  private readonly functions: FunctionTable;
  private readonly crew: Crew | undefined;
  private readonly walkAlone: (list: number, scratch: number) => void;
  /** Until the workers are started. */
  private earlyModules: EarlyModule[] = [];
  /** Slots that the workers' tables still hold. */
  private removed: number[] = [];
  private scratch = 0;
  private scratchBytes = 0;
  private modules = 0;
  private runs = 0;
  private readonly startAfter: number;
  /** Milliseconds of work that was done alone for want of other threads. */
  private alone = 0;

  constructor(options: MachineOptions) {
    const { minimumPages = 256, maximumPages = 65536, timeLimit = 30_000, workerUrl } = options;
    this.startAfter = options.startAfter ?? START_AFTER_MS;
    const threads = checkThreads(options.threads ?? defaultThreads());
    this.features = detectFeatures();
    this.functions = new FunctionTable();
    const shared = threads > 1 && this.features.sharedMemory;
    const { memory, limits } = createMemory(minimumPages, maximumPages, shared);
    this.memory = memory;
    this.memoryLimits = limits;
    this.heap = new Heap(memory, HEAP_BASE, limits.maximumPages);
    const { table } = this.functions;
    const walker = new ModuleBuilder(limits, true);
    addWalker(walker);
    const exports = instantiate(walker.finish(), { memory, table });
    this.walkAlone = exports[WALK_ALONE] as typeof this.walkAlone;
    const { heap } = this;
    if (shared) this.crew = new Crew({ heap, memory, limits, table, threads, timeLimit, workerUrl });
  }

  get threads(): number {
    return this.crew?.threads ?? 1;
  }

  add(bytes: Uint8Array): ReadonlyMap<string, number> {
    return this.enter(bytes, instantiate(bytes, { memory: this.memory, table: this.functions.table }));
  }

  remove(indices: Iterable<number>): void {
    const gone = [...indices];
    this.functions.remove(gone);
    if (this.crew === undefined) return;
    if (this.crew.hasStarted) this.removed.push(...gone);
    else this.forget(gone);
  }

  run(list: number, parallel: boolean, expected = 0): boolean {
    this.runs++;
    if (!parallel || this.crew === undefined) this.runAlone(list);
    else if (this.crew.hasStarted || this.alone + expected >= this.startAfter) {
      if (!this.crew.hasStarted) this.startCrew(this.crew);
      if (this.crew.muster(Math.min(MOST_PATIENCE_MS, PATIENCE * expected)) > 0) {
        this.crew.run(list, this.scratch);
        return true;
      }
      this.runAlone(list);
    } else {
      const start = clock();
      this.runAlone(list);
      this.alone += clock() - start;
    }
    return false;
  }

  private runAlone(list: number): void {
    try {
      this.walkAlone(list, this.scratch);
    } catch (cause) {
      throw new RunFailure(`a kernel failed: ${messageOf(cause)}`, {
        operation: "run",
        remedy: REPORT,
        cause,
      });
    }
  }

  ensureScratch(bytes: number): void {
    if (bytes <= this.scratchBytes) return;
    const larger = this.heap.allocate(bytes);
    if (this.scratch > 0) this.heap.free(this.scratch);
    this.scratch = larger;
    this.crew?.ensureScratch(bytes);
    this.scratchBytes = bytes;
  }

  stats(): MachineStats {
    return {
      heap: this.heap.stats(),
      modules: this.modules,
      functions: this.functions.size,
      runs: this.runs,
      crew: this.crew?.stats() ?? { workers: 0, helpers: 0, parallelRuns: 0, losses: [] },
    };
  }

  dispose(): void {
    this.crew?.dispose();
    this.earlyModules = [];
  }

  /** Puts a module's functions into the table, here and with the workers. */
  private enter(bytes: Uint8Array, exports: Exports): ReadonlyMap<string, number> {
    const names = Object.keys(exports);
    const indices = this.functions.add(names.map((name) => exports[name]));
    if (this.crew?.hasStarted) {
      try {
        this.crew.announce(this.removed, indices, bytes);
      } catch (error) {
        this.functions.remove(indices);
        throw error;
      }
      this.removed = [];
    } else if (this.crew !== undefined)
      this.earlyModules.push({ bytes: bytes.slice(), indices, live: new Set(indices) });
    this.modules++;
    return new Map(names.map((name, i) => [name, indices[i]]));
  }

  private startCrew(crew: Crew): void {
    crew.start(this.earlyModules.map(({ bytes, indices }) => ({ bytes, indices })));
    this.earlyModules = [];
  }

  /** Workers that are started later do not get modules of which nothing is left. */
  private forget(gone: readonly number[]): void {
    for (const { live } of this.earlyModules) for (const index of gone) live.delete(index);
    this.earlyModules = this.earlyModules.filter(({ live }) => live.size > 0);
  }
}

function defaultThreads(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  return Math.min(navigator?.hardwareConcurrency ?? 1, 8);
}

function checkThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return threads;
  throw new StateError(`threads is ${threads}`, {
    operation: "wasm engine",
    remedy: `Give a whole number from 1 to ${MOST_THREADS}; 1 starts no workers.`,
  });
}
