/**
 * The fast engine: a compiler from graphs to WebAssembly SIMD.
 * @packageDocumentation
 */
export { createWasmEngine, type WasmEngine, wasmEngine } from "./engine.ts";
