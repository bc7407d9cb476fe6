import * as core from "@cotangent/core";
import fc from "fast-check";
import { interval } from "../support/domains.ts";
import type { Row } from "../support/row.ts";
import { orders, type ShapeLimits, shapes, whole } from "../support/shapes.ts";
import { custom, type Extras, unary } from "./build.ts";

type Tensor = core.Tensor;
type Shape = core.Shape;

const domain = interval(-2, 2);
const float64 = { dtype: "float64" } as const;

/** A call with options that are drawn for the shape. */
const drawn = <O>(
  name: string,
  options: (shape: Shape) => fc.Arbitrary<O>,
  apply: (x: Tensor, options: O) => Tensor,
  limits: ShapeLimits = {},
  extras: Extras = {},
): Row =>
  custom(
    name,
    shapes(limits).chain((shape) =>
      options(shape).map((given) => ({
        shapes: [shape],
        domains: [domain],
        options: given,
        apply: (x: Tensor) => apply(x, given),
      })),
    ),
    extras,
  );

const axis = ({ length }: Shape): fc.Arbitrary<number> => whole(-length, length - 1);
const axisOrNone = (shape: Shape): fc.Arbitrary<number | undefined> =>
  fc.option(axis(shape), { nil: undefined });

/** Of pieces of several sizes, something that depends on each in its own way. */
const joined = (pieces: readonly Tensor[], place: number): Tensor =>
  core.concat(pieces.map((piece, i) => piece.mul(i + 1)).reverse(), place);

const repeats: Row = drawn(
  "repeat",
  (shape) =>
    axisOrNone(shape).chain((place) => {
      const size = place === undefined ? shape.reduce((n, m) => n * m, 1) : (shape.at(place) as number);
      return fc.record({
        place: fc.constant(place),
        counts: fc.oneof(whole(0, 3), fc.array(whole(0, 2), { minLength: size, maxLength: size })),
      });
    }),
  (x, { place, counts }) => core.repeat(x, counts, place),
  { minRank: 1 },
);

const splits: Row = drawn(
  "split",
  (shape) =>
    axis(shape).chain((place) => {
      const size = shape.at(place) as number;
      const divisors = [1, 2, 3].filter((n) => size % n === 0);
      const cuts = fc.array(whole(-size - 1, size + 1), { maxLength: 2 });
      return fc.record({
        place: fc.constant(place),
        sections: fc.oneof<fc.Arbitrary<number | number[]>[]>(fc.constantFrom(...divisors), cuts),
      });
    }),
  (x, { place, sections }) => joined(core.split(x, sections, place), place),
  { minRank: 1 },
);

const rolls: Row = drawn(
  "roll",
  (shape) =>
    fc.oneof(
      whole(-5, 5).map((shift) => ({ shift, axes: undefined })),
      fc
        .array(fc.tuple(whole(-4, 4), whole(-shape.length, shape.length - 1)), { maxLength: 2 })
        .filter(() => shape.length > 0)
        .map((list) => ({ shift: list.map(([by]) => by), axes: list.map(([, place]) => place) })),
    ),
  (x, { shift, axes }) => core.roll(x, shift, axes),
  { minRank: 1 },
);

const offset = whole(-3, 3);
const twoAxes = ({ length }: Shape) =>
  fc.record({ offset, places: orders(length) }).map(({ offset: by, places: [axis1, axis2] }) => ({
    offset: by,
    axis1,
    axis2: axis2 - length,
  }));

/** Backwards along some axes, from any place to any other. */
const backwards: Row = drawn(
  "slice backwards",
  (shape) =>
    fc.tuple(
      ...shape.map((size) =>
        fc.record({
          start: fc.option(whole(-size - 1, size + 1), { nil: null, freq: 2 }),
          end: fc.option(whole(-size - 2, size), { nil: null, freq: 2 }),
          step: fc.constantFrom(-1, -2, -3, 1),
        }),
      ),
    ),
  (x, sections) =>
    core.slice(
      x,
      sections.map(({ start }) => start),
      sections.map(({ end }) => end),
      { step: sections.map(({ step }) => step) },
    ),
  {},
  { covers: ["slice"] },
);

export const arrangeRows: readonly Row[] = [
  unary("ravel", core.ravel, domain),
  drawn(
    "tile",
    ({ length }) =>
      fc.oneof<fc.Arbitrary<number | number[]>[]>(
        whole(0, 3),
        fc.array(whole(1, 2), { minLength: Math.max(length - 1, 0), maxLength: Math.min(length + 1, 4) }),
      ),
    core.tile,
    { maxRank: 3 },
  ),
  repeats,
  splits,
  rolls,
  drawn(
    "swapAxes",
    (shape) => fc.tuple(axis(shape), axis(shape)),
    (x, [a, b]) => core.swapAxes(x, a, b),
    {
      minRank: 1,
    },
  ),
  drawn(
    "moveAxis",
    ({ length }) => fc.tuple(orders(length), orders(length), whole(1, length)),
    (x, [from, to, count]) => core.moveAxis(x, from.slice(0, count), to.slice(0, count)),
    { minRank: 1 },
  ),
  drawn(
    "tril",
    () => offset,
    (x, by) => core.tril(x, { offset: by }),
    { minRank: 2 },
  ),
  drawn(
    "triu",
    () => offset,
    (x, by) => core.triu(x, { offset: by }),
    { minRank: 2 },
  ),
  drawn(
    "diag",
    () => offset,
    (x, by) => core.diag(x, { offset: by }),
    { minRank: 1, maxRank: 2 },
  ),
  drawn("diagonal", twoAxes, core.diagonal, { minRank: 2 }),
  drawn("trace", twoAxes, (x, options) => x.trace(options), { minRank: 2 }, { covers: [] }),
  backwards,
  unary(
    "ranges",
    (x) => {
      const [n] = x.shape;
      const [rows, columns] = core.meshgrid([core.linspace(0, 1, n, float64), x.ravel()], { indexing: "ij" });
      const scale = core
        .logspace(0, 1, n, { ...float64, base: 2 })
        .add(core.fullLike(x.ravel().slice(0, 1), 0.5));
      return rows
        .mul(columns)
        .mul(scale.reshape([n, 1]))
        .add(columns);
    },
    domain,
    { minRank: 1, nonEmpty: true, covers: ["linspace", "logspace", "meshgrid", "fullLike"] },
  ),
];
