import * as core from "@cotangent/core";
import { broken, interval, oneOf, separated, signed } from "../support/domains.ts";
import { applyPrimitive } from "../support/primitive.ts";
import type { Row } from "../support/row.ts";
import { broadcasting, unary } from "./build.ts";

const { pow } = core;

/** pow with one of the exponents that are part of the graph, and with one that is not. */
const powers: Row[] = [
  ...[-2, -1, 0, 1, 2, 3, 4].map((p) => ({ p, domain: signed(0.5, 1.5) })),
  ...[-0.5, 0.5, 1.7, -3.3].map((p) => ({ p, domain: interval(0.5, 2) })),
].map(({ p, domain }) => unary(`pow(x, ${p})`, (x) => pow(x, p), domain, { covers: ["pow"] }));

/** Element by element. */
export const scalarRows: readonly Row[] = [
  unary("neg", core.neg, interval(-2, 2)),
  unary("abs", core.abs, signed(0.2, 2)),
  unary("sign", core.sign, signed(0.2, 2)),
  unary("exp", core.exp, interval(-2, 2)),
  unary("log", core.log, interval(0.4, 3)),
  unary("expm1", core.expm1, interval(-2, 2)),
  unary("log1p", core.log1p, interval(-0.5, 2)),
  unary("exp2", core.exp2, interval(-2, 2)),
  unary("log2", core.log2, interval(0.4, 3)),
  unary("sin", core.sin, interval(-4, 4)),
  unary("cos", core.cos, interval(-4, 4)),
  unary("tan", core.tan, interval(-1, 1)),
  unary("asin", core.asin, interval(-0.6, 0.6)),
  unary("acos", core.acos, interval(-0.6, 0.6)),
  unary("atan", core.atan, interval(-3, 3)),
  unary("sinh", core.sinh, interval(-2, 2)),
  unary("cosh", core.cosh, interval(-2, 2)),
  unary("tanh", core.tanh, interval(-2, 2)),
  unary("asinh", core.asinh, interval(-3, 3)),
  unary("acosh", core.acosh, interval(1.5, 4)),
  unary("atanh", core.atanh, interval(-0.6, 0.6)),
  unary("sigmoid", core.sigmoid, interval(-4, 4)),
  unary("erf", core.erf, interval(-2.5, 2.5)),
  unary("erfc", core.erfc, interval(-2.5, 2.5)),
  unary("erfinv", core.erfinv, interval(-0.7, 0.7)),
  unary("sqrt", core.sqrt, interval(0.5, 3)),
  unary("cbrt", core.cbrt, signed(0.5, 3)),
  unary("floor", core.floor, broken),
  unary("ceil", core.ceil, broken),
  unary("round", core.round, broken),
  unary("trunc", core.trunc, broken),
  unary("square", core.square, interval(-2, 2)),
  unary("reciprocal", core.reciprocal, signed(0.5, 2)),
  unary("relu", core.relu, signed(0.2, 2)),
  unary("cast to float64", (x) => core.cast(x, "float64"), interval(-2, 2), { covers: ["cast"] }),
  unary("cast to its own dtype", (x) => applyPrimitive("cast", [x], { dtype: "float64" }), interval(-2, 2), {
    covers: [],
  }),
  // Rounding to float32 makes stairs of it; it is linear, so that steps may be large.
  unary("cast to float32", (x) => x.cast("float32").cast("float64"), interval(-2, 2), {
    covers: ["cast"],
    epsilon: 2 ** -24,
  }),
  broadcasting("add", core.add, [interval(-2, 2), interval(-2, 2)]),
  broadcasting("sub", core.sub, [interval(-2, 2), interval(-2, 2)]),
  broadcasting("mul", core.mul, [interval(-2, 2), interval(-2, 2)]),
  broadcasting("div", core.div, [interval(-2, 2), signed(0.5, 2)]),
  // x / y stays away from whole numbers, where mod jumps.
  broadcasting("mod", core.mod, [
    (random, size) =>
      Float64Array.from({ length: size }, () => random.whole(-2, 1) + random.between(0.35, 0.65)),
    signed(1, 1.02),
  ]),
  broadcasting("pow", core.pow, [interval(0.5, 2), interval(-2, 2)], { aliased: interval(0.5, 2) }),
  broadcasting("atan2", core.atan2, [signed(0.5, 2), signed(0.5, 2)]),
  broadcasting("maximum", core.maximum, [separated, separated]),
  broadcasting("minimum", core.minimum, [separated, separated]),
  broadcasting(
    "clip",
    core.clip,
    [oneOf([-2, -1.2], [-0.8, 0.8], [1.2, 2]), interval(-1.1, -0.9), interval(0.9, 1.1)],
    { aliased: null },
  ),
  unary("clip to numbers", (x) => core.clip(x, -1, 1), oneOf([-2, -1.2], [-0.8, 0.8], [1.2, 2]), {
    covers: ["clip"],
  }),
  broadcasting(
    "where",
    (c, x, y) => core.where(core.greater(c, 0), x, y),
    [signed(0.2, 1), interval(-2, 2), interval(-2, 2)],
    { aliased: signed(0.2, 1) },
  ),
  ...powers,
  unary("pow(number, x)", (x) => pow(2.5, x), interval(-2, 2), { covers: ["pow"] }),
  unary(
    "numbers on both sides",
    (x) => core.sub(1, core.div(3, core.add(core.mul(2, x), 5))),
    interval(-1, 1),
    {
      covers: ["add", "sub", "mul", "div"],
    },
  ),
  unary(
    "maximum with a number",
    (x) => core.maximum(x, 0).minimum(1),
    oneOf([-1, -0.2], [0.2, 0.8], [1.2, 2]),
    {
      covers: ["maximum", "minimum"],
    },
  ),
];
