import { type Domain, off, separated, tame } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { At, call } from "../expression.ts";
import { type Operand, reshaped, sizeOf } from "../operand.ts";
import type { Decode, Operations } from "./operation.ts";

/** Something with elements to look up. */
const source = (draw: Draw, domain: Domain = tame): Operand =>
  draw.float(domain, { minRank: 1, maxRank: 3, minSize: 1, maxSize: 12 });

/** A few places. */
const SHAPES: readonly (readonly number[])[] = [[2], [], [3], [1, 2], [0]];

const take: Decode = (draw) => {
  const x = source(draw);
  const axis = draw.genes.yes() ? undefined : draw.axis(x.shape.length);
  const count = axis === undefined ? x.elements.length : (x.shape.at(axis) as number);
  return call("take", x.expression, draw.indices(draw.genes.of(SHAPES), count).expression, { axis });
};

/** An axis, the axes before it that go in step, and indices for it. */
function lookup(draw: Draw, x: Operand) {
  const axis = draw.genes.whole(0, x.shape.length - 1);
  const batchDims = draw.genes.whole(0, axis);
  const own = draw.genes.of(SHAPES);
  const indices = draw.indices([...x.shape.slice(0, batchDims), ...own], x.shape[axis]);
  const picked = [...x.shape.slice(0, axis), ...own, ...x.shape.slice(axis + 1)];
  return { indices, picked, options: { axis, batchDims } };
}

const gather: Decode = (draw) => {
  const x = source(draw);
  const { indices, options } = lookup(draw, x);
  return call("gather", x.expression, indices.expression, options);
};

const scatter =
  (name: string, domain: Domain = tame): Decode =>
  (draw) => {
    const x = source(draw, domain);
    const { indices, picked, options } = lookup(draw, x);
    return call(name, x.expression, indices.expression, draw.alike(x, picked, domain).expression, options);
  };

/** x and updates of which no two elements are near each other: both are parts of one tensor in which none are. */
const scatterExtremum =
  (name: string): Decode =>
  (draw) => {
    const x = source(draw);
    const { indices, picked, options } = lookup(draw, x);
    const all = draw.shaped([x.elements.length + sizeOf(picked)], separated);
    const pieces = call("split", all.expression, [x.elements.length]);
    const base = call("reshape", new At(pieces, 0), x.shape);
    return call(name, base, indices.expression, call("reshape", new At(pieces, 1), picked), options);
  };

/** An axis, and indices for each place of the others. */
function along(draw: Draw, x: Operand) {
  const axis = draw.axis(x.shape.length);
  const place = (axis + x.shape.length) % x.shape.length;
  const own = x.shape.with(place, draw.genes.of([1, 2, 0, 3]));
  return { axis, own, indices: draw.indices(own, x.shape[place]) };
}

const takeAlongAxis: Decode = (draw) => {
  const x = source(draw);
  const { axis, indices } = along(draw, x);
  return call("takeAlongAxis", x.expression, indices.expression, { axis });
};

const putAlongAxis: Decode = (draw) => {
  const x = source(draw);
  const { axis, own, indices } = along(draw, x);
  return call("putAlongAxis", x.expression, indices.expression, draw.alike(x, own).expression, { axis });
};

const gatherNd: Decode = (draw) => {
  const x = source(draw);
  const length = draw.genes.whole(1, x.shape.length);
  const own = draw.genes.of([[2], [], [3], [0]]);
  const parts = x.shape.slice(0, length).map((size) => reshaped(draw.indices(own, size), [...own, 1]));
  const tuples = call(
    "concat",
    parts.map(({ expression }) => expression),
    -1,
  );
  return call("gatherNd", x.expression, tuples);
};

const segmentSum: Decode = (draw) => {
  const x = source(draw);
  const rank = draw.genes.whole(1, x.shape.length);
  const numSegments = draw.genes.whole(1, 3);
  const ids = draw.indices(x.shape.slice(0, rank), numSegments);
  return call("segmentSum", x.expression, ids.expression, { numSegments });
};

/** Elements by their places. */
export const indexing: Operations = {
  take,
  gather,
  takeAlongAxis,
  putAlongAxis,
  gatherNd,
  segmentSum,
  scatterSet: scatter("scatterSet"),
  scatterAdd: scatter("scatterAdd"),
  scatterMul: scatter("scatterMul", off([0], 0.3)),
  scatterMin: scatterExtremum("scatterMin"),
  scatterMax: scatterExtremum("scatterMax"),
};
