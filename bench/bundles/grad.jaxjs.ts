import { grad, init, numpy } from "@jax-js/jax";

await init("wasm");
console.log(grad((x: numpy.Array) => x.ref.mul(x).sum())(numpy.array([1, 2, 3])).dataSync());
