import cotangent = require("cotangent");
import data = require("cotangent/data");
import nn = require("@cotangent/nn");

const slope: cotangent.Tensor = cotangent.grad((x: cotangent.Tensor) => x.mul(x).sum())(
  cotangent.tensor([1, 2, 3]),
);
const model: nn.Module = new cotangent.Sequential([new cotangent.Dense(3, 2)]);

// @ts-expect-error: types that are lost would let this pass
const wrong: string = slope;
export = [slope, model, data, wrong];
