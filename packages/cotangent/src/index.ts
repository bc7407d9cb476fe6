/**
 * The door to all of Cotangent: the graph and its derivatives, layers and losses, optimisers, the Trainer.
 *
 * Nothing here runs when it is imported, so that a bundle holds only what a program uses; `setEngine(wasmEngine)` makes
 * it fast. Where two packages have a name in common (activations are operations of core that nn hands on), it is the
 * same thing.
 * @packageDocumentation
 */
export * from "@cotangent/core";
export * from "@cotangent/nn";
export * from "@cotangent/optim";
export * from "@cotangent/train";
export { createWasmEngine, explainPlan, wasmEngine } from "@cotangent/wasm";
