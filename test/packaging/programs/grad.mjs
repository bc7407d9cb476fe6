import { grad, tensor } from "cotangent";

console.log(String(grad((x) => x.mul(x).sum())(tensor([1, 2, 3])).arraySync()));
