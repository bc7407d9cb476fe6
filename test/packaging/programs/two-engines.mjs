// Two copies of all packages in one process: the second keeps the engine of the first, in whose memory values lie.
import { cpSync } from "node:fs";
import * as first from "cotangent";

const w = first.variable(first.full([10_000], 2));
w.assign(w.mul(10));
first.evaluate(w);

cpSync("node_modules", "copies/node_modules", { recursive: true });
const second = await import("./copies/node_modules/cotangent/dist/index.js");

console.log(second.wasmEngine !== first.wasmEngine, second.getEngine() === first.wasmEngine);
w.assign(second.mul(w, 2));
console.log(w.sum().item(), second.createWasmEngine !== first.createWasmEngine);
// Whoever wants the second copy's engine gets it, with all values.
second.setEngine(second.wasmEngine);
console.log(second.sum(w).item(), first.getEngine() === second.wasmEngine);
