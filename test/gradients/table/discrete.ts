import * as core from "@cotangent/core";
import { broken, separated, signed } from "../support/domains.ts";
import { applyPrimitive } from "../support/primitive.ts";
import type { Row } from "../support/row.ts";
import { broadcasting, unary } from "./build.ts";

type Comparison = "equal" | "notEqual" | "less" | "lessEqual" | "greater" | "greaterEqual";
const COMPARISONS: readonly Comparison[] = [
  "equal",
  "notEqual",
  "less",
  "lessEqual",
  "greater",
  "greaterEqual",
];
type Logical = "logicalAnd" | "logicalOr" | "logicalXor";
const LOGICAL: readonly Logical[] = ["logicalAnd", "logicalOr", "logicalXor"];

type Tensor = core.Tensor;
const positive = (x: Tensor): Tensor => x.greater(0);
const numbers = (x: Tensor): Tensor => x.cast("float64");

/** Results that are no real numbers, as the float64 that they choose or select: piecewise constant, derivative 0. */
export const discreteRows: readonly Row[] = [
  ...COMPARISONS.map((op) => broadcasting(op, (x, y) => numbers(core[op](x, y)), [separated, separated])),
  ...LOGICAL.map((op) =>
    broadcasting(op, (x, y) => numbers(core[op](positive(x), positive(y))), [signed(0.2, 1), signed(0.2, 1)]),
  ),
  unary("logicalNot", (x) => numbers(core.logicalNot(positive(x))), signed(0.2, 1)),
  unary("isNaN", (x) => numbers(core.isNaN(x)), signed(0.2, 1)),
  unary(
    "isNaN of roots",
    (x) => core.where(core.isNaN(core.stopGradient(x).sqrt()), x.sin(), x.mul(x)),
    signed(0.2, 1),
    { covers: ["isNaN"] },
  ),
  unary("stopGradient of steps", (x) => core.stopGradient(core.floor(x)).mul(x), broken, { covers: [] }),
  // The bits of a float32 are negative as an int32 when it is.
  unary(
    "bits of the sign",
    (x) => numbers(applyPrimitive("bitcast", [x.cast("float32")], { dtype: "int32" }).less(0)).mul(x),
    signed(0.2, 1),
    { covers: [] },
  ),
  unary("cast to int32", (x) => numbers(core.cast(x, "int32")), broken, { covers: ["cast"] }),
  unary("cast to bool", (x) => numbers(core.cast(x, "bool")), broken, { covers: ["cast"] }),
  unary(
    "oneHot",
    (x) => core.oneHot(core.floor(x).cast("int32"), 3, { dtype: "float64" }).mul(core.expandDims(x, -1)),
    broken,
    { maxRank: 3 },
  ),
];
