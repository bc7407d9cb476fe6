/**
 * The fast engine: a compiler from graphs to WebAssembly SIMD.
 * @packageDocumentation
 */
export { createWasmEngine, type EngineStats, type WasmEngine, wasmEngine } from "./engine.ts";
export { type ExplainOptions, explainPlan, type KernelReport, type PlanReport } from "./explain.ts";
export type { WasmEngineOptions } from "./options.ts";
