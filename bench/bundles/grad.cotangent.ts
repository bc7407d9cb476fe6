import { grad, type Tensor, tensor } from "cotangent";

console.log(grad((x: Tensor) => x.mul(x).sum())(tensor([1, 2, 3])).dataSync());
