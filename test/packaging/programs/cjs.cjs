const { Dense, getEngine, grad, losses, SGD, Trainer, tensor } = require("cotangent");
const data = require("cotangent/data");
const core = require("@cotangent/core");
const nn = require("@cotangent/nn");
const optim = require("@cotangent/optim");
const train = require("@cotangent/train");

const same = core.grad === grad && nn.Dense === Dense && optim.SGD === SGD && train.Trainer === Trainer;
console.log(same, Object.keys(data).length > 0, getEngine().name);
console.log(grad((x) => x.mul(x).sum())(tensor([1, 2, 3])).arraySync());

const model = new Dense(2, 1);
const optimizer = new SGD({ learningRate: 0.1 });
const x = tensor([[1, 2]]);
const lossNow = () => losses.meanSquaredError(model.forward(x), tensor([[3]]));
const before = lossNow().item();
optimizer.minimize(lossNow(), model);
console.log(lossNow().item() < before);
