import type { Tensor } from "../ir/tensor.ts";
import { builder } from "../transform/vjp.ts";

/**
 * What softplus and log-sigmoid share: log(1 + e^-|x|), and which side x is on. |x| is chosen by `where`, not made by
 * abs, whose derivative at 0 is 0: the sum of both parts is smooth there.
 */
function parts(x: Tensor): { positive: Tensor; rest: Tensor } {
  const positive = builder.compare("greater", x, 0);
  const away = builder.where(positive, builder.neg(x), x);
  return { positive, rest: builder.log1p(builder.exp(away)) };
}

/** log(1 + e^x): x + log(1 + e^-x) where x > 0. */
export function softplusOf(x: Tensor): Tensor {
  const { positive, rest } = parts(x);
  return builder.add(builder.where(positive, x, 0), rest);
}

/** -log(1 + e^-x): x - log(1 + e^x) where x <= 0. */
export function logSigmoidOf(x: Tensor): Tensor {
  const { positive, rest } = parts(x);
  return builder.sub(builder.where(positive, 0, x), rest);
}
