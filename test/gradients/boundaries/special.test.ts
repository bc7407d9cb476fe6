import * as core from "@cotangent/core";
import { expect, test } from "vitest";
import { float64, table } from "../support/boundary.ts";

type Tensor = core.Tensor;
type Unary = (x: Tensor) => Tensor;
const INF = Number.POSITIVE_INFINITY;
const { NaN: NAN, MAX_VALUE: MAX } = Number;
const { PI, LN2, LN10 } = Math;
const EULER = 0.5772156649015329;
const ZETA3 = 1.2020569031595942;
const zeros = (n: number): number[] => new Array<number>(n).fill(0);
/** A constant of x's shape. */
const made = (value: number, x: Tensor): Tensor =>
  core.tensor(new Float64Array(x.size).fill(value), { shape: x.shape });

table("the gamma function", [
  ["lgamma at its zeros", core.lgamma, [1, 2], [0, 0], [-EULER, 1 - EULER], [PI ** 2 / 6, PI ** 2 / 6 - 1]],
  ["lgamma at poles", core.lgamma, [0, -0, -1, -20], [INF, INF, INF, INF], [NAN, NAN, NAN, NAN]],
  ["lgamma of infinity", core.lgamma, [INF, -INF], [INF, INF]],
  ["lgamma of NaN", core.lgamma, [NAN], [NAN], [NAN]],
  ["lgamma of tiny numbers", core.lgamma, [1e-300, -1e-300], [690.7755278982137, 690.7755278982137]],
  [
    "lgamma of large numbers",
    core.lgamma,
    [1e300, 1e305, MAX],
    [6.897755278982137e302, 7.012884533631839e307, INF],
  ],
  ["digamma", core.digamma, [1, 0.5, INF], [-EULER, -EULER - 2 * LN2, INF], [PI ** 2 / 6, PI ** 2 / 2, 0]],
  ["digamma at poles", core.digamma, [0, -1, -INF], [NAN, NAN, NAN], [INF, INF, INF]],
  ["digamma at its zero", core.digamma, [1.4616321449683622], [-9.241265521729427e-17], [0.9676722454476212]],
  [
    "trigamma",
    (x) => core.polygamma(1, x),
    [1, INF, 0, -3],
    [PI ** 2 / 6, 0, INF, INF],
    [-2 * ZETA3, 0, NAN, NAN],
  ],
  ["polygamma half-way between poles", (x) => core.polygamma(2, x), [-0.5], [-0.82879664423432]],
  [
    "polygamma of order 2",
    (x) => core.polygamma(2, x),
    [1, INF, -1],
    [-2 * ZETA3, 0, NAN],
    [PI ** 4 / 15, 0, INF],
  ],
]);

table("logarithms and exponentials", [
  [
    "log10",
    core.log10,
    [0, 1, 1000, 1e-5, INF],
    [-INF, 0, 3, -5, INF],
    [INF, 1 / LN10, 1e-3 / LN10, 1e5 / LN10, 0],
  ],
  ["log10 of negative numbers", core.log10, [-1, NAN], [NAN, NAN]],
  ["rsqrt", core.rsqrt, [0, 4, INF, -1], [INF, 0.5, 0, NAN]],
  [
    "logaddexp with a constant",
    (x) => core.logaddexp(x, 0),
    [0, 1000, -1000, INF, -INF],
    [LN2, 1000, 0, INF, 0],
    [0.5, 1, 0, 1, 0],
    [0.25, 0, 0, 0, 0],
  ],
  [
    "logaddexp of x and x",
    (x) => core.logaddexp(x, x),
    [1, -INF, INF],
    [1 + LN2, -INF, INF],
    [1, 0, 0],
    zeros(3),
  ],
  ["logaddexp with -infinity", (x) => core.logaddexp(x, made(-INF, x)), [-INF, 3], [-INF, 3], [0, 1], [0, 0]],
  [
    "logaddexp, the smaller",
    (x) => core.logaddexp(0, x),
    [-50],
    [Math.exp(-50)],
    [Math.exp(-50)],
    [Math.exp(-50)],
  ],
  ["xlogy by x at y = 0", (x) => core.xlogy(x, made(0, x)), [0, 2], [0, -INF], [0, -INF], [0, 0]],
  ["xlogy by y at x = 0", (y) => core.xlogy(made(0, y), y), [0, 1, -1, INF], zeros(4), zeros(4), zeros(4)],
  ["xlogy by x at x = 0", (x) => core.xlogy(x, made(2, x)), [0], [0], [LN2], [0]],
  ["x log x", (x) => core.xlogy(x, x), [0, 1, 2], [0, 0, 2 * LN2], [0, 1, LN2 + 1], [0, 1, 0.5]],
  ["xlogy with NaN", (y) => core.xlogy(made(0, y), y), [NAN], [NAN]],
  ["logit", core.logit, [0, 0.5, 1], [-INF, 0, INF], [INF, 4, INF]],
  ["logit outside of its domain", core.logit, [1.5, -1, NAN], [NAN, NAN, NAN]],
]);

table("sinc", [
  [
    "at 0 and other whole numbers",
    core.sinc,
    [0, 1, -2],
    [1, 0, 0],
    [0, -1, -0.5],
    [-(PI ** 2) / 3, 2, -0.5],
  ],
  [
    "near 0",
    core.sinc,
    [1e-8, -1e-160],
    [1, 1],
    [(-1e-8 * PI ** 2) / 3, 0],
    [-(PI ** 2) / 3, -(PI ** 2) / 3],
  ],
  ["at infinity", core.sinc, [INF, -INF, NAN], [NAN, NAN, NAN]],
]);

table("distances and signs", [
  [
    "hypot at the origin",
    (x) => core.hypot(x, made(0, x)),
    [0, -0, 3, -3],
    [0, 0, 3, 3],
    [0, 0, 1, -1],
    zeros(4),
  ],
  [
    "hypot of extreme numbers",
    (x) => core.hypot(x, x),
    [1e308, -1e308, 1],
    [Math.SQRT2 * 1e308, Math.SQRT2 * 1e308, Math.SQRT2],
    [Math.SQRT2, -Math.SQRT2, Math.SQRT2],
  ],
  ["hypot of infinities", (x) => core.hypot(x, made(NAN, x)), [INF, -INF, 1], [INF, INF, NAN]],
  [
    "copysign",
    (x) => core.copysign(x, made(-0, x)),
    [2, -2, 0, INF],
    [-2, -2, 0, -INF],
    [-1, 1, 0, -1],
    zeros(4),
  ],
  [
    "copysign by y",
    (y) => core.copysign(made(3, y), y),
    [2, -2, 0, -0, -INF, NAN],
    [3, -3, 3, -3, -3, 3],
    zeros(6),
  ],
  ["squaredDifference", (x) => core.squaredDifference(x, x), [2], [0], [0], [0]],
  ["lerp", (w) => core.lerp(made(2, w), made(5, w), w), [0, 0.5, 1], [2, 3.5, 5], [3, 3, 3], zeros(3)],
  ["degrees and radians", (x) => core.radians(core.degrees(x)), [0, PI], [0, PI], [1, 1], [0, 0]],
]);

table("remainders and quotients", [
  [
    "fmod, sign of the dividend",
    (x) => core.fmod(x, 3),
    [-4, -3, 0, 4],
    [-1, 0, 0, 1],
    [1, 1, 1, 1],
    zeros(4),
  ],
  ["fmod by x", (x) => core.fmod(7, x), [-4, 4], [3, 3], [1, -1], [0, 0]],
  ["fmod of infinity and by 0", (x) => core.fmod(x, 0), [1, INF], [NAN, NAN]],
  ["fmod by infinity", (x) => core.fmod(x, made(INF, x)), [5, -5], [5, -5]],
  [
    "floorDivide",
    (x) => core.floorDivide(x, 2),
    [-3, 3, 4, INF, NAN],
    [-2, 1, 2, NAN, NAN],
    zeros(5),
    zeros(5),
  ],
  ["floorDivide by 0", (x) => core.floorDivide(x, 0), [1, -1, 0], [INF, -INF, NAN], zeros(3)],
]);

table("what is not finite", [
  ["nanToNum", core.nanToNum, [1, NAN, INF, -INF], [1, 0, MAX, -MAX], [1, 0, 0, 0], zeros(4)],
  [
    "nanToNum with other numbers",
    (x) => core.nanToNum(x, { nan: 1, posinf: 2, neginf: -INF }),
    [NAN, INF, -INF],
    [1, 2, -INF],
    zeros(3),
  ],
]);

test("hypot of subnormal numbers has a value and a gradient", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const x = core.tensor([dtype === "float32" ? 1e-45 : 5e-324, 1e-37], { dtype });
    const f = (z: Tensor) => core.hypot(z, z.mul(0)).sum();
    expect([...core.hypot(x, x.mul(0)).dataSync()]).toEqual([...x.dataSync()]);
    expect([...core.grad(f)(x).dataSync()]).toEqual([1, 1]);
  }
});

test("isFinite and isInf", () => {
  const x = float64([1, -0, INF, -INF, NAN]);
  expect([...core.isFinite(x).dataSync()]).toEqual([1, 1, 0, 0, 0]);
  expect([...core.isInf(x).dataSync()]).toEqual([0, 0, 1, 1, 0]);
});

test("copysign and fmod keep the signs of zeros", () => {
  const signs = core.copysign(float64([0, 0]), float64([-0, -1])).dataSync();
  expect([...signs].map((x) => Object.is(x, -0))).toEqual([true, true]);
  expect(Object.is(core.fmod(float64([-4]), 2).dataSync()[0], -0)).toBe(true);
});

test("bits of floating numbers", () => {
  const x = core.tensor([1, -0, -2]);
  expect([...core.bitcast(x, "uint32").dataSync()]).toEqual([0x3f800000, 0x80000000, 0xc0000000]);
  expect([...core.bitcast(core.bitcast(x, "int32"), "float32").dataSync()]).toEqual([1, -0, -2]);
  const nan = core.bitcast(core.tensor(new Uint32Array([0x7fc12345])), "float32");
  expect(core.bitcast(nan, "uint32").item()).toBe(0x7fc12345);
  expect(() => core.bitcast(x, "float64")).toThrow(core.DTypeError);
  expect(() => core.bitcast(x, "bool")).toThrow("the bits of float32 cannot be read as bool");
  expect(
    core
      .grad((z: Tensor) => z.bitcast("int32").cast("float32").sum())(x)
      .arraySync(),
  ).toEqual([0, 0, 0]);
});

test("what is refused says so", () => {
  expect(() => core.polygamma(-1, 2)).toThrow(core.IndexError);
  expect(() => core.polygamma(0.5, 2)).toThrow("Use a whole number from 0 to 1000");
  expect(() => core.polygamma(core.tensor(1) as never, 2)).toThrow(core.StateError);
  expect(() => core.nanToNum(1, { Nan: 1 } as never)).toThrow("Did you mean nan?");
  expect(() => core.nanToNum(1, { nan: "0" } as never)).toThrow(core.StateError);
  expect(() => core.leftShift(core.tensor([1]), 1)).toThrow(core.DTypeError);
  expect(() => core.bitwiseAnd(core.tensor([1]), 1)).toThrow(core.DTypeError);
  expect(() => core.bitwiseNot(core.tensor([1.5]))).toThrow(core.DTypeError);
});

test("orders of polygamma go on by themselves", () => {
  const x = float64([1.5]);
  let f: Unary = core.lgamma;
  for (let i = 0; i < 4; i++) {
    const before = f;
    f = core.grad((z: Tensor) => before(z).sum());
  }
  expect(f(x).item()).toBeCloseTo(core.polygamma(3, x).item(), 12);
});
