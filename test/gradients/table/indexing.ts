import * as core from "@cotangent/core";
import fc from "fast-check";
import type { Domain } from "../support/domains.ts";
import { interval, separated, signed, withZeros } from "../support/domains.ts";
import type { Row, Setup } from "../support/row.ts";
import { shapes, whole } from "../support/shapes.ts";
import { custom } from "./build.ts";

type Tensor = core.Tensor;
type Shape = core.Shape;
type Scatter = typeof core.scatterAdd;

const domain = interval(-2, 2);
const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** Indices for an axis of that size, negative ones among them, as constants. */
const indices = (shape: Shape, size: number): fc.Arbitrary<Tensor> =>
  fc
    .array(whole(-size, size - 1), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
    .map((values) => core.tensor(Int32Array.from(values), { shape }));

/** Few axes, so that what is picked stays small. */
const small: fc.Arbitrary<Shape> = shapes({ minRank: 0, maxRank: 2 }).map((shape) =>
  sizeOf(shape) > 4 ? [3] : shape,
);

interface Drawn {
  readonly shape: Shape;
  readonly axis: number;
  readonly batchDims: number;
  readonly index: Tensor;
  /** The shape of what is picked. */
  readonly picked: Shape;
}

/** A shape, an axis of it that is not empty, and indices for that with some batch axes. */
const lookups: fc.Arbitrary<Drawn> = shapes({ minRank: 1, maxRank: 3 })
  .filter((shape) => shape.every((n) => n > 0) && sizeOf(shape) <= 12)
  .chain((shape) =>
    whole(0, shape.length - 1).chain((axis) =>
      fc.tuple(whole(0, axis), small).chain(([batchDims, own]) =>
        indices([...shape.slice(0, batchDims), ...own], shape[axis]).map((index) => ({
          shape,
          axis,
          batchDims,
          index,
          picked: [...shape.slice(0, axis), ...own, ...shape.slice(axis + 1)],
        })),
      ),
    ),
  );

const describe = ({ axis, batchDims, index }: Drawn): object => ({
  axis,
  batchDims,
  indices: index.arraySync(),
});

const optionsOf = ({ axis, batchDims }: Drawn): core.GatherOptions => ({ axis, batchDims });

const gatherSetups: fc.Arbitrary<Setup> = lookups.map((drawn) => ({
  shapes: [drawn.shape],
  domains: [domain],
  options: describe(drawn),
  apply: (x: Tensor) => core.gather(x, drawn.index, optionsOf(drawn)),
}));

const takeSetups: fc.Arbitrary<Setup> = fc.oneof(
  lookups.map((drawn) => ({
    shapes: [drawn.shape],
    domains: [domain],
    options: describe(drawn),
    apply: (x: Tensor) => core.take(x, drawn.index, { axis: drawn.axis }),
  })),
  shapes({ minRank: 1, maxRank: 3, nonEmpty: true }).chain((shape) =>
    small
      .chain((own) => indices(own, sizeOf(shape)))
      .map((index) => ({ shapes: [shape], domains: [domain], apply: (x: Tensor) => core.take(x, index) })),
  ),
);

/** One index for each element of some shape that is x's but along the axis. */
const along = shapes({ minRank: 1, maxRank: 3, nonEmpty: true }).chain((shape) =>
  fc.tuple(whole(-shape.length, shape.length - 1), whole(0, 3)).chain(([axis, count]) => {
    const place = (axis + shape.length) % shape.length;
    const own = shape.map((n, i) => (i === place ? count : n));
    return indices(own, shape[place]).map((index) => ({ shape, own, axis, index }));
  }),
);

const scatterSetups = (op: Scatter, domains: readonly [Domain, Domain]): fc.Arbitrary<Setup> =>
  lookups
    .filter(({ picked }) => sizeOf(picked) <= 18)
    .map((drawn) => ({
      shapes: [drawn.shape, drawn.picked],
      domains,
      options: describe(drawn),
      apply: (x: Tensor, updates: Tensor) => op(x, drawn.index, updates, optionsOf(drawn)),
    }));

const segmentSetups: fc.Arbitrary<Setup> = shapes({ minRank: 1, maxRank: 3, nonEmpty: true }).chain((shape) =>
  fc.tuple(whole(1, shape.length), whole(1, 3)).chain(([rank, numSegments]) =>
    indices(shape.slice(0, rank), numSegments).map((ids) => ({
      shapes: [shape],
      domains: [domain],
      options: { numSegments, ids: ids.arraySync() },
      apply: (x: Tensor) => core.segmentSum(x, ids, { numSegments }),
    })),
  ),
);

const ndSetups: fc.Arbitrary<Setup> = shapes({ minRank: 1, maxRank: 3, nonEmpty: true }).chain((shape) =>
  fc.tuple(whole(1, shape.length), small).chain(([length, own]) =>
    fc.tuple(...shape.slice(0, length).map((size) => indices([...own, 1], size))).map((parts) => ({
      shapes: [shape],
      domains: [domain],
      apply: (x: Tensor) => core.gatherNd(x, core.concat(parts, -1)),
    })),
  ),
);

/** Rows read and written by indices, which are constants that each case draws. */
export const indexingRows: readonly Row[] = [
  custom("take", takeSetups),
  custom("gather", gatherSetups),
  custom(
    "takeAlongAxis",
    along.map(({ shape, axis, index }) => ({
      shapes: [shape],
      domains: [domain],
      options: { axis, indices: index.arraySync() },
      apply: (x: Tensor) => core.takeAlongAxis(x, index, { axis }),
    })),
  ),
  custom(
    "putAlongAxis",
    along.map(({ shape, own, axis, index }) => ({
      shapes: [shape, own],
      domains: [domain, domain],
      options: { axis, indices: index.arraySync() },
      apply: (x: Tensor, values: Tensor) => core.putAlongAxis(x, index, values, { axis }),
    })),
  ),
  custom("gatherNd", ndSetups),
  custom("segmentSum", segmentSetups),
  custom("scatterSet", scatterSetups(core.scatterSet, [domain, domain])),
  custom("scatterAdd", scatterSetups(core.scatterAdd, [domain, domain])),
  custom("scatterMul", scatterSetups(core.scatterMul, [signed(0.3, 1.5), withZeros(-1.5, 1.5)])),
  custom("scatterMin", scatterSetups(core.scatterMin, [separated, separated])),
  custom("scatterMax", scatterSetups(core.scatterMax, [separated, separated])),
];
