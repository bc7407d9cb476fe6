import "@tensorflow/tfjs-backend-wasm";
import { grad, setBackend, tensor1d } from "@tensorflow/tfjs";

await setBackend("wasm");
console.log(grad((x) => x.mul(x).sum())(tensor1d([1, 2, 3])).dataSync());
