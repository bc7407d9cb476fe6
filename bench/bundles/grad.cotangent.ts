import { grad, setEngine, type Tensor, tensor, wasmEngine } from "cotangent";

setEngine(wasmEngine);
console.log(grad((x: Tensor) => x.mul(x).sum())(tensor([1, 2, 3])).dataSync());
