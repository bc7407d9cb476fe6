/**
 * The door to all of Cotangent: the graph and its derivatives, layers and losses, optimisers, the Trainer.
 *
 * Importing it makes the WebAssembly engine the one that computes, unless `setEngine` has chosen another. Where two
 * packages have a name in common (activations are operations of core that nn hands on), it is the same thing.
 * @packageDocumentation
 */
import { setDefaultEngine } from "@cotangent/core";
import { wasmEngine } from "@cotangent/wasm";

setDefaultEngine(wasmEngine);

export * from "@cotangent/core";
export * from "@cotangent/nn";
export * from "@cotangent/optim";
export * from "@cotangent/train";
export { createWasmEngine, explainPlan, wasmEngine } from "@cotangent/wasm";
