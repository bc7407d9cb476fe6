import type { Engine } from "@cotangent/core";
import { Library } from "./library/index.ts";
import { createMachine } from "./machine/index.ts";
import { checkEngineOptions, type WasmEngineOptions } from "./options.ts";
import { Arena } from "./run/arena.ts";
import type { Context } from "./run/context.ts";
import { WasmExecutable } from "./run/executable.ts";
import { KernelCache } from "./run/kernelCache.ts";
import { Residency } from "./run/residency.ts";

/** An engine that compiles programs to WebAssembly. */
export interface WasmEngine extends Engine {
  readonly name: "wasm";
  /** What memory and code the engine has at the moment. */
  stats(): EngineStats;
}

/** Memory and code of an engine, in bytes and counts; all 0 before it is first used. */
export interface EngineStats {
  /** Handed out at the moment, and the most since the engine was made or `resetPeak` was called on its heap. */
  readonly usedBytes: number;
  readonly peakBytes: number;
  /** The size of the WebAssembly memory, and what it may grow to. */
  readonly reservedBytes: number;
  readonly limitBytes: number;
  /** Results that live in the engine's memory. */
  readonly residentBytes: number;
  readonly residentBlocks: number;
  /** Scratch memory that all plans share. */
  readonly arenaBytes: number;
  /** Generated kernels that are kept. */
  readonly kernels: number;
  readonly threads: number;
  /** Runs of plans, and those of them that several threads took part in. */
  readonly runs: number;
  readonly parallelRuns: number;
}

/**
 * An engine with memory and threads of its own, which it takes when it is first used. `compile` throws an EngineError where
 * the host has no WebAssembly with SIMD or forbids to compile it.
 * @throws StateError for options that make no sense
 */
export function createWasmEngine(options: WasmEngineOptions = {}): WasmEngine {
  checkEngineOptions(options);
  const { workerUrl: url, ...limits } = options;
  const workerUrl = typeof url === "string" ? url : url?.href;
  const settings = { ...limits, workerUrl };
  let context: Context | null = null;
  const ready = (): Context => {
    if (context === null) {
      const machine = createMachine(settings);
      context = {
        machine,
        library: new Library(machine),
        kernels: new KernelCache(machine),
        arena: new Arena(machine),
        residency: new Residency(machine),
      };
    }
    return context;
  };
  return {
    name: "wasm",
    compile: (program) => new WasmExecutable(ready(), program),
    stats: () => statsOf(context),
  };
}

/** The engine of this process. */
export const wasmEngine: WasmEngine = createWasmEngine();

function statsOf(context: Context | null): EngineStats {
  const machine = context?.machine.stats();
  const heap = machine?.heap;
  return {
    usedBytes: heap?.used ?? 0,
    peakBytes: heap?.peak ?? 0,
    reservedBytes: heap?.reserved ?? 0,
    limitBytes: heap?.limit ?? 0,
    residentBytes: context?.residency.residentBytes ?? 0,
    residentBlocks: context?.residency.count ?? 0,
    arenaBytes: context?.arena.bytes ?? 0,
    kernels: context?.kernels.size ?? 0,
    threads: context?.machine.threads ?? 0,
    runs: machine?.runs ?? 0,
    parallelRuns: machine?.crew.parallelRuns ?? 0,
  };
}
