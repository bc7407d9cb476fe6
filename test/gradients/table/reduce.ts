import * as core from "@cotangent/core";
import fc from "fast-check";
import { type Domain, interval, separated, withZeros } from "../support/domains.ts";
import type { Row, Setup } from "../support/row.ts";
import { axesOf, listOf, shapes, sizeOf } from "../support/shapes.ts";
import { custom, type Extras } from "./build.ts";

type Tensor = core.Tensor;
type Axes = number | readonly number[] | undefined;
type Reduction = (x: Tensor, axes: Axes, options: { keepDims: boolean }) => Tensor;

/** Axes and a shape in which they have at least `least` elements. */
function calls(domain: Domain, least: number, apply: Reduction): fc.Arbitrary<Setup> {
  return shapes({ minRank: least > 1 ? 1 : 0 })
    .chain((shape) => fc.tuple(fc.constant(shape), axesOf(shape.length), fc.boolean()))
    .map(([drawn, named, keepDims]) => {
      const shape = [...drawn];
      const axes = least > 1 && Array.isArray(named) && named.length === 0 ? undefined : named;
      const list = listOf(axes, shape.length);
      for (const axis of list) {
        if (sizeOf(list.map((i) => shape[i])) < least) shape[axis] = Math.max(least, shape[axis]);
      }
      return {
        shapes: [shape],
        domains: [domain],
        options: { axes, keepDims },
        apply: (x: Tensor) => apply(x, axes, { keepDims }),
      };
    });
}

const reduction = (name: string, apply: Reduction, domain: Domain, least = 0, extras: Extras = {}): Row =>
  custom(name, calls(domain, least, apply), extras);

/** Along axes that stay. */
const along = (name: string, apply: (x: Tensor, axes: Axes) => Tensor, domain: Domain): Row =>
  custom(
    name,
    shapes({ minRank: 1 }).chain((shape) =>
      axesOf(shape.length).map((axes) => ({
        shapes: [shape],
        domains: [domain],
        options: { axes },
        // The default of these is the last axis.
        apply: (x: Tensor) => apply(x, axes),
      })),
    ),
  );

const argument = (name: "argmax" | "argmin"): Row =>
  custom(
    name,
    shapes({ minRank: 1, nonEmpty: true }).chain((shape) =>
      fc
        .tuple(fc.integer({ min: -shape.length, max: shape.length - 1 }), fc.boolean(), fc.boolean())
        .map(([axis, flat, keepDims]) => ({
          shapes: [shape],
          domains: [separated],
          options: { axis: flat ? undefined : axis, keepDims },
          apply: (x: Tensor) => core[name](x, flat ? undefined : axis, { keepDims }).cast("float64"),
        })),
    ),
  );

const smooth = interval(-2, 2);
/** Values whose spread is never small: the root of the variance has a kink where all are equal. */
const spread: Domain = (random, size, argument) => separated(random, size, argument).map((x) => 1.5 * x);

export const reduceRows: readonly Row[] = [
  reduction("sum", core.sum, smooth),
  reduction("mean", core.mean, smooth, 1),
  reduction("prod", core.prod, withZeros(-1.5, 1.5)),
  reduction("max", core.max, separated, 1),
  reduction("min", core.min, separated, 1),
  reduction("logsumexp", core.logsumexp, smooth, 1),
  reduction("variance", core.variance, smooth, 1),
  reduction(
    "variance, correction 1",
    (x, axes, options) => core.variance(x, axes, { ...options, correction: 1 }),
    smooth,
    2,
    {
      covers: ["variance"],
    },
  ),
  reduction("std", core.std, spread, 2),
  reduction(
    "std, correction 1",
    (x, axes, options) => core.std(x, axes, { ...options, correction: 1 }),
    spread,
    2,
    {
      covers: ["std"],
    },
  ),
  along("softmax", core.softmax, smooth),
  along("logSoftmax", core.logSoftmax, smooth),
  reduction("any", (x, axes, options) => core.any(x.greater(1), axes, options).cast("float64"), separated),
  reduction("all", (x, axes, options) => core.all(x.greater(-1), axes, options).cast("float64"), separated),
  argument("argmax"),
  argument("argmin"),
];
