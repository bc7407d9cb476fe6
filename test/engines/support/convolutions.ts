import type { DType, Shape, Tensor } from "@cotangent/core";
import { sizeOf } from "../../gradients/support/shapes.ts";
import { primitiveOf } from "./case.ts";
import type { Grower } from "./grower.ts";
import { ALL, INTEGER, NUMERIC, type Operation, type Operations } from "./operation.ts";

/** Multiplications in one convolution, for each element that a value may have. */
const MOST_WORK = 200;

const list = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** Mostly 1, at times a few more. */
const step = (g: Grower): number => (g.choices.chance(60) ? 1 : g.choices.whole(2, 3));

/** An operand with at least `rank` axes, brought to exactly that many. */
function ofRank(g: Grower, dtype: DType, rank: number): Tensor | null {
  const x = g.operand(dtype);
  if (x === null) return null;
  if (x.rank === rank) return x;
  const shape: Shape =
    x.rank < rank
      ? [...new Array<number>(rank - x.rank).fill(1), ...x.shape]
      : [sizeOf(x.shape.slice(0, x.rank - rank + 1)), ...x.shape.slice(x.rank - rank + 1)];
  return g.apply("reshape", [x], { shape });
}

function convParams(g: Grower, spatial: number) {
  const { choices } = g;
  const pads = choices.weighted<() => number>([
    [3, () => 0],
    [3, () => choices.whole(0, 3)],
    [2, () => choices.whole(-2, 4)],
  ]);
  return {
    strides: list(spatial, () => step(g)),
    low: list(spatial, pads),
    high: list(spatial, pads),
    inputDilation: list(spatial, () => (choices.chance(75) ? 1 : choices.whole(2, 3))),
    kernelDilation: list(spatial, () => (choices.chance(75) ? 1 : choices.whole(2, 3))),
  };
}

/** x with kernels of its groups and channels, of any number of outputs and any size. */
const convolution: Operation = {
  dtypes: [...INTEGER, "float32", "float32", "float64"],
  weight: 8,
  accumulates: true,
  grow(g, dtype) {
    const { choices } = g;
    const spatial = choices.weighted([[1, 0], [4, 1], [6, 2]] as const); // biome-ignore format: a table
    const x = ofRank(g, dtype, spatial + 3);
    if (x === null) return null;
    const outputs = choices.chance(10) ? choices.below(2) : choices.of(g.style.sizes);
    const kernel = list(spatial, (i) => choices.whole(1, Math.max(1, Math.min(5, x.shape[3 + i]))));
    const shape = [x.shape[0], outputs, x.shape[2], ...kernel];
    if (sizeOf(shape) > g.style.limit) return null;
    const params = convParams(g, spatial);
    const w = g.likeInPool({ shape, dtype });
    const out = primitiveOf("conv").shape([x, w], params);
    const work = sizeOf(out) * x.shape[2] * sizeOf(kernel);
    if (sizeOf(out) > g.style.limit || work > MOST_WORK * g.style.limit) return null;
    return g.apply("conv", [x, w], params);
  },
};

/** Windows over the last axes of what is there; none where they do not fit. */
const sliding: Operation = {
  dtypes: ALL,
  weight: 6,
  grow(g, dtype) {
    const x = g.operand(dtype, ({ rank }) => rank > 0);
    if (x === null) return null;
    const spatial = g.choices.whole(1, Math.min(2, x.rank));
    const params = {
      kernel: list(spatial, () => g.choices.whole(1, 4)),
      strides: list(spatial, () => step(g)),
      dilation: list(spatial, () => step(g)),
    };
    return g.applyIfSmall("windows", [x], params);
  },
};

/** What is there, as windows of a tensor of a size that goes with them. */
const folding: Operation = {
  dtypes: NUMERIC,
  weight: 5,
  accumulates: true,
  grow(g, dtype) {
    const { choices } = g;
    const x = g.operand(dtype, ({ rank, size }) => rank > 1 && size > 0);
    if (x === null) return null;
    const spatial = x.rank > 3 && choices.chance(60) ? 2 : 1;
    const [counts, kernel] = [x.shape.slice(-2 * spatial, -spatial), x.shape.slice(-spatial)];
    const strides = list(spatial, () => step(g));
    const dilation = list(spatial, () => step(g));
    const sizes = counts.map((count, i) => {
      const least = (count - 1) * strides[i] + (kernel[i] - 1) * dilation[i] + 1;
      return least + choices.below(strides[i]);
    });
    return g.applyIfSmall("fold", [x], { sizes, strides, dilation });
  },
};

/** Kernels and windows that slide. */
export const CONVOLUTIONS: Operations = { conv: convolution, windows: sliding, fold: folding };
