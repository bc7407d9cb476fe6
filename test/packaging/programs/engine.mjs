import { getEngine, grad, setEngine, tensor, wasmEngine } from "cotangent";

setEngine(wasmEngine);
console.log(String(grad((x) => x.mul(x).sum())(tensor([1, 2, 3])).arraySync()), getEngine().name);
