import * as core from "@cotangent/core";
import { broken, interval, oneOf, separated, signed, withZeros } from "../support/domains.ts";
import type { Row } from "../support/row.ts";
import { broadcasting, unary } from "./build.ts";

type Tensor = core.Tensor;

/** Away from 0 and the negative integers. */
const betweenPoles = oneOf([0.7, 4], [-0.7, -0.3], [-1.7, -1.3]);
const float64 = (x: Tensor): Tensor => x.cast("float64");
const whole = (x: Tensor): Tensor => x.floor().cast("int32");

const polygammas: Row[] = [0, 1, 2, 3, 4].map((n) =>
  unary(`polygamma(${n}, x)`, (x) => core.polygamma(n, x), interval(1, 4), { covers: ["polygamma"] }),
);

/** Functions of integers, made of numbers away from where they jump. */
const onBits: Row[] = [
  ...(["bitwiseAnd", "bitwiseOr", "bitwiseXor", "leftShift", "rightShift"] as const).map((op) => {
    const f: (x: Tensor, y: Tensor) => Tensor = core[op];
    return broadcasting(op, (x, y) => float64(f(whole(x), whole(y).abs())), [broken, broken]);
  }),
  unary("bitwiseNot", (x) => float64(core.bitwiseNot(whole(x))), broken),
  unary("bitcast", (x) => float64(core.bitcast(core.bitcast(whole(x), "uint32"), "int32")), broken),
];

/** The rest of the scalar family. */
export const specialRows: readonly Row[] = [
  unary("lgamma", core.lgamma, betweenPoles),
  unary("digamma", core.digamma, betweenPoles),
  ...polygammas,
  unary("log10", core.log10, interval(0.4, 3)),
  unary("rsqrt", core.rsqrt, interval(0.5, 3)),
  unary("degrees", core.degrees, interval(-2, 2)),
  unary("radians", core.radians, interval(-90, 90)),
  unary("sinc", core.sinc, withZeros(-2.2, 2.2)),
  unary("logit", core.logit, interval(0.15, 0.85)),
  unary("isFinite", (x) => float64(core.isFinite(x)), signed(0.2, 1)),
  unary("isInf", (x) => float64(core.isInf(x)), signed(0.2, 1)),
  unary("nanToNum", (x) => core.nanToNum(x, { nan: 2 }), interval(-2, 2)),
  broadcasting("hypot", core.hypot, [signed(0.5, 2), signed(0.5, 2)]),
  broadcasting("logaddexp", core.logaddexp, [interval(-2, 2), interval(-2, 2)]),
  broadcasting("xlogy", core.xlogy, [interval(0.3, 2), interval(0.4, 3)]),
  broadcasting("copysign", core.copysign, [signed(0.2, 2), signed(0.2, 2)]),
  broadcasting("squaredDifference", core.squaredDifference, [interval(-2, 2), interval(-2, 2)]),
  broadcasting("lerp", core.lerp, [interval(-2, 2), interval(-2, 2), interval(-1, 2)]),
  // x / y stays away from whole numbers, where the quotient jumps.
  ...(["fmod", "floorDivide"] as const).map((op) =>
    broadcasting(op, core[op], [
      (random, size) =>
        Float64Array.from({ length: size }, () => random.whole(-2, 1) + random.between(0.35, 0.65)),
      signed(1, 1.02),
    ]),
  ),
  broadcasting(
    "floorDivide of integers",
    (x, y) => float64(core.floorDivide(whole(x).mul(7), whole(y))),
    [broken, broken],
    { covers: ["floorDivide"] },
  ),
  broadcasting("hypot of what differs", core.hypot, [separated, separated], { covers: ["hypot"] }),
  ...onBits,
];
