/**
 * Makes the WebAssembly engine the one that computes, where `setEngine` has chosen no other. Nothing is compiled and no
 * memory is taken before the first value is computed. A second copy of this module in a process (`import` beside a bundle,
 * say) keeps the engine of the first: what was computed already lies in its memory.
 */
import { getEngine, setDefaultEngine } from "@cotangent/core";
import { wasmEngine } from "@cotangent/wasm";

if (getEngine().name !== wasmEngine.name) setDefaultEngine(wasmEngine);
