import { tame, within } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { At, call, type Expression } from "../expression.ts";
import type { Decode, Operations } from "./operation.ts";

/** A draw of x's shape, times x: constants to derivatives. */
const beside =
  (made: (shape: readonly number[], draw: Draw) => Expression): Decode =>
  (draw) => {
    const x = draw.float();
    return call("mul", x.expression, made(x.shape, draw));
  };

const seed = (draw: Draw): { seed: number } => ({ seed: draw.genes.whole(0, 99) });

const key = (draw: Draw): Expression => call("random.key", draw.genes.whole(0, 99));

/** Real numbers of some distribution. */
const continuous = (name: string, options: { readonly [key: string]: Expression } = {}): Decode =>
  beside((shape, draw) => call(`random.${name}`, shape, { ...seed(draw), dtype: draw.dtype, ...options }));

const uniformWith = (shape: readonly number[], drawnKey: Expression, draw: Draw): Expression =>
  call("random.uniform", shape, { key: drawnKey, dtype: draw.dtype });

/** Draws: by the same key, always the same. */
export const random: Operations = {
  "random.normal": continuous("normal"),
  "random.uniform": continuous("uniform", { minval: -1, maxval: 2 }),
  "random.truncatedNormal": continuous("truncatedNormal", { lower: -1, upper: 2 }),
  "random.gumbel": continuous("gumbel"),
  "random.exponential": continuous("exponential"),
  "random.laplace": continuous("laplace"),
  "random.rademacher": continuous("rademacher"),
  "random.bits": beside((shape, draw) =>
    call("mul", call("cast", call("random.bits", shape, seed(draw)), draw.dtype), 2 ** -32),
  ),
  "random.key": beside((shape, draw) => uniformWith(shape, key(draw), draw)),
  "random.split": beside((shape, draw) =>
    uniformWith(shape, new At(call("random.split", key(draw)), draw.genes.whole(0, 1)), draw),
  ),
  "random.foldIn": beside((shape, draw) =>
    uniformWith(shape, call("random.foldIn", key(draw), draw.genes.whole(0, 9)), draw),
  ),
  "random.randint": (draw) => {
    const { shape } = draw.float();
    return call("random.randint", shape, { ...seed(draw), low: 0, high: draw.genes.whole(1, 5) });
  },
  "random.choice": (draw) => {
    const { shape } = draw.float();
    return call("random.choice", 5, { ...seed(draw), shape });
  },
  "random.permutation": (draw) => {
    const x = draw.float(tame, { minRank: 1 });
    return call("random.permutation", x.expression, { ...seed(draw), axis: draw.axis(x.shape.length) });
  },
  "random.bernoulli": (draw) => call("random.bernoulli", draw.float(within(0.1, 0.9)).expression, seed(draw)),
  "random.categorical": (draw) => {
    const x = draw.float(tame, { minRank: 1, minSize: 1 });
    return call("random.categorical", x.expression, { ...seed(draw), axis: draw.axis(x.shape.length) });
  },
};
