/**
 * The door to all of Cotangent: the graph and its derivatives, layers and losses, optimisers, the Trainer.
 *
 * Importing it makes the WebAssembly engine the one that computes, unless `setEngine` chooses another, before or after.
 * Apart from that engine a bundle holds only what a program uses. Where two packages have a name in common (activations
 * are operations of core that nn hands on), it is the same thing.
 * @packageDocumentation
 */
import "./defaultEngine.ts";

export * from "@cotangent/core";
export * from "@cotangent/nn";
export * from "@cotangent/optim";
export * from "@cotangent/train";
export {
  createWasmEngine,
  type EngineStats,
  type ExplainOptions,
  explainPlan,
  type KernelReport,
  type PlanReport,
  type WasmEngine,
  type WasmEngineOptions,
  wasmEngine,
} from "@cotangent/wasm";
