import type { DType, Shape, Tensor } from "@cotangent/core";
import { sizeOf } from "../../gradients/support/shapes.ts";
import type { Choices } from "./choices.ts";
import type { Grower } from "./grower.ts";
import { ALL, type Operation, type Operations } from "./operation.ts";

/** For one axis or several of the last ones; params speak of those. */
const lastAxes = (g: Grower, { shape }: Tensor): number[] => {
  const count = g.choices.chance(70)
    ? shape.length
    : g.choices.whole(Math.min(1, shape.length), shape.length);
  return shape.slice(shape.length - count);
};

const movement = (weight: number, move: (g: Grower, x: Tensor) => Tensor | null): Operation => ({
  dtypes: ALL,
  weight,
  grow(g, dtype) {
    const x = g.operand(dtype);
    return x && move(g, x);
  },
});

/** Another shape of the same number of elements: axes split, merged, added, removed. */
function otherShape(choices: Choices, shape: Shape): Shape {
  const result = [...shape];
  for (let rounds = choices.whole(1, 3); rounds > 0; rounds--) {
    const axis = choices.below(result.length);
    const change = choices.below(5);
    if (change === 0) result.splice(choices.below(result.length + 1), 0, 1);
    if (change === 1) result.splice(0, result.length, sizeOf(result));
    if (change === 2 && result.length > 1 && axis > 0)
      result.splice(axis - 1, 2, result[axis - 1] * result[axis]);
    if (change === 3 && result[axis] === 1) result.splice(axis, 1);
    const divisors = [2, 3, 4, 5, 7, 8].filter((d) => result[axis] > d && result[axis] % d === 0);
    if (change === 4 && divisors.length > 0) {
      const divisor = choices.of(divisors);
      result.splice(axis, 1, ...choices.shuffled([divisor, result[axis] / divisor]));
    }
  }
  return result.length <= 5 ? result : [sizeOf(result)];
}

/** x's axes and new leading ones, with sizes of 1 stretched. */
function stretchedShape(g: Grower, shape: Shape): Shape | null {
  const { choices, style } = g;
  const stretched = shape.map((size) => (size === 1 && choices.chance(70) ? choices.of(style.sizes) : size));
  const leading = shape.length < 4 && choices.chance(40) ? [choices.of(style.sizes)] : [];
  const result = [...leading, ...stretched];
  return g.fits(result) ? result : null;
}

function sliceParams(choices: Choices, sizes: readonly number[]) {
  const parts = sizes.map((size) => {
    if (choices.chance(25)) return { start: 0, end: size, step: 1 };
    const start = choices.below(size);
    const end = choices.chance(6) ? start : Math.min(size, start + 1 + choices.below(size - start));
    return { start, end, step: choices.chance(60) ? 1 : choices.whole(1, 4) };
  });
  return {
    start: parts.map(({ start }) => start),
    end: parts.map(({ end }) => end),
    step: parts.map(({ step }) => step),
  };
}

function padParams(choices: Choices, sizes: readonly number[]) {
  const parts = sizes.map((size) => {
    const interior = choices.chance(30) ? choices.whole(1, 3) : 0;
    const dilated = size === 0 ? 0 : size + (size - 1) * interior;
    const low = choices.whole(-Math.min(dilated, 3), 4);
    const high = choices.whole(Math.max(-3, -(dilated + low)), 4);
    return choices.chance(25)
      ? { low: 0, high: 0, interior: 0 }
      : { low, high: Math.max(high, -(dilated + low)), interior };
  });
  return {
    low: parts.map(({ low }) => low),
    high: parts.map(({ high }) => high),
    interior: parts.map(({ interior }) => interior),
  };
}

/** Something to stand beside x along an axis: of any size there, empty ones included. */
function part(g: Grower, x: Tensor, axis: number): Tensor {
  const { choices } = g;
  const along = (size: number): Shape => x.shape.map((other, i) => (i === axis ? size : other));
  return choices.weighted<() => Tensor>([
    [3, () => x],
    [3, () => neighbour(g, x, axis)],
    [2, () => g.slot(along(choices.chance(15) ? 0 : choices.whole(1, 5)), x.dtype)],
    [1, () => g.literal(g.literalValue(x.dtype), { shape: along(choices.below(4)), dtype: x.dtype })],
    [
      1,
      () => {
        const whole = sliceParams(choices, [x.shape[axis]]);
        const start = x.shape.map((_, i) => (i === axis ? whole.start[0] : 0));
        const end = x.shape.map((size, i) => (i === axis ? whole.end[0] : size));
        const step = x.shape.map((_, i) => (i === axis ? whole.step[0] : 1));
        return g.apply("slice", [x], { start, end, step });
      },
    ],
  ])();
}

/** A value that is there and fits beside x. */
function neighbour(g: Grower, x: Tensor, axis: number): Tensor {
  const rest = ({ shape }: Tensor) => shape.map((size, i) => (i === axis ? -1 : size)).join();
  const found = g.pool.filter((y) => y.dtype === x.dtype && y.rank === x.rank && rest(y) === rest(x));
  return found.length === 0 ? x : g.choices.recent(found);
}

function concatenated(g: Grower, dtype: DType): Tensor | null {
  const x = g.operand(dtype, ({ rank }) => rank > 0);
  if (x === null) return null;
  const axis = g.choices.below(x.rank);
  const count = g.choices.whole(1, 3);
  const parts = [x, ...Array.from({ length: count }, () => part(g, x, axis))];
  return g.applyIfSmall("concat", g.choices.shuffled(parts), { axis: axis - x.rank });
}

/** Everything that moves elements, or sets them apart, and computes nothing. */
export const MOVEMENTS: Operations = {
  reshape: movement(6, (g, x) => g.apply("reshape", [x], { shape: otherShape(g.choices, x.shape) })),
  permute: movement(7, (g, x) => {
    const count = lastAxes(g, x).length;
    const axes = g.choices.shuffled(Array.from({ length: count }, (_, i) => i - count));
    return g.apply("permute", [x], { axes });
  }),
  broadcast: movement(7, (g, x) => {
    const shape = stretchedShape(g, x.shape);
    return shape && g.apply("broadcast", [x], { shape });
  }),
  slice: movement(7, (g, x) => g.apply("slice", [x], sliceParams(g.choices, lastAxes(g, x)))),
  pad: movement(6, (g, x) => g.applyIfSmall("pad", [x], padParams(g.choices, lastAxes(g, x)))),
  flip: movement(5, (g, x) => {
    const axes = g.choices.some(x.shape.map((_, axis) => axis - x.rank));
    return x.rank === 0 ? null : g.apply("flip", [x], { axes: axes.length === 0 ? [-1] : axes });
  }),
  concat: { dtypes: ALL, weight: 6, grow: concatenated },
  barrier: movement(5, (g, x) => {
    const after = Array.from({ length: g.choices.below(3) }, () => g.choices.recent(g.pool));
    return g.apply("barrier", [x, ...after]);
  }),
};
