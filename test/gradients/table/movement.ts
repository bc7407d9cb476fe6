import * as core from "@cotangent/core";
import fc from "fast-check";
import { interval } from "../support/domains.ts";
import type { Row, Setup } from "../support/row.ts";
import { axesOf, broadcastable, orders, shapes, sizeOf, whole } from "../support/shapes.ts";
import { custom, type Extras } from "./build.ts";

type Tensor = core.Tensor;
type Shape = core.Shape;

const domain = interval(-2, 2);
const DROP = null;

/** A setup of one tensor. */
const one = (shape: Shape, apply: (x: Tensor) => Tensor, options?: unknown): Setup => ({
  shapes: [shape],
  domains: [domain],
  apply,
  options,
});

const drawn = (
  name: string,
  options: (shape: Shape) => fc.Arbitrary<(x: Tensor) => Tensor>,
  limits: Parameters<typeof shapes>[0] = {},
  extras: Extras = {},
): Row =>
  custom(
    name,
    shapes(limits).chain((shape) => options(shape).map((apply) => one(shape, apply))),
    extras,
  );

/** Pieces along an axis: other sizes there, the rest alike. */
const pieces: fc.Arbitrary<{ list: Shape[]; axis: number }> = shapes({ minRank: 1 }).chain((shape) =>
  fc
    .tuple(fc.array(whole(0, 3), { minLength: 1, maxLength: 3 }), whole(-shape.length, shape.length - 1))
    .map(([sizes, axis]) => ({
      list: sizes.map((size) => shape.map((n, i) => (i === (axis + shape.length) % shape.length ? size : n))),
      axis,
    })),
);

const concatSetups: fc.Arbitrary<Setup> = pieces.map(({ list, axis }) => ({
  shapes: list,
  domains: list.map(() => domain),
  options: { axis },
  apply: (...xs) => core.concat(xs, axis),
}));

const twice = (join: (xs: Tensor[], axis: number) => Tensor, extra: 0 | 1): fc.Arbitrary<Setup> =>
  shapes({ minRank: 1 - extra }).chain((shape) =>
    whole(-shape.length - extra, shape.length - 1 + extra).map((axis) =>
      one(shape, (x) => join([x, x.mul(2), x], axis), { axis }),
    ),
  );

const stackSetups: fc.Arbitrary<Setup> = fc
  .tuple(shapes({ maxRank: 3 }), whole(1, 3))
  .chain(([shape, count]) =>
    whole(-shape.length - 1, shape.length).map((axis) => ({
      shapes: Array.from({ length: count }, () => shape),
      domains: Array.from({ length: count }, () => domain),
      options: { axis },
      apply: (...xs: Tensor[]) => core.stack(xs, axis),
    })),
  );

/** Start and end for each axis, from the end or beyond it now and then, null for some; a step for each. */
const boxes = (shape: Shape) =>
  fc.tuple(
    ...shape.map((size) =>
      fc.record({
        start: fc.option(whole(-size - 1, size), { nil: DROP, freq: 4 }),
        end: fc.option(whole(-size, size + 1), { nil: DROP, freq: 2 }),
        step: whole(1, 3),
      }),
    ),
  );

const widths = (shape: Shape) =>
  fc.tuple(
    ...shape.map((size) =>
      fc.tuple(whole(-1, 2), whole(-1, 2)).map(([low, high]): [number, number] => {
        const short = low + size + high < 0;
        return short ? [0, 0] : [low, high];
      }),
    ),
  );

export const movementRows: readonly Row[] = [
  drawn("reshape", (shape) =>
    fc.oneof(
      fc.constant((x: Tensor) => core.reshape(x, sizeOf(shape) === 0 ? [0] : [-1])),
      fc.constant((x: Tensor) => core.reshape(x, [...shape].reverse())),
      fc.constant((x: Tensor) =>
        core.reshape(
          x,
          shape.flatMap((n) => [1, n]),
        ),
      ),
      fc.constant((x: Tensor) => core.reshape(x, [sizeOf(shape.slice(0, 2)), ...shape.slice(2)])),
    ),
  ),
  drawn("transpose", (shape) =>
    fc
      .option(orders(shape.length), { nil: undefined })
      .map((order) => (x: Tensor) => core.transpose(x, order)),
  ),
  drawn("expandDims", (shape) =>
    whole(-shape.length - 1, shape.length).map((axis) => (x: Tensor) => core.expandDims(x, axis)),
  ),
  drawn("squeeze", (shape) =>
    fc.tuple(fc.subarray([...shape.keys()].filter((axis) => shape[axis] === 1)), fc.boolean()).map(
      ([axes, all]) =>
        (x: Tensor) =>
          core.squeeze(x, all ? undefined : axes),
    ),
  ),
  drawn("flip", (shape) => axesOf(shape.length).map((axes) => (x: Tensor) => core.flip(x, axes))),
  drawn("slice", (shape) =>
    boxes(shape).map(
      (axes) => (x: Tensor) =>
        core.slice(
          x,
          axes.map(({ start }) => start),
          axes.map(({ end }) => end),
          { step: axes.map(({ step }) => step) },
        ),
    ),
  ),
  drawn("pad", (shape) =>
    fc.tuple(widths(shape), fc.constantFrom(0, 1.5)).map(
      ([pairs, value]) =>
        (x: Tensor) =>
          core.pad(x, pairs, { value }),
    ),
  ),
  custom(
    "broadcastTo",
    broadcastable(1).chain(([shape]) =>
      fc
        .tuple(shapes({ maxRank: 4 - shape.length }), fc.integer({ min: 1, max: 2 }))
        .map(([leading, size]) => {
          const target = [...leading, ...shape.map((n) => (n === 1 ? size : n))];
          return one(shape, (x) => core.broadcastTo(x, target), { target });
        }),
    ),
  ),
  custom("concat", concatSetups, { aliased: twice(core.concat, 0) }),
  custom("stack", stackSetups, { aliased: twice(core.stack, 1) }),
];
