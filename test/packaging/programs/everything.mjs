import { Dense, losses, SGD, Trainer } from "cotangent";
import * as data from "cotangent/data";

const model = new Dense(2, 2);
const optimizer = new SGD({ learningRate: 0.01 });
console.log([new Trainer(model, { optimizer, loss: losses.meanSquaredError }), data]);
