// For a host without WebAssembly: the first evaluation says what to do, and that helps.
import { compile, Dense, grad, losses, referenceEngine, SGD, setEngine, tensor, variable } from "cotangent";

const w = variable([1, 2], { name: "w" });
const slope = grad((x) => x.mul(x).mul(w).sum())(tensor([5, 5]));
const step = compile((x) => {
  w.assign(w.add(x));
  return w.sum();
});
const evaluations = [() => slope.arraySync(), () => step(tensor([1, 1])).item(), () => new Dense(2, 1)];
for (const evaluation of evaluations) {
  try {
    evaluation();
  } catch (error) {
    console.log(`${error.name}: ${error.message}`);
  }
}
await slope.data().catch((error) => console.log(error.name));

setEngine(referenceEngine);
console.log(slope.arraySync(), step(tensor([1, 1])).item(), w.arraySync());
const model = new Dense(2, 1);
const loss = () => losses.meanSquaredError(model.forward(tensor([[1, 2]])), tensor([[3]]));
const before = loss().item();
new SGD({ learningRate: 0.01 }).minimize(loss(), model);
console.log(loss().item() < before);
