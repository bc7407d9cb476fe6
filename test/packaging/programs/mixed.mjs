// One program whose parts load Cotangent in different ways.
import { createRequire } from "node:module";
import * as imported from "cotangent";

const required = createRequire(import.meta.url)("cotangent");

const w = imported.variable(imported.tensor([1, 2]), { name: "w" });
const slope = required.grad((x) => imported.sum(x.mul(w)))(required.tensor([5, 5]));
console.log(
  required.Tensor === imported.Tensor,
  slope.arraySync(),
  required.getEngine() === imported.wasmEngine,
);
