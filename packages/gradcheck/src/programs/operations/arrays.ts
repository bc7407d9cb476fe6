import { apartFrom, broken, off, separated, tame, within } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { At, call, type Expression } from "../expression.ts";
import { constant, type Operand } from "../operand.ts";
import type { Decode, Operations } from "./operation.ts";

/** Ids for the first axes of x. */
const segments =
  (name: string, domain = tame): Decode =>
  (draw) => {
    const x = draw.float(domain, { minRank: 1, maxRank: 3, minSize: 1, maxSize: 12 });
    const numSegments = draw.genes.whole(1, 3);
    const rank = draw.genes.whole(1, x.shape.length);
    const ids = draw.indices(x.shape.slice(0, rank), numSegments);
    const result = call(name, x.expression, ids.expression, { numSegments });
    // Segments without elements are infinite.
    return domain === separated ? call("clip", result, -9, 9) : result;
  };

/** Of elements that are not near each other, along an axis. */
function ordered(draw: Draw): { x: Operand; axis: number; size: number } {
  const x = draw.float(separated, { minRank: 1, minSize: 1 });
  const axis = draw.axis(x.shape.length);
  return { x, axis, size: x.shape.at(axis) as number };
}

const partition =
  (name: string): Decode =>
  (draw) => {
    const { x, axis, size } = ordered(draw);
    return call(name, x.expression, draw.genes.whole(-size, size - 1), { axis });
  };

const quantile =
  (name: string, whole: number): Decode =>
  (draw) => {
    const x = draw.float(separated, { minSize: 1 });
    const shares = [0.37, 0.05, 0.81].map((share) => share * whole);
    const q = draw.genes.yes() ? [draw.genes.of(shares), draw.genes.of(shares)] : draw.genes.of(shares);
    const method = draw.genes.of(["linear", "lower", "higher", "midpoint", "nearest"]);
    return call(name, x.expression, q, axesOf(draw, x), { method, keepDims: draw.genes.yes() });
  };

/** Axes that hold elements. */
const axesOf = (draw: Draw, x: Operand): Expression => draw.axes(x.shape.length);

const trapezoid: Decode = (draw) => {
  const y = draw.float(tame, { minRank: 1, maxSize: 18 });
  const axis = draw.axis(y.shape.length);
  const x = draw.genes.yes() ? { x: draw.alike(y, y.shape).expression } : { dx: 0.5 };
  return call("trapezoid", y.expression, { axis, ...x });
};

/** Points at whole numbers, and places away from them. */
const interp: Decode = (draw) => {
  const x = draw.float(broken, { maxSize: 12 });
  const points = constant([-2, -1, 0, 1, 2], [5], x.dtype);
  const values = draw.alike(x, [5]);
  const bounds = draw.genes.yes() ? { left: 1.5, right: -0.5 } : {};
  return call("interp", x.expression, points.expression, values.expression, bounds);
};

const edges = [-1.5, -0.5, 0.5, 1.5];
const offEdges = apartFrom(edges);

const histogram: Decode = (draw) => {
  const x = draw.float(offEdges, { maxSize: 12 });
  const weights = draw.alike(x, x.shape, within(0.5, 2));
  const options = { bins: edges, weights: weights.expression };
  return new At(call("histogram", x.expression, options), draw.genes.whole(0, 1));
};

const bincount: Decode = (draw) => {
  const weights = draw.float(tame, { minSize: 1, maxSize: 12 });
  const numbers = draw.indices(weights.shape, 3);
  const counted = call("abs", numbers.expression);
  return call("bincount", counted, { weights: weights.expression, length: 4 });
};

const rot90: Decode = (draw) => {
  const x = draw.float(tame, { minRank: 2 });
  const [from, to] = draw.genes.order(x.shape.length);
  return call("rot90", x.expression, { k: draw.genes.whole(-1, 3), axes: [from, to - x.shape.length] });
};

const kron: Decode = (draw) => {
  const x = draw.float(tame, { maxRank: 3, maxSize: 6 });
  return call("kron", x.expression, draw.alike(x, draw.genes.of([[2], [], [1, 2], [2, 2]])).expression);
};

const cross: Decode = (draw) => {
  const shape = draw.genes.of([[3], [2, 3], [1, 3]]);
  const x = draw.shaped(shape);
  return call("cross", x.expression, draw.alike(x, draw.genes.of([[3], shape])).expression);
};

/** Elements that are not near 0 are there, the others are not. */
const places =
  (name: string): Decode =>
  (draw) => {
    const x = draw.float(off([0], 0.1), { minRank: 1, maxRank: 3 });
    const found = call(name, call("greater", x.expression, 0), { size: draw.genes.whole(1, 4) });
    return name === "nonzero" ? new At(found, draw.genes.whole(0, x.shape.length - 1)) : found;
  };

/** Without NaN: what is beyond a bound takes its place. */
const withoutNaN =
  (name: string): Decode =>
  (draw) => {
    const x = draw.float(separated, { minSize: 1 });
    const bound = x.elements.reduce((a, b) => Math.max(a, b)) - 0.03;
    const holes = x.elements.length > 1 ? bound : bound + 1;
    const some = call("where", call("greater", x.expression, holes), Number.NaN, x.expression);
    // Of all elements, so that some are left.
    return call(name, some, undefined, { keepDims: draw.genes.yes() });
  };

const average: Decode = (draw) => {
  const x = draw.float(tame, { minRank: 1, minSize: 1, maxSize: 12 });
  const weights = draw.alike(x, x.shape, within(0.5, 2));
  return call("average", x.expression, draw.axis(x.shape.length), { weights: weights.expression });
};

/** Of rows whose elements differ. */
const correlation =
  (name: string): Decode =>
  (draw) =>
    call(name, draw.shaped(draw.genes.of([[2, 3], [4], [1, 3]]), separated).expression);

const closeness =
  (name: string): Decode =>
  (draw) => {
    const x = draw.float(separated);
    return call(name, x.expression, call("add", x.expression, draw.genes.of([0, 1])), { atol: 0.5 });
  };

/** Compositions of sorting, searching and sums. */
export const arrays: Operations = {
  segmentMean: segments("segmentMean"),
  segmentMax: segments("segmentMax", separated),
  segmentMin: segments("segmentMin", separated),
  segmentProd: segments("segmentProd", within(-1.2, 1.2)),
  topK: (draw) => {
    const { x, axis, size } = ordered(draw);
    const options = { axis, largest: draw.genes.yes() };
    return new At(call("topK", x.expression, draw.genes.whole(0, size), options), draw.genes.whole(0, 1));
  },
  partition: partition("partition"),
  argpartition: partition("argpartition"),
  median: (draw) => {
    const x = draw.float(separated, { minSize: 1 });
    return call("median", x.expression, axesOf(draw, x), { keepDims: draw.genes.yes() });
  },
  quantile: quantile("quantile", 1),
  percentile: quantile("percentile", 100),
  trapezoid,
  interp,
  histogram,
  bincount,
  searchsorted: (draw) => {
    const x = draw.float(offEdges);
    return call("searchsorted", edges, x.expression, { side: draw.genes.of(["left", "right"]) });
  },
  digitize: (draw) => call("digitize", draw.float(offEdges).expression, edges),
  nonzero: places("nonzero"),
  argwhere: places("argwhere"),
  nansum: withoutNaN("nansum"),
  nanmean: withoutNaN("nanmean"),
  nanmax: withoutNaN("nanmax"),
  nanmin: withoutNaN("nanmin"),
  average,
  cov: correlation("cov"),
  corrcoef: correlation("corrcoef"),
  isClose: closeness("isClose"),
  allClose: closeness("allClose"),
  rot90,
  kron,
  cross,
};
