import { grad, tensor } from "cotangent";

// The engine is looked up, not imported: a program that uses nothing but grad must run on the fast one.
const { engine } = globalThis[Symbol.for("cotangent/core@1")].slots.get("engine");
console.log(String(grad((x) => x.mul(x).sum())(tensor([1, 2, 3])).arraySync()), engine.name);
