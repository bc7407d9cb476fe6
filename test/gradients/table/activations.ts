import * as core from "@cotangent/core";
import { interval, oneOf, signed } from "../support/domains.ts";
import type { Row } from "../support/row.ts";
import { broadcasting, unary } from "./build.ts";

type Tensor = core.Tensor;
const kinked = signed(0.2, 3);
const smooth = interval(-4, 4);
/** Away from the bounds of a line between low and high. */
const around = (low: number, high: number) =>
  oneOf([low - 1.5, low - 0.2], [low + 0.2, high - 0.2], [high + 0.2, high + 1.5]);

/** Activations, but for relu, softmax and logSoftmax, which have rows among scalars and reductions. */
export const activationRows: readonly Row[] = [
  unary("leakyRelu", (x) => core.leakyRelu(x).add(core.leakyRelu(x, { negativeSlope: 0.3 })), kinked),
  broadcasting("prelu", core.prelu, [kinked, interval(0.1, 1)], { aliased: kinked }),
  unary("elu", (x) => core.elu(x).add(core.elu(x, { alpha: 1.5 })), kinked),
  unary("celu", (x) => core.celu(x).add(core.celu(x, { alpha: 1.5 })), kinked),
  unary("selu", core.selu, kinked),
  unary("gelu", (x) => core.gelu(x), smooth),
  unary("gelu by tanh", (x) => core.gelu(x, { approximate: true }), smooth, { covers: ["gelu"] }),
  unary("silu", core.silu, smooth),
  unary("softplus", core.softplus, smooth),
  unary("logSigmoid", core.logSigmoid, smooth),
  unary("mish", core.mish, smooth),
  unary("softsign", core.softsign, kinked),
  unary("hardtanh", (x) => core.hardtanh(x), around(-1, 1)),
  unary("hardtanh with bounds", (x) => core.hardtanh(x, { low: -0.5, high: 2 }), around(-0.5, 2), {
    covers: ["hardtanh"],
  }),
  unary("relu6", core.relu6, around(0, 6)),
  unary("hardSigmoid", core.hardSigmoid, around(-3, 3)),
  unary("hardSwish", core.hardSwish, around(-3, 3)),
  unary("glu", (x) => core.glu(core.concat([x, x.mul(x)], -1)), interval(-2, 2), { minRank: 1 }),
  unary("glu along the first axis", (x) => core.glu(core.stack([x, x.exp()], 0), 0), interval(-2, 2), {
    covers: ["glu"],
  }),
  unary("log of sigmoid", (x) => core.log(core.sigmoid(x)).mul(x), smooth, { covers: ["log", "sigmoid"] }),
  unary(
    "log of what sigmoid leaves, moved",
    (x) => core.log1p(core.transpose(core.sigmoid(x)).neg()).mul(2),
    smooth,
    { minRank: 1, covers: ["log1p", "sigmoid"] },
  ),
  unary(
    "gradient by a sigmoid",
    (x: Tensor) => {
      const p = core.sigmoid(x);
      return core.gradients(core.log(p).mul(p.add(1)).add(core.log1p(p.neg())).sum(), [p])[0];
    },
    interval(-2, 2),
    { covers: ["log", "log1p", "sigmoid", "gradients"] },
  ),
];
