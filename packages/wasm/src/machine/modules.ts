import { EngineError } from "@cotangent/core";
import { host, type WasmMemory, type WasmNamespace, type WasmTable } from "./host.ts";

/** A module as one thread has it: what it exports, in order. */
export type Exports = Readonly<Record<string, unknown>>;

/** Compiles and instantiates at once: a plan is run in the call that needs its kernels. */
export function instantiate(bytes: Uint8Array, env: Readonly<Record<string, unknown>>): Exports {
  const wasm = host().WebAssembly as WasmNamespace;
  try {
    return new wasm.Instance(new wasm.Module(bytes), { env }).exports;
  } catch (cause) {
    throw new EngineError(`the host refused a module of ${bytes.length} bytes: ${(cause as Error).message}`, {
      operation: "compile",
      remedy: "This is a fault of the engine: please report it, with the program that leads here.",
      cause,
    });
  }
}

/** The slots of the main thread's function table; workers fill theirs at the same indices. */
export class FunctionTable {
  readonly table: WasmTable;
  private readonly spare: number[] = [];
  private used = 0;

  constructor() {
    const { Table } = host().WebAssembly as WasmNamespace;
    this.table = new Table({ initial: 64, element: "anyfunc" });
  }

  /** Puts functions into free slots; gives the index of each. */
  add(functions: readonly unknown[]): number[] {
    return functions.map((one) => {
      const index = this.spare.pop() ?? this.used++;
      // Doubled, since each growth makes a new array of all slots.
      if (index >= this.table.length) this.table.grow(this.table.length);
      this.table.set(index, one);
      return index;
    });
  }

  /** Empties slots, so that the code behind them can be collected. */
  remove(indices: Iterable<number>): void {
    for (const index of indices) {
      this.table.set(index, null);
      this.spare.push(index);
    }
  }

  /** Slots in use. */
  get size(): number {
    return this.used - this.spare.length;
  }
}

/** What a memory of that kind is declared with, in it and in the modules that use it. */
export function createMemory(minimumPages: number, maximumPages: number, shared: boolean): CreatedMemory {
  const { Memory } = host().WebAssembly as WasmNamespace;
  // A host may refuse to reserve 4 GiB of addresses (32-bit processes, telephones): halve until it agrees.
  for (let maximum = maximumPages; ; maximum = Math.floor(maximum / 2)) {
    try {
      const memory = new Memory({ initial: minimumPages, maximum, shared });
      return { memory, limits: { minimumPages, maximumPages: maximum, shared } };
    } catch (cause) {
      if (maximum / 2 >= minimumPages) continue;
      throw new EngineError(`the host gives no memory of ${minimumPages} pages of 64 KiB`, {
        operation: "wasm engine",
        remedy: "Close what else uses memory.",
        cause,
      });
    }
  }
}

interface CreatedMemory {
  readonly memory: WasmMemory;
  readonly limits: { readonly minimumPages: number; readonly maximumPages: number; readonly shared: boolean };
}
