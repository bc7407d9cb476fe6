import * as core from "@cotangent/core";
import fc from "fast-check";
import { broken, type Domain, each, interval, separated, signed, withZeros } from "../support/domains.ts";
import type { Row, Setup } from "../support/row.ts";
import { axesOf, type ShapeLimits, shapes, sizeOf, whole } from "../support/shapes.ts";
import { custom, unary } from "./build.ts";

type Tensor = core.Tensor;
type Shape = core.Shape;

const domain = interval(-2, 2);
const numbers = (x: Tensor): Tensor => x.cast("float64");

/** Indices for an axis of that size, negative ones among them, as constants. */
const indices = (shape: Shape, size: number): fc.Arbitrary<Tensor> =>
  fc
    .array(whole(-size, size - 1), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
    .map((values) => core.tensor(Int32Array.from(values), { shape }));

/** Few elements: sorting and searching make long graphs, and differences compute them many times. */
const few = (limits: ShapeLimits = {}): fc.Arbitrary<Shape> =>
  shapes({ maxRank: 2, nonEmpty: true, ...limits }).map((shape) =>
    sizeOf(shape) > 6 ? shape.map((size) => Math.min(size, 2)) : shape,
  );

type Segment = typeof core.segmentSum;

const segments = (name: string, apply: Segment, own: Domain, covers = [name]): Row =>
  custom(
    name,
    few({ minRank: 1 }).chain((shape) =>
      fc.tuple(whole(1, shape.length), whole(1, 3)).chain(([rank, numSegments]) =>
        indices(shape.slice(0, rank), numSegments).map((ids) => ({
          shapes: [shape],
          domains: [own],
          options: { numSegments, ids: ids.arraySync() },
          // Segments without elements hold infinities.
          apply: (x: Tensor) => {
            const result = apply(x, ids, { numSegments });
            return core.where(core.isFinite(result), result, 0);
          },
        })),
      ),
    ),
    { covers },
  );

/** The greatest and the smallest of a segment. */
const extremes: Segment = (x, ids, options) =>
  core.where(
    core.isFinite(core.segmentMax(x, ids, options)),
    core.sub(core.segmentMax(x, ids, options), core.segmentMin(x, ids, options)),
    0,
  );

/** Tuples of indices, and updates for what they name. */
const tuples: fc.Arbitrary<Setup> = few({ minRank: 1, maxRank: 3 }).chain((shape) =>
  fc
    .tuple(whole(1, shape.length), fc.constantFrom<Shape>([2], [], [3]), fc.constantFrom("set", "add"))
    .chain(([length, own, reduction]) =>
      fc.tuple(...shape.slice(0, length).map((size) => indices([...own, 1], size))).map((parts) => ({
        shapes: [shape, [...own, ...shape.slice(length)]],
        domains: [domain, domain],
        options: { reduction },
        apply: (x: Tensor, updates: Tensor) =>
          core.scatterNd(x, core.concat(parts, -1), updates, { reduction: reduction as "set" | "add" }),
      })),
    ),
);

/** A call along an axis of a tensor without ties. */
const along = <O>(
  name: string,
  options: (size: number, axis: number) => fc.Arbitrary<O>,
  apply: (x: Tensor, options: O) => Tensor,
  own: Domain = separated,
): Row =>
  custom(
    name,
    few({ minRank: 1 }).chain((shape) =>
      whole(-shape.length, shape.length - 1).chain((axis) =>
        options(shape.at(axis) as number, axis).map((given) => ({
          shapes: [shape],
          domains: [own],
          options: given,
          apply: (x: Tensor) => apply(x, given),
        })),
      ),
    ),
  );

const topK = along(
  "topK",
  (size, axis) => fc.record({ k: whole(0, size), axis: fc.constant(axis), largest: fc.boolean() }),
  (x, { k, ...options }) => {
    const [values, places] = core.topK(x, k, options);
    return core.concat([values, numbers(places)], options.axis);
  },
);

const METHODS = ["linear", "lower", "higher", "nearest", "midpoint"] as const;

const reduced = fc.record({
  shape: few(),
  keepDims: fc.boolean(),
  method: fc.constantFrom(...METHODS),
  // Away from places where the method jumps.
  q: fc.array(fc.constantFrom(0.05, 0.21, 0.43, 0.62, 0.8, 0.97), { maxLength: 2 }),
});

const quantiles = custom(
  "quantile and percentile",
  reduced.chain(({ shape, q, ...options }) =>
    fc.tuple(axesOf(shape.length), fc.boolean()).map(([axes, isPercentage]) => ({
      shapes: [shape, [q.length]],
      domains: [
        separated,
        (_: unknown, size: number) => Float64Array.from({ length: size }, (_one, i) => q[i % q.length]),
      ],
      options: { axes, q, ...options },
      apply: (x: Tensor, shares: Tensor) =>
        isPercentage
          ? core.percentile(x, shares.mul(100), axes, options)
          : core.quantile(x, shares, axes, options),
    })),
  ),
  { covers: ["quantile", "percentile"] },
);

const median = custom(
  "median",
  reduced.chain(({ shape, keepDims }) =>
    axesOf(shape.length).map((axes) => ({
      shapes: [shape],
      domains: [separated],
      options: { axes, keepDims },
      apply: (x: Tensor) => core.median(x, axes, { keepDims }),
    })),
  ),
);

const integral = custom(
  "trapezoid",
  few({ minRank: 1, nonEmpty: false }).chain((shape) =>
    fc.tuple(whole(-shape.length, shape.length - 1), whole(0, 2)).map(([axis, kind]): Setup => {
      const places: Shape[] = [[], [shape.at(axis) as number], shape];
      return {
        shapes: kind === 0 ? [shape] : [shape, places[kind]],
        domains: kind === 0 ? [domain] : [domain, domain],
        options: { axis },
        apply: (y: Tensor, x?: Tensor) =>
          core.trapezoid(y, x === undefined ? { axis, dx: 0.5 } : { axis, x }),
      };
    }),
  ),
);

/** Ascending, at distances of 0.5 and more. */
const ascending: Domain = (random, size) => {
  let place = -0.7 * (size - 1);
  return Float64Array.from({ length: size }, () => {
    const here = place;
    place += random.between(0.6, 1.4);
    return here;
  });
};

/** On both sides of points, of which there are few; also beyond them. */
const interpolated = custom(
  "interp",
  fc
    .tuple(few({ maxRank: 1, nonEmpty: false }), whole(1, 3), fc.boolean(), fc.boolean())
    .map(([shape, count, isPeriodic, isBounded]): Setup => {
      const bounds = isBounded ? { left: 3, right: -1 } : {};
      const options = isPeriodic ? { period: 11 } : bounds;
      return {
        shapes: [shape, [count], [count]],
        // Points lie at -0.7 (n - 1) + 0.6 ... 1.4 for each step: these places are in between, or beyond.
        domains: [each((random) => random.between(-0.3, 0.3) + 6 * random.whole(-1, 1)), ascending, domain],
        options,
        apply: (x: Tensor, xp: Tensor, fp: Tensor) => core.interp(x, xp, fp, options),
      };
    }),
);

const turned = along(
  "rot90",
  () => fc.record({ k: whole(-3, 5), pick: whole(0, 5) }),
  (x, { k, pick }) => {
    const square = x.rank === 1 ? core.expandDims(x, 0) : x;
    const from = pick % square.rank;
    const to = (from + 1 + (pick % (square.rank - 1))) % square.rank;
    return core.rot90(square, { k, axes: [from, to - square.rank] });
  },
  domain,
);

const joinedDifferences = custom(
  "diff of more",
  few({ minRank: 1, nonEmpty: false }).chain((shape) =>
    fc.tuple(whole(-shape.length, shape.length - 1), whole(0, 2)).map(([axis, n]) => {
      const place = axis < 0 ? axis + shape.length : axis;
      return {
        shapes: [shape, shape.map((size, i) => (i === place ? 2 : size)), []],
        domains: [domain, domain, domain],
        options: { axis, n },
        apply: (x: Tensor, prepend: Tensor, append: Tensor) => core.diff(x, { axis, n, prepend, append }),
      };
    }),
  ),
  { covers: ["diff"] },
);

const repeatedByTensor: Row = {
  ...along(
    "repeat by a tensor",
    (size, axis) =>
      fc.record({
        axis: fc.constant(axis),
        counts: fc.array(whole(0, 2), { minLength: size, maxLength: size }),
        total: fc.option(whole(0, 4), { nil: undefined }),
      }),
    (x, { axis, counts, total }) =>
      core.repeat(
        x,
        core.tensor(Int32Array.from(counts)),
        axis,
        total === undefined ? {} : { totalRepeatLength: total },
      ),
    domain,
  ),
  covers: ["repeat"],
};

const fixed = core.tensor(Int32Array.from([2, 0, 2, 1, 0]));

/** Counts and places: what they do not depend on smoothly has the derivative 0. */
const discrete: readonly Row[] = [
  custom(
    "searchsorted and digitize",
    few({ nonEmpty: false }).map((shape) => ({
      shapes: [shape],
      domains: [broken],
      apply: (x: Tensor) => {
        const left = core.searchsorted([-1.5, -0.5, 0.5, 1.5], x);
        return numbers(left.add(core.digitize(x, [-0.5, 0.5]))).mul(x);
      },
    })),
    { covers: ["searchsorted", "digitize"] },
  ),
  custom(
    "nonzero and argwhere",
    few({ minRank: 1 }).map((shape) => ({
      shapes: [shape],
      domains: [signed(0.2, 1)],
      apply: (x: Tensor) => {
        const found = x.at(...core.nonzero(core.greater(x, 0), { size: 2 })).get();
        return found.mul(numbers(core.argwhere(core.greater(x, 0), { size: 2 })).sum(-1));
      },
    })),
    { covers: ["nonzero", "argwhere"] },
  ),
  along(
    "argpartition",
    (size, axis) => fc.record({ kth: whole(0, size - 1), axis: fc.constant(axis) }),
    (x, { kth, axis }) => numbers(core.argpartition(x, kth, { axis })).mul(x),
  ),
  unary(
    "unique",
    (x) => {
      const { values, inverse, indices: places, counts } = core.unique(x, { size: 3 });
      const found = core
        .stack([numbers(places), numbers(counts)])
        .mul(values)
        .sum(0);
      return core.concat([found.mul(values), numbers(inverse).mul(x).ravel()]);
    },
    separated,
    { maxRank: 1, nonEmpty: true },
  ),
  custom(
    "bincount",
    fc.constant<Setup>({
      shapes: [[5]],
      domains: [domain],
      apply: (weights: Tensor) => core.bincount(fixed, { weights, length: 4 }),
    }),
  ),
  custom(
    "histogram",
    fc.tuple(whole(1, 4), fc.boolean(), fc.boolean()).map(([bins, density, own]) => ({
      shapes: [[5], [5]],
      domains: [broken, interval(0.5, 2)],
      options: { bins, density },
      apply: (x: Tensor, weights: Tensor) => {
        const range = own ? ({ range: [-4, 4] } as const) : {};
        const [counts, edges] = core.histogram(own ? x : x.at([0, 0, 1]).get(), {
          bins: own ? bins : 1,
          weights: own ? weights : weights.at([0, 1, 2]).get(),
          density,
          ...range,
        });
        return core.concat([counts, edges]);
      },
    })),
  ),
];

type Without = (x: Tensor, axes: core.Axes) => Tensor;

/** With NaN in the place of some elements; the rest is as without them. */
const withoutNaN = (name: string, apply: Without): Row =>
  custom(
    name,
    few().chain((shape) =>
      axesOf(shape.length).map((axes) => ({
        shapes: [shape],
        domains: [separated],
        options: { axes },
        apply: (x: Tensor) => {
          const result = apply(core.where(x.greater(0.6), Number.NaN, x), axes);
          return core.where(result.isNaN(), 0, result);
        },
      })),
    ),
  );

const statistics: readonly Row[] = [
  withoutNaN("nansum", (x, axes) => core.nansum(x, axes)),
  withoutNaN("nanmean", (x, axes) => core.nanmean(x, axes)),
  withoutNaN("nanmax", (x, axes) => core.nanmax(x, axes)),
  withoutNaN("nanmin", (x, axes) => core.nanmin(x, axes)),
  custom(
    "average",
    few({ minRank: 1 }).chain((shape) =>
      fc.tuple(whole(-shape.length, shape.length - 1), fc.boolean()).map(([axis, isVector]) => ({
        shapes: [shape, isVector ? [shape.at(axis) as number] : shape],
        domains: [domain, interval(0.5, 2)],
        options: { axis },
        apply: (x: Tensor, weights: Tensor) => core.average(x, axis, { weights }),
      })),
    ),
  ),
  custom(
    "cov and corrcoef",
    fc.constantFrom<Shape>([4], [2, 3], [3, 4]).map((shape) => ({
      shapes: [shape],
      domains: [separated],
      apply: (x: Tensor) => core.cov(x).add(core.corrcoef(x)),
    })),
    { covers: ["cov", "corrcoef"] },
  ),
  custom(
    "isClose and allClose",
    few({ nonEmpty: false }).map((shape) => ({
      shapes: [shape, shape],
      domains: [separated, separated],
      apply: (x: Tensor, y: Tensor) =>
        numbers(core.isClose(x, y, { atol: 0.15 }))
          .mul(x)
          .add(numbers(core.allClose(x, x))),
    })),
    { covers: ["isClose", "allClose"] },
  ),
];

/** Operations on arrays that are compositions of indexing, sorting and sums. */
const rows: readonly Row[] = [
  segments("segmentMean", core.segmentMean, domain),
  segments("segmentMax and segmentMin", extremes, separated, ["segmentMax", "segmentMin"]),
  segments("segmentProd", core.segmentProd, withZeros(-1.5, 1.5)),
  custom("scatterNd", tuples),
  topK,
  along(
    "partition",
    (size, axis) => fc.record({ kth: whole(-size, size - 1), axis: fc.constant(axis) }),
    (x, { kth, axis }) => core.partition(x, kth, { axis }),
  ),
  median,
  quantiles,
  integral,
  interpolated,
  turned,
  joinedDifferences,
  repeatedByTensor,
  custom(
    "kron",
    fc
      .tuple(shapes({ maxRank: 2 }), shapes({ maxRank: 2 }))
      .filter(([a, b]) => sizeOf(a) * sizeOf(b) <= 36)
      .map(([a, b]) => ({ shapes: [a, b], domains: [domain, domain], apply: core.kron })),
  ),
  custom(
    "cross",
    fc
      .constantFrom<[Shape, Shape, number]>(
        [[3], [3], 0],
        [[2, 3], [3], -1],
        [[3, 2], [3, 1], 0],
        [[2, 3, 1], [1, 3, 2], 1],
      )
      .map(([a, b, axis]) => ({
        shapes: [a, b],
        domains: [domain, domain],
        options: { axis },
        apply: (x: Tensor, y: Tensor) => core.cross(x, y, { axis }),
      })),
    {
      aliased: fc.constant<Setup>({
        shapes: [[2, 3]],
        domains: [domain],
        apply: (x: Tensor) => core.cross(x, x),
      }),
    },
  ),
  ...discrete,
  ...statistics,
];

/** The primitives that they are made of have rows of their own. */
export const arrayRows: readonly Row[] = rows.map((row) => ({ ...row, share: 0.3 }));
