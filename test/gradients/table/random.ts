import * as core from "@cotangent/core";
import fc from "fast-check";
import { interval, separated, signed } from "../support/domains.ts";
import type { Row } from "../support/row.ts";
import { shapes } from "../support/shapes.ts";
import { custom, unary } from "./build.ts";

type Tensor = core.Tensor;
const { random } = core;
const numbers = (x: Tensor): Tensor => x.cast("float64");
const smooth = interval(-1.2, 1.2);

/** A draw of x's shape, scaled and shifted by what depends on x: constants of the graph beside arithmetic. */
const drawn = (name: string, draw: (shape: core.Shape) => Tensor): Row =>
  unary(`random.${name}`, (x) => numbers(draw(x.shape)).mul(x.sin()).add(x), smooth);

const dtype = "float64";

/** Draws, which do not depend on anything that is differentiated, and the order of elements. */
export const randomRows: readonly Row[] = [
  drawn("truncatedNormal", (shape) => random.truncatedNormal(shape, { seed: 1, lower: -1, upper: 3, dtype })),
  drawn("gumbel", (shape) => random.gumbel(shape, { seed: 2, dtype })),
  drawn("exponential", (shape) => random.exponential(shape, { seed: 3, dtype })),
  drawn("laplace", (shape) => random.laplace(shape, { seed: 4, dtype })),
  drawn("rademacher", (shape) => random.rademacher(shape, { seed: 5, dtype })),
  drawn("randint", (shape) => random.randint(shape, { seed: 6, low: -3, high: 4 })),
  drawn("permutation", (shape) =>
    random
      .permutation(
        shape.reduce((n, size) => n * size, 1),
        { seed: 10 },
      )
      .reshape(shape),
  ),
  drawn("choice", (shape) => random.choice(7, { shape, seed: 11 })),
  drawn("foldIn", (shape) => random.exponential(shape, { key: random.foldIn(random.key(7), 3), dtype })),
  // A key that differs from lane to lane, by the signs of x, which no step changes.
  unary(
    "random.exponential by a key of x",
    (x) => {
      const positive = x.greater(0).cast("float64").sum();
      return random
        .exponential(x.shape, { key: core.stack([positive, positive]).cast("uint32"), dtype })
        .mul(x);
    },
    signed(0.2, 2),
    { covers: ["random.exponential"] },
  ),
  unary(
    "random.bernoulli",
    (p) => numbers(random.bernoulli(p, { seed: 8 })).mul(p.exp()),
    interval(0.1, 0.9),
  ),
  unary(
    "random.categorical",
    (logits) =>
      core
        .oneHot(random.categorical(logits, { key: random.key(9) }), logits.shape[logits.rank - 1], { dtype })
        .mul(logits),
    separated,
    { minRank: 1, nonEmpty: true },
  ),
  custom(
    "argsort",
    shapes({ minRank: 1 }).chain((shape) =>
      fc
        .tuple(fc.integer({ min: -shape.length, max: shape.length - 1 }), fc.boolean())
        .map(([axis, descending]) => ({
          shapes: [shape],
          domains: [separated],
          options: { axis, descending },
          apply: (x: Tensor) => numbers(core.argsort(x, { axis, descending })).mul(x),
        })),
    ),
  ),
  custom(
    "sort",
    shapes({ minRank: 1 }).chain((shape) =>
      fc
        .tuple(fc.integer({ min: -shape.length, max: shape.length - 1 }), fc.boolean())
        .map(([axis, descending]) => ({
          shapes: [shape],
          domains: [separated],
          options: { axis, descending },
          apply: (x: Tensor) => core.sort(x, { axis, descending }),
        })),
    ),
  ),
];
