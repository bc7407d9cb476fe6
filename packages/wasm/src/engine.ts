import type { Engine } from "@cotangent/core";
import { assembleLibrary } from "./library/index.ts";
import { createMachine } from "./machine/index.ts";
import { Arena } from "./run/arena.ts";
import type { Context } from "./run/context.ts";
import { WasmExecutable } from "./run/executable.ts";
import { KernelCache } from "./run/kernelCache.ts";
import { Residency } from "./run/residency.ts";

/** An engine that compiles programs to WebAssembly. */
export interface WasmEngine extends Engine {
  readonly name: "wasm";
}

/** Makes an engine with memory and threads of its own, when it is first used. */
export function createWasmEngine(): WasmEngine {
  let context: Context | null = null;
  const ready = (): Context => {
    if (context === null) {
      const machine = createMachine({ library: assembleLibrary });
      context = {
        machine,
        kernels: new KernelCache(machine),
        arena: new Arena(machine),
        residency: new Residency(machine),
      };
    }
    return context;
  };
  return { name: "wasm", compile: (program) => new WasmExecutable(ready(), program) };
}

/** The engine of this process. */
export const wasmEngine: WasmEngine = createWasmEngine();
