import * as core from "@cotangent/core";
import fc from "fast-check";
import { type Domain, interval, separated, withZeros } from "../support/domains.ts";
import type { Row } from "../support/row.ts";
import { shapes } from "../support/shapes.ts";
import { custom } from "./build.ts";

type Tensor = core.Tensor;
type Options = core.ExclusiveOptions;

const smooth = interval(-2, 2);

/** A function of a tensor, an axis or none, and options. */
const walking = (
  name: string,
  apply: (x: Tensor, axis: number | undefined, options: Options) => Tensor,
  domain: Domain,
  isExclusive = false,
): Row =>
  custom(
    name,
    shapes({ minRank: 1 }).chain((shape) =>
      fc
        .tuple(
          fc.option(fc.integer({ min: -shape.length, max: shape.length - 1 }), { nil: undefined }),
          fc.boolean(),
          isExclusive ? fc.boolean() : fc.constant(false),
        )
        .map(([axis, reverse, exclusive]) => {
          const options = isExclusive ? { reverse, exclusive } : { reverse };
          return {
            shapes: [shape],
            domains: [domain],
            options: { axis, ...options },
            apply: (x: Tensor) => apply(x, axis, options),
          };
        }),
    ),
  );

/** Factors, terms and a first state, each of the full shape or repeated. */
const recurrence = custom(
  "affineScan",
  shapes({ minRank: 1 }).chain((shape) =>
    fc
      .tuple(
        fc.integer({ min: -shape.length, max: shape.length - 1 }),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
      )
      .map(([axis, reverse, begins, repeats]) => {
        const place = axis < 0 ? axis + shape.length : axis;
        const state = shape.filter((_, i) => i !== place);
        const factors = repeats ? shape.map((size, i) => (i === place ? size : 1)) : shape;
        return {
          shapes: begins ? [factors, shape, state] : [factors, shape],
          domains: new Array<Domain>(begins ? 3 : 2).fill(withZeros(-1.5, 1.5)),
          options: { axis, reverse },
          apply: (a: Tensor, b: Tensor, initial?: Tensor) =>
            core.affineScan(a, b, { axis, reverse, ...(initial === undefined ? {} : { initial }) }),
        };
      }),
  ),
  {
    aliased: shapes({ minRank: 1 }).map((shape) => ({
      shapes: [shape],
      domains: [interval(-1.5, 1.5)],
      apply: (x: Tensor) => core.affineScan(x, x),
    })),
  },
);

const differences = custom(
  "diff",
  shapes({ minRank: 1 }).chain((shape) =>
    fc
      .tuple(fc.integer({ min: -shape.length, max: shape.length - 1 }), fc.integer({ min: 0, max: 3 }))
      .map(([axis, n]) => ({
        shapes: [shape],
        domains: [smooth],
        options: { axis, n },
        apply: (x: Tensor) => core.diff(x, { axis, n }),
      })),
  ),
);

export const cumulativeRows: readonly Row[] = [
  walking("cumsum", core.cumsum, smooth, true),
  walking("cumprod", core.cumprod, withZeros(-1.5, 1.5), true),
  walking("cummax", core.cummax, separated),
  walking("cummin", core.cummin, separated),
  walking("logcumsumexp", core.logcumsumexp, smooth),
  recurrence,
  differences,
];
