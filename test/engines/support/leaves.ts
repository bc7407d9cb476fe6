import type { DType, Tensor } from "@cotangent/core";
import type { Grower } from "./grower.ts";
import { ALL, NUMERIC, type Operations } from "./operation.ts";

/** One key, or several: uint32 with a last axis of size 2. */
function keys(g: Grower): Tensor {
  const isKey = ({ dtype, shape }: Tensor) =>
    dtype === "uint32" && shape.length > 0 && shape[shape.length - 1] === 2;
  const found = g.pool.filter(isKey);
  if (found.length > 0 && g.choices.chance(50)) return g.choices.recent(found);
  const leading = g.choices.chance(60) ? [] : [g.choices.whole(1, 4)];
  return g.slot([...leading, 2], "uint32", { values: { kind: "wide", seed: g.choices.below(1000) } });
}

function bits(g: Grower, _dtype: DType): Tensor | null {
  const from = keys(g);
  const params = { shape: g.shape(0, 3), pair: g.choices.chance(35) };
  const starts = g.choices.chance(30)
    ? [g.likeInPool({ shape: from.shape.slice(0, -1), dtype: "uint32" })]
    : [];
  return g.applyIfSmall("randomBits", [from, ...starts], params);
}

/** What is made of nothing, or of a key. */
export const LEAVES: Operations = {
  constant: {
    dtypes: ALL,
    weight: 3,
    grow: (g, dtype) => g.literal(g.literalValue(dtype), { shape: g.shape(), dtype }),
  },
  iota: {
    dtypes: NUMERIC,
    weight: 3,
    grow(g, dtype) {
      const shape = g.shape(1);
      return g.apply("iota", [], { axis: g.choices.below(shape.length), shape, dtype });
    },
  },
  randomBits: { dtypes: ["uint32"], weight: 4, grow: bits },
};
