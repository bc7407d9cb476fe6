import { off, tame } from "../domains.ts";
import { call, type Expression } from "../expression.ts";
import { type Decode, type Operations, unary } from "./operation.ts";

const bent = off([0]);

/** A function of one tensor with an option, which is one of some values. */
const optional =
  (name: string, domain: typeof tame, options: readonly Expression[]): Decode =>
  (draw) => {
    const option = draw.genes.of(options);
    return call(name, draw.float(domain).expression, option);
  };

const along =
  (name: string): Decode =>
  (draw) => {
    const x = draw.float(tame, { minRank: 1, minSize: 1 });
    return call(name, x.expression, draw.axes(x.shape.length));
  };

/** What nn is made of. */
export const activations: Operations = {
  ...unary({
    relu: bent,
    selu: bent,
    silu: tame,
    softplus: tame,
    logSigmoid: tame,
    mish: tame,
    softsign: bent,
    relu6: off([0, 6]),
    hardSigmoid: off([-3, 3]),
    hardSwish: off([-3, 3]),
  }),
  leakyRelu: optional("leakyRelu", bent, [undefined, { negativeSlope: 0.3 }]),
  elu: optional("elu", bent, [undefined, { alpha: 1.5 }]),
  celu: optional("celu", bent, [undefined, { alpha: 1.5 }]),
  gelu: optional("gelu", tame, [undefined, { approximate: true }]),
  hardtanh: optional("hardtanh", off([-1, 1, -0.5, 2]), [undefined, { low: -0.5, high: 2 }]),
  prelu: (draw) => {
    const x = draw.float(bent);
    return call("prelu", x.expression, draw.partner([x]).expression);
  },
  glu: (draw) => {
    const x = draw.float(tame, { maxRank: 3, maxSize: 12 });
    return call("glu", call("stack", [x.expression, draw.shaped(x.shape).expression]), 0);
  },
  softmax: along("softmax"),
  logSoftmax: along("logSoftmax"),
};
