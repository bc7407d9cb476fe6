import { i32, load, ModuleBuilder, op } from "../../src/assemble/index.ts";
import { host, type WasmNamespace } from "../../src/machine/host.ts";
import type { VectorFunction } from "../../src/math/types.ts";

const PAGE = 65536;

/** The dtypes that have elementary functions. */
export type FloatType = "float32" | "float64";

/** A vector function made into a loop over arrays. */
export interface Kernel {
  /** Where the caller puts the arguments, `capacity` elements each. */
  readonly inputs: readonly (Float32Array | Float64Array)[];
  readonly output: Float32Array | Float64Array;
  /** Computes the first `count` elements of the output. */
  run(count: number): void;
}

/** Compiles `fn` of `arity` arguments into a loop over arrays of `capacity` elements. */
export function makeKernel(fn: VectorFunction, dtype: FloatType, arity: number, capacity: number): Kernel {
  const FloatArray = dtype === "float32" ? Float32Array : Float64Array;
  const bytes = Math.ceil((capacity * FloatArray.BYTES_PER_ELEMENT) / PAGE) * PAGE;
  const pages = ((arity + 1) * bytes) / PAGE;
  const limits = { minimumPages: pages, maximumPages: pages, shared: false };
  const { Memory, Module, Instance } = host().WebAssembly as WasmNamespace;
  const memory = new Memory({ initial: pages, maximum: pages, shared: false });
  const builder = new ModuleBuilder(limits);
  builder.function("run", { params: ["i32"], results: [] }, (f) => {
    const [end] = f.params;
    const at = f.local("i32");
    f.while(
      () => op("i32.lt_u", at, end),
      () => {
        const arguments_ = Array.from({ length: arity }, (_, i) => load("v128.load", at, i * bytes));
        const result = f.let(fn(f, ...arguments_));
        f.store("v128.store", at, result, arity * bytes);
        f.add(at, i32(16));
      },
    );
  });
  const { exports } = new Instance(new Module(builder.finish()), { env: { memory } });
  const { run } = exports as { run: (end: number) => void };
  const array = (i: number) => new FloatArray(memory.buffer as ArrayBuffer, i * bytes, capacity);
  return {
    inputs: Array.from({ length: arity }, (_, i) => array(i)),
    output: array(arity),
    run: (count) => run(count * FloatArray.BYTES_PER_ELEMENT),
  };
}

/** Nanoseconds for each element, the best of several runs over arrays that the level-1 cache holds. */
export function nanosecondsPerElement(kernel: Kernel, count: number): number {
  let best = Number.POSITIVE_INFINITY;
  const repeats = 50;
  for (let round = 0; round < 40; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < repeats; i++) kernel.run(count);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / (repeats * count));
  }
  return best;
}
