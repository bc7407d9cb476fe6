import { getEngine, grad, tensor } from "@cotangent/core";

console.log(String(grad((x) => x.mul(x).sum())(tensor([1, 2, 3])).arraySync()), getEngine().name);
