import type { DType, Shape, Tensor } from "@cotangent/core";
import { sizeOf } from "../../gradients/support/shapes.ts";
import type { Grower } from "./grower.ts";
import { ALL, INTEGER, NUMERIC, type Operation, type Operations } from "./operation.ts";

/** Axes to reduce, counted from the end: the last ones mostly, at least one. */
function reducedAxes(g: Grower, rank: number): number[] {
  const all = Array.from({ length: rank }, (_, axis) => axis - rank);
  const axes = g.choices.weighted<() => number[]>([
    [4, () => [-1]],
    [2, () => all],
    [2, () => [-rank]],
    [4, () => g.choices.some(all)],
  ])();
  return axes.length === 0 ? [-1] : axes;
}

const reduction = (
  name: string,
  dtypes: readonly DType[],
  weight: number,
  accumulates: boolean,
): Operation => ({
  dtypes,
  weight,
  accumulates,
  grow(g, dtype) {
    const needsElements = name === "reduceMax" || name === "reduceMin";
    const x = g.operand(dtype, ({ rank, size }) => rank > 0 && (!needsElements || size > 0));
    if (x === null) return null;
    // Without an axis of size 0 there may be many elements.
    const reduced = g.applyIfSmall(name, [x], { axes: reducedAxes(g, x.rank) });
    if (reduced === null) return null;
    return g.choices.chance(30) ? spread(g, reduced, x) : reduced;
  },
});

/** A reduced value again where it came from, as normalisations use it. */
function spread(g: Grower, reduced: Tensor, x: Tensor): Tensor {
  let used = 0;
  const kept = x.shape.map((size) => {
    if (reduced.shape[used] !== size) return 1;
    used++;
    return size;
  });
  if (used < reduced.rank || sizeOf(kept) !== reduced.size) return reduced;
  return g.apply("broadcast", [g.apply("reshape", [reduced], { shape: kept })], { shape: x.shape });
}

/** Multiplications in one contraction, for each element that a value may have. */
const MOST_WORK = 200;

interface Axes {
  readonly contract: readonly [number[], number[]];
  readonly batch: readonly [number[], number[]];
}

/** Pairs of axes of equal size, each contracted or walked in step, in any order. */
function pairedAxes(g: Grower, x: Shape, y: Shape): Axes {
  const axes: Axes = { contract: [[], []], batch: [[], []] };
  const free = new Set(y.map((_, axis) => axis));
  for (const axis of g.choices.shuffled(x.map((_, i) => i))) {
    const partners = [...free].filter((other) => y[other] === x[axis]);
    if (partners.length === 0 || g.choices.chance(35)) continue;
    const partner = g.choices.of(partners);
    free.delete(partner);
    const list = g.choices.chance(65) ? axes.contract : axes.batch;
    list[0].push(axis);
    list[1].push(partner);
  }
  return axes;
}

/** The other operand: one that is there, x itself, or a new one that shares some of x's sizes. */
function factor(g: Grower, x: Tensor): Tensor {
  const { choices } = g;
  const own = (): Tensor => {
    const shared = choices.some(x.shape, 60);
    const others = Array.from({ length: choices.whole(0, 2) }, () => choices.of(g.style.sizes));
    const shape = choices.shuffled([...shared, ...others]).slice(0, 4);
    return g.fits(shape) ? g.slot(shape, x.dtype) : x;
  };
  const there = g.pool.filter((y) => y.dtype === x.dtype && y.shape.some((size) => x.shape.includes(size)));
  return choices.weighted<() => Tensor>([
    [3, own],
    [5, () => (there.length === 0 ? own() : g.tamed(choices.recent(there)))],
    [1, () => x],
  ])();
}

function contraction(g: Grower, dtype: DType): Tensor | null {
  const x = g.operand(dtype);
  if (x === null) return null;
  const y = factor(g, x);
  for (let tries = 0; tries < 4; tries++) {
    const axes = pairedAxes(g, x.shape, y.shape);
    const inner = sizeOf(axes.contract[0].map((axis) => x.shape[axis]));
    const batch = sizeOf(axes.batch[0].map((axis) => x.shape[axis]));
    const free = [
      ...x.shape.filter((_, axis) => !axes.contract[0].includes(axis)),
      ...y.shape.filter((_, axis) => !axes.contract[1].includes(axis) && !axes.batch[1].includes(axis)),
    ];
    const work = inner * batch === 0 ? 0 : (x.size * y.size) / (inner * batch);
    if (g.fits(free) && work <= MOST_WORK * g.style.limit) return g.apply("dot", [x, y], axes);
  }
  return null;
}

/** Running totals along one axis, as exact as the reference: every total is made in the order of the elements. */
const running = (name: string, weight: number): Operation => ({
  dtypes: NUMERIC,
  weight,
  accumulates: name !== "cumulativeMax" && name !== "cumulativeMin",
  grow(g, dtype) {
    const x = g.operand(dtype, ({ rank }) => rank > 0);
    if (x === null) return null;
    const params = { axis: -g.choices.whole(1, x.rank), reverse: g.choices.chance(50) };
    if (name !== "cumulativeAffine") return g.apply(name, [x], params);
    const factors = g.operand(dtype, ({ shape }) => shape.join() === x.shape.join()) ?? x;
    return g.apply(name, [factors, x], params);
  },
});

/** Everything that makes one element of several. */
export const REDUCTIONS: Operations = {
  reduceSum: reduction("reduceSum", NUMERIC, 9, true),
  reduceProd: reduction("reduceProd", NUMERIC, 4, true),
  reduceMax: reduction("reduceMax", NUMERIC, 5, false),
  reduceMin: reduction("reduceMin", NUMERIC, 4, false),
  reduceAnd: reduction("reduceAnd", ["bool"], 4, false),
  reduceOr: reduction("reduceOr", ["bool"], 4, false),
  argReduce: {
    dtypes: ALL,
    weight: 5,
    grow(g, dtype) {
      const x = g.operand(dtype, ({ rank, size }) => rank > 0 && size > 0);
      if (x === null) return null;
      const params = { op: g.choices.of(["max", "min"]), axis: -g.choices.whole(1, x.rank) };
      return g.apply("argReduce", [x], params);
    },
  },
  cumulativeSum: running("cumulativeSum", 4),
  cumulativeProd: running("cumulativeProd", 2),
  cumulativeMax: running("cumulativeMax", 2),
  cumulativeMin: running("cumulativeMin", 2),
  cumulativeAffine: running("cumulativeAffine", 3),
  argSort: {
    dtypes: ALL,
    weight: 4,
    grow(g, dtype) {
      const x = g.operand(dtype, ({ rank }) => rank > 0);
      if (x === null) return null;
      return g.apply("argSort", [x], { axis: -g.choices.whole(1, x.rank), descending: g.choices.chance(40) });
    },
  },
  dot: {
    dtypes: [...INTEGER, "float32", "float32", "float64"],
    weight: 12,
    accumulates: true,
    grow: contraction,
  },
};
