// Meta-learning of sine curves: a network that after one gradient step on ten points of a new curve knows the curve.

import {
  Adam,
  compile,
  dense,
  functionalCall,
  losses,
  random,
  sequential,
  type Tensor,
  vmap,
} from "cotangent";
import { adapt, type Loss, type Weights } from "./maml.ts";

const iterations = process.argv.includes("--full") ? 70_000 : 1000;
const inner = { learningRate: 0.01 };

const network = sequential({ inputShape: [1], seed: 1 }, [
  dense(40, { activation: "relu" }),
  dense(40, { activation: "relu" }),
  dense(1),
]);
const weights: Weights = Object.fromEntries(network.namedVariables());

const loss: Loss<[Tensor, Tensor]> = (weights, x, y) =>
  losses.meanSquaredError(functionalCall(network, weights, x), y);

/** Tasks: curves a sin(x - b), each with points to learn from and points for the test, [tasks, points, 1]. */
function sines(tasks: number, points = 10): [Tensor, Tensor, Tensor, Tensor] {
  const a = random.uniform([tasks, 1, 1], { minval: 0.1, maxval: 5 });
  const b = random.uniform([tasks, 1, 1], { maxval: Math.PI });
  const draw = () => random.uniform([tasks, points, 1], { minval: -5, maxval: 5 });
  const curve = (x: Tensor) => x.sub(b).sin().mul(a);
  const [x, xTest] = [draw(), draw()];
  return [x, curve(x), xTest, curve(xTest)];
}

/** The loss on a task's test points after `steps` on its other points, the mean over tasks. */
function lossAfter(steps: number, tasks: [Tensor, Tensor, Tensor, Tensor]): Tensor {
  const ofTask = (weights: Weights, x: Tensor, y: Tensor, xTest: Tensor, yTest: Tensor) =>
    loss(adapt(loss, weights, [x, y], { ...inner, steps }), xTest, yTest);
  return vmap(ofTask, { inAxes: [null, 0, 0, 0, 0] })(weights, ...tasks).mean();
}

random.seed(0);
const optimizer = new Adam({ learningRate: 0.001 });
const step = compile(() => {
  const loss = lossAfter(1, sines(25));
  optimizer.minimize(loss, network);
  return loss;
});
for (let i = 1; i <= iterations; i++) {
  const loss = step();
  if (i % (iterations / 5) === 0) console.log(`iteration ${i}: loss after a step ${loss.item().toFixed(3)}`);
}
const tasks = sines(600);
export const course = [0, 1, 5, 10].map((steps) => ({ steps, loss: lossAfter(steps, tasks).item() }));
for (const { steps, loss } of course)
  console.log(`600 new curves after ${steps} steps: loss ${loss.toFixed(3)}`);
