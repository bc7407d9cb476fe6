// A program that has chosen an engine before something else in it loads Cotangent as a whole, in both ways.
import { createRequire } from "node:module";
import { getEngine, referenceEngine, setEngine, tensor } from "@cotangent/core";

setEngine(referenceEngine);
await import("cotangent");
createRequire(import.meta.url)("cotangent");
console.log(getEngine().name, tensor([1, 2]).add(1).arraySync());
