import * as core from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { checkLine, expectNumbers, float64, type Line, numbers, table } from "../support/boundary.ts";

type Tensor = core.Tensor;
type Unary = (x: Tensor) => Tensor;

const INF = Number.POSITIVE_INFINITY;
const { NaN: NAN, EPSILON } = Number;
const E = Math.E;

const zeros = (n: number): number[] => new Array<number>(n).fill(0);
/** A tensor as exponent or base: not a literal that rules may look at. */
const made = (value: number, x: Tensor): Tensor =>
  core.tensor(new Float64Array(x.size).fill(value), { shape: x.shape });

table("kinks and jumps", [
  ["relu", core.relu, [-1, 0, 1, -INF, INF, NAN], [0, 0, 1, 0, INF, NAN], [0, 0, 1, 0, 1, 1], zeros(6)],
  ["abs", core.abs, [-2, 0, 2, -INF, INF], [2, 0, 2, INF, INF], [-1, 0, 1, -1, 1], zeros(5)],
  ["sign", core.sign, [-2, 0, 2, INF, NAN], [-1, 0, 1, 1, NAN], zeros(5), zeros(5)],
  ["maximum, ties", (x) => core.maximum(x, 0), [-1, 0, 1], [0, 0, 1], [0, 0.5, 1], zeros(3)],
  ["minimum, ties", (x) => core.minimum(x, 0), [-1, 0, 1], [-1, 0, 0], [1, 0.5, 0], zeros(3)],
  ["maximum of one tensor", (x) => core.maximum(x, x), [-1, 0], [-1, 0], [1, 1], zeros(2)],
  ["maximum, NaN wins", (x) => core.maximum(core.tensor(1, { dtype: "float64" }), x), [NAN, INF], [NAN, INF]],
  ["minimum, NaN wins", (x) => core.minimum(x, 1), [NAN, -INF], [NAN, -INF]],
  [
    "clip",
    (x) => core.clip(x, -1, 1),
    [-2, -1, 0, 1, 2, NAN],
    [-1, -1, 0, 1, 1, NAN],
    [0, 1, 1, 1, 0, 1],
    zeros(6),
  ],
  ["floor", core.floor, [-1.5, -1, 0, 1.5, INF], [-2, -1, 0, 1, INF], zeros(5), zeros(5)],
  ["ceil", core.ceil, [-1.5, -1, 0, 1.5], [-1, -1, 0, 2], zeros(4), zeros(4)],
  ["trunc", core.trunc, [-1.5, 1.5, NAN], [-1, 1, NAN], zeros(3), zeros(3)],
  [
    "round, half to even",
    core.round,
    [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5],
    [-2, -2, 0, 0, 2, 2],
    zeros(6),
    zeros(6),
  ],
  ["mod, sign of the divisor", (x) => core.mod(x, 3), [-4, -3, 0, 4], [2, 0, 0, 1], [1, 1, 1, 1], zeros(4)],
  ["mod, negative divisor", (x) => core.mod(x, -3), [-4, -3, 4], [-1, 0, -2], [1, 1, 1], zeros(3)],
  ["mod by x", (x) => core.mod(7, x), [-4, 4], [-1, 3], [2, -1], zeros(2)],
  ["mod of infinity", (x) => core.mod(x, 3), [INF, -INF, NAN], [NAN, NAN, NAN]],
  ["atan2 on the axes", (x) => core.atan2(x, 0), [-4, 2], [-Math.PI / 2, Math.PI / 2], [0, 0], [0, 0]],
  ["atan2 at the origin", (x) => core.atan2(x, 0), [0], [0]],
  ["stopGradient", (x) => core.stopGradient(x.mul(x)), [3], [9], [0], [0]],
  ["stopGradient of a factor", (x) => core.stopGradient(x).mul(x), [3], [9], [3], [0]],
]);

table("ends of the domain and extreme inputs", [
  ["exp", core.exp, [0, -INF, 1000, NAN], [1, 0, INF, NAN], [1, 0, INF, NAN], [1, 0, INF, NAN]],
  ["log", core.log, [0, 1, INF], [-INF, 0, INF], [INF, 1, 0], [-INF, -1, 0]],
  ["log of negative numbers", core.log, [-1, NAN], [NAN, NAN]],
  ["log1p", core.log1p, [-1, 0, 1e-300], [-INF, 0, 1e-300], [INF, 1, 1], [-INF, -1, -1]],
  ["expm1", core.expm1, [0, 1e-300, -1000], [0, 1e-300, -1], [1, 1, 0], [1, 1, 0]],
  [
    "exp2",
    core.exp2,
    [0, 1, -INF],
    [1, 2, 0],
    [Math.LN2, 2 * Math.LN2, 0],
    [Math.LN2 ** 2, 2 * Math.LN2 ** 2, 0],
  ],
  ["log2", core.log2, [0, 1, 8], [-INF, 0, 3], [INF, Math.LOG2E, Math.LOG2E / 8]],
  ["sqrt", core.sqrt, [0, 4, INF], [0, 2, INF], [INF, 0.25, 0], [-INF, -1 / 32, 0]],
  ["sqrt of negative numbers", core.sqrt, [-1], [NAN]],
  ["cbrt", core.cbrt, [0, -8, 8], [0, -2, 2], [INF, 1 / 12, 1 / 12]],
  ["reciprocal", core.reciprocal, [0, -1, INF], [INF, -1, 0], [-INF, -1, 0], [INF, -2, 0]],
  ["square", core.square, [0, -1, 1e200], [0, 1, INF], [0, -2, 2e200], [2, 2, 2]],
  ["sin and cos of infinity", (x) => x.sin().add(x.cos()), [INF, -INF], [NAN, NAN]],
  ["tan", core.tan, [0], [0], [1], [0]],
  ["asin", core.asin, [-1, 0, 1, 2], [-Math.PI / 2, 0, Math.PI / 2, NAN], [INF, 1, INF, NAN]],
  ["acos", core.acos, [-1, 0, 1, 2], [Math.PI, Math.PI / 2, 0, NAN], [-INF, -1, -INF, NAN]],
  ["atan", core.atan, [0, 1e10], [0, Math.atan(1e10)], [1, 1e-20], [0, -2e-30]],
  ["sinh and cosh", (x) => x.sinh().add(x.cosh()), [0, 1], [1, E], [1, E], [1, E]],
  ["asinh", core.asinh, [0, INF], [0, INF], [1, 0]],
  ["acosh", core.acosh, [1, 0], [0, NAN], [INF, NAN]],
  ["atanh", core.atanh, [-1, 0, 1], [-INF, 0, INF], [INF, 1, INF]],
  ["tanh", core.tanh, [0, 1000, -1000, INF], [0, 1, -1, 1], [1, 0, 0, 0], [0, 0, 0, 0]],
  ["sigmoid", core.sigmoid, [0, 1000, -1000, INF, -INF], [0.5, 1, 0, 1, 0], [0.25, 0, 0, 0, 0], zeros(5)],
  ["log of sigmoid's tail", (x) => core.sigmoid(x).div(core.exp(x)), [-40], [1], [0], [0]],
  ["erf", core.erf, [0, 30, INF, -INF], [0, 1, 1, -1], [2 / Math.sqrt(Math.PI), 0, 0, 0]],
  ["erfc", core.erfc, [0, 30, -30, INF], [1, 0, 2, 0], [-2 / Math.sqrt(Math.PI), 0, 0, 0]],
  ["erfinv", core.erfinv, [0, 1, -1, 1.5], [0, INF, -INF, NAN], [Math.sqrt(Math.PI) / 2, INF, INF, NAN]],
  ["div by zero", (x) => core.div(x, 0), [1, -1, 0], [INF, -INF, NAN]],
]);

table("pow", [
  ["a negative number to the x", (x) => core.pow(made(-2, x), x), [2, 3], [4, -8], [NAN, NAN]],
  ...[1, 2, 3].flatMap((p): Line[] => {
    const first = p === 1 ? 1 : 0;
    const second = p === 2 ? 2 : 0;
    return [
      [`x^${p} at 0`, (x) => core.pow(x, p), [0], [0], [first], [second]],
      [`x^p at 0 for p = ${p}`, (x) => core.pow(x, made(p, x)), [0], [0], [first], [second]],
    ];
  }),
  ["x^1.5 at 0", (x) => core.pow(x, 1.5), [0], [0], [0], [INF]],
  ["x^2.5 at 0", (x) => core.pow(x, 2.5), [0], [0], [0], [0]],
  ["x^0.5 at 0", (x) => core.pow(x, 0.5), [0], [0], [INF], [-INF]],
  ["x^0", (x) => core.pow(x, 0), [0, 2, INF, NAN], [1, 1, 1, 1], zeros(4), zeros(4)],
  ["x^p at 0 for p = -1", (x) => core.pow(x, made(-1, x)), [0, 1], [INF, 1], [-INF, -1], [INF, 2]],
  ["x^p for p = 0", (x) => core.pow(x, made(0, x)), [0, 2, NAN], [1, 1, 1], zeros(3), zeros(3)],
  [
    "(x + 0.3)^x at 0",
    (x) => core.pow(x.add(0.3), x),
    [0],
    [1],
    [Math.log(0.3)],
    [Math.log(0.3) ** 2 + 2 / 0.3],
  ],
  ["x^-1 at 0", (x) => core.pow(x, -1), [0, 1], [INF, 1], [-INF, -1], [INF, 2]],
  ["negative base", (x) => core.pow(x, 3), [-2], [-8], [12], [-12]],
  ["negative base, p a tensor", (x) => core.pow(x, made(3, x)), [-2], [-8], [12], [-12]],
  ["negative base, fractional exponent", (x) => core.pow(x, 0.3), [-2], [NAN]],
  ["0^p by p > 0", (p) => core.pow(made(0, p), p), [0.5, 1, 2, 3], zeros(4), zeros(4), zeros(4)],
  ["0^p by p = 0", (p) => core.pow(made(0, p), p), [0], [1], [0]],
  ["0^p by p < 0", (p) => core.pow(made(0, p), p), [-1], [INF], [-INF], [INF]],
  ["1^p", (p) => core.pow(made(1, p), p), [NAN, INF, -INF, 2], [1, 1, 1, 1], zeros(4), zeros(4)],
  ["(-1)^p", (p) => core.pow(made(-1, p), p), [INF, -INF, 2, 3], [1, 1, 1, -1]],
  ["2^p", (p) => core.pow(2, p), [0, -INF, INF], [1, 0, INF], [Math.LN2, 0, INF]],
]);

table("reductions", [
  ["sum of nothing", core.sum, [], [0], [], []],
  ["prod of nothing", core.prod, [], [1], [], []],
  ["logsumexp of nothing", core.logsumexp, [], [-INF], [], []],
  ["mean of nothing", (x) => core.mean(x).cast("bool").cast("float64"), [], [1]],
  ["max, ties in equal shares", core.max, [1, 3, 3], [3], [0, 0.5, 0.5], zeros(3)],
  ["min, ties in equal shares", core.min, [1, 1, 1, 3], [1], [1 / 3, 1 / 3, 1 / 3, 0], zeros(4)],
  ["min, NaN wins", core.min, [1, NAN, -INF], [NAN], [0, 1, 0], zeros(3)],
  ["max, NaN wins", core.max, [1, NAN, INF], [NAN], [0, 1, 0], zeros(3)],
  ["max of one", core.max, [2], [2], [1], [0]],
  ["max of infinities", core.max, [-INF, -INF], [-INF], [0.5, 0.5], zeros(2)],
  ["prod, no zero", core.prod, [2, 3, 4], [24], [12, 8, 6], [7, 6, 5]],
  ["prod, one zero", core.prod, [0, 2, 3], [0], [6, 0, 0], [5, 3, 2]],
  ["prod, two zeros", core.prod, [0, 0, 3], [0], [0, 0, 0], [3, 3, 0]],
  ["prod, three zeros", core.prod, [0, 0, 0], [0], zeros(3), zeros(3)],
  ["logsumexp at -infinity", core.logsumexp, [-INF, -INF], [-INF], [0, 0], [0, 0]],
  ["logsumexp with a -infinity", core.logsumexp, [-INF, 0], [0], [0, 1], [0, 0]],
  [
    "logsumexp at extreme inputs",
    core.logsumexp,
    [1000, -1000, 1000],
    [1000 + Math.LN2],
    [0.5, 0, 0.5],
    zeros(3),
  ],
  ["logsumexp at +infinity", core.logsumexp, [INF, 0], [INF]],
  ["std at a constant", (x) => core.std(x), [2, 2, 2], [0], zeros(3), zeros(3)],
  ["std of one", (x) => core.std(x), [2], [0], [0], [0]],
  [
    "std at a constant, correction 1",
    (x) => core.std(x, 0, { correction: 1 }),
    [2, 2],
    [0],
    zeros(2),
    zeros(2),
  ],
  ["variance", (x) => core.variance(x), [1, 3], [1], [-1, 1], [0, 0]],
  ["variance, correction 1", (x) => core.variance(x, 0, { correction: 1 }), [1, 3], [2], [-2, 2], [0, 0]],
  ["variance far from 0", (x) => core.variance(x), [1e8, 1e8 + 1], [0.25], [-0.5, 0.5], [0, 0]],
]);

const weighed = (x: Tensor): Tensor => x.mul(float64([1, 2, 3]));

table("softmax at extreme inputs", [
  ["softmax", (x) => weighed(core.softmax(x)), [1000, -1000, 0], [1, 0, 0], zeros(3), zeros(3)],
  [
    "logSoftmax",
    (x) => weighed(core.logSoftmax(x)),
    [1000, -1000, 0],
    [0, -4000, -3000],
    [-5, 2, 3],
    zeros(3),
  ],
  [
    "log of softmax",
    (x) => weighed(core.log(core.softmax(x))),
    [1000, -1000, 0],
    [0, -4000, -3000],
    [-5, 2, 3],
    zeros(3),
  ],
  [
    "log of softmax, mapped",
    (x) =>
      weighed(
        core
          .vmap((row: Tensor) => core.log(core.softmax(row)))(x.reshape([1, 3]))
          .reshape([3]),
      ),
    [1000, -1000, 0],
    [0, -4000, -3000],
  ],
  [
    "log of a moved softmax",
    (x) => weighed(core.log(core.flip(core.softmax(x.reshape([1, 3]))).reshape([3]))),
    [0, -1000, 1000],
    [0, -4000, -3000],
    [3, 2, -5],
    zeros(3),
  ],
  ["softmax of one", core.softmax, [-1000], [1], [0], [0]],
  ["softmax of nothing", core.softmax, [], [], [], []],
  ["logSoftmax of nothing", core.logSoftmax, [], [], [], []],
  ["softmax with -infinity", core.softmax, [-INF, 0], [0, 1], [0, 0], [0, 0]],
]);

const positive = (x: Tensor): Tensor => x.greater(0);
const AT = [-1, 0, 1, 2];
const LOG = [0, 0, 0, Math.LN2];
const D_LOG = [0, 0, 1, 0.5];
const D2_LOG = [0, 0, -1, -0.25];

table("what where does not choose", [
  ["log", (x) => core.where(positive(x), x.log(), 0), AT, LOG, D_LOG, D2_LOG],
  ["sqrt", (x) => core.where(positive(x), x.sqrt(), 0), [-1, 0, 4], [0, 0, 2], [0, 0, 0.25], [0, 0, -1 / 32]],
  ["x log x", (x) => core.where(positive(x), x.mul(x.log()), 0), [-1, 0, 1], [0, 0, 0], [0, 0, 1], [0, 0, 1]],
  ["in the other branch", (x) => core.where(x.lessEqual(0), 0, x.log()), AT, LOG, D_LOG, D2_LOG],
  ["behind neg", (x) => core.where(positive(x), x.log().neg().neg(), 0), AT, LOG, D_LOG, D2_LOG],
  [
    "behind cast",
    (x) => core.where(positive(x), x.cast("float32").log().cast("float64"), 0),
    [-1, 0, 1],
    [0, 0, 0],
    [0, 0, 1],
    [0, 0, -1],
  ],
  [
    "behind reshape and transpose",
    (x) => core.where(positive(x), x.log().reshape([2, 2]).transpose().transpose().reshape([4]), 0),
    AT,
    LOG,
    D_LOG,
    D2_LOG,
  ],
  [
    "behind slice, pad, concat and flip",
    (x) =>
      core.where(
        positive(x),
        core.flip(core.concat([core.flip(x.log()).slice(0, 2), core.pad(core.flip(x.log()), [[-2, 0]])])),
        0,
      ),
    AT,
    LOG,
    D_LOG,
    D2_LOG,
  ],
  [
    "behind broadcast",
    (x) => core.where(positive(x), core.broadcastTo(x.log(), [3, 4]), 0).sum(0),
    AT,
    [0, 0, 0, 3 * Math.LN2],
    [0, 0, 3, 1.5],
    [0, 0, -3, -0.75],
  ],
  [
    "behind broadcast, chosen in part",
    (x) =>
      core
        .where(float64([1, 1, 0]).reshape([3, 1]).cast("bool"), core.broadcastTo(x.log(), [3, 2]), 0)
        .sum(0),
    [1, 2],
    [0, 2 * Math.LN2],
    [2, 1],
    [-2, -0.5],
  ],
  ["behind sum", (x) => core.where(positive(x.min()), x.log().sum(), 0), AT, [0], zeros(4), zeros(4)],
  ["behind max", (x) => core.where(positive(x.max()), x.log().max(), 0), [0, 0], [0], zeros(2), zeros(2)],
  ["behind prod", (x) => core.where(positive(x.min()), x.log().prod(), 0), AT, [0], zeros(4), zeros(4)],
  [
    "several masked uses",
    (x) => {
      const log = x.log();
      return core.where(positive(x), log, 0).add(core.where(x.greater(1), log.mul(log), 0));
    },
    AT,
    [0, 0, 0, Math.LN2 + Math.LN2 ** 2],
    [0, 0, 1, 0.5 + Math.LN2],
    [0, 0, -1, -0.25 + 0.5 * (1 - Math.LN2)],
  ],
  [
    "masks in masks",
    (x) => core.where(positive(x), core.where(x.less(1.5), x.log(), x.sqrt()), 0),
    [-1, 0, 1, 4],
    [0, 0, 0, 2],
    [0, 0, 1, 0.25],
    [0, 0, -1, -1 / 32],
  ],
]);

describe("the softmax itself as the variable", () => {
  test("the gradient of log by a softmax is that of log, by its input that of logSoftmax", () => {
    const x = float64([1, 2, 3]);
    const p = core.softmax(x);
    const [byP, byX] = core.gradients(weighed(core.log(p)).sum(), [p, x]);
    const share = numbers(p);
    expectNumbers(
      numbers(byP),
      share.map((s, i) => (i + 1) / s),
    );
    expectNumbers(
      numbers(byX),
      share.map((s, i) => i + 1 - 6 * s),
    );
  });

  test("it is infinite where the softmax underflows, and the gradient by the input is not", () => {
    const x = float64([1000, 0]);
    const p = core.softmax(x);
    const [byP, byX] = core.gradients(core.log(p).sum(), [p, x]);
    expectNumbers(numbers(byP), [1, INF]);
    expectNumbers(numbers(byX), [-1, 1]);
  });

  const near: readonly (readonly [string, Unary])[] = [
    ["another shift", (x) => core.exp(x.sub(x.mul(x)))],
    ["the shift of another axis", (x) => core.exp(x.sub(x.max(0, { keepDims: true })))],
    ["no shift", (x) => core.exp(x)],
  ];
  test.each(near)("only what is a softmax is taken for one: %s", (_, powers) => {
    const x = core.tensor(new Float64Array([1, 2, -1, 0.5]), { shape: [2, 2] });
    const quotients: Unary[] = [
      (e) => e.div(e.sum(-1, { keepDims: true })),
      (e) => e.div(e.sum(-1)),
      (e) => e.div(e.sum(0)),
      (e) => e.div(e.sum()),
    ];
    for (const quotient of quotients) {
      const p = quotient(powers(x));
      expectNumbers(numbers(core.log(p)), numbers(p).map(Math.log));
    }
  });
});

describe("values without derivatives", () => {
  const ints = (values: number[]): Tensor => core.tensor(new Int32Array(values));

  test("argmax and argmin take the first, and NaN wins", () => {
    expect(core.argmax(float64([1, 3, 3])).item()).toBe(1);
    expect(core.argmin(float64([1, 1, 3])).item()).toBe(0);
    expect(core.argmax(float64([1, NAN, INF, NAN])).item()).toBe(1);
    expect(core.argmin(float64([1, NAN, -INF])).item()).toBe(1);
    expect(core.argmax(float64([5])).dtype).toBe("int32");
  });

  test.each(["max", "min", "argmax", "argmin"] as const)("%s of nothing is an error", (name) => {
    const operation: (x: core.Tensor, axis: number) => core.Tensor = core[name];
    expect(() => operation(float64([]), 0)).toThrow(core.ShapeError);
  });

  test("reductions over nothing along an axis", () => {
    const x = core.zeros([2, 0], { dtype: "float64" });
    expectNumbers(numbers(x.sum(1)), [0, 0]);
    expectNumbers(numbers(x.prod(1)), [1, 1]);
    expectNumbers(numbers(x.logsumexp(1)), [-INF, -INF]);
    expect(x.max(0).shape).toEqual([0]);
    expectNumbers(numbers(x.any(1)), [0, 0]);
    expectNumbers(numbers(x.all(1)), [1, 1]);
    expectNumbers(numbers(core.matmul(x, core.zeros([0, 2], { dtype: "float64" }))), [0, 0, 0, 0]);
  });

  test("comparisons with NaN are false, but for notEqual", () => {
    const x = float64([NAN]);
    for (const name of ["equal", "less", "lessEqual", "greater", "greaterEqual"] as const) {
      expect(x[name](x).item()).toBe(0);
    }
    expect(x.notEqual(x).item()).toBe(1);
    expect(x.isNaN().item()).toBe(1);
  });

  test("division of integers gives float32, other arithmetic stays", () => {
    expect(ints([1]).div(ints([2])).dtype).toBe("float32");
    expect(
      ints([1])
        .div(ints([2]))
        .item(),
    ).toBe(0.5);
    expect(ints([7]).mul(2).dtype).toBe("int32");
    expect(ints([-7]).mod(3).item()).toBe(2);
    expect(ints([7]).mod(0).item()).toBe(0);
    expect(ints([1]).add(0.5).dtype).toBe("float32");
    expect(
      ints([2 ** 30])
        .mul(4)
        .item(),
    ).toBe(0);
  });

  test("promotion: bool < uint32 < int32 < float32 < float64", () => {
    const of = (dtype: core.DType) => core.ones([1], { dtype });
    const numeric = ["uint32", "int32", "float32", "float64"] as const;
    numeric.forEach((a, i) => {
      expect(of("bool").add(of(a)).dtype).toBe(a);
      for (const b of numeric.slice(i)) expect(of(a).add(of(b)).dtype).toBe(b);
    });
    expect(core.tensor([true, true]).sum().dtype).toBe("int32");
    expect(core.tensor([true, false]).mean().item()).toBe(0.5);
  });

  test("casts go toward zero, stop at the range, and take NaN for 0", () => {
    const x = float64([1.9, -1.9, 1e20, -1e20, NAN, INF]);
    expectNumbers(numbers(x.cast("int32")), [1, -1, 2 ** 31 - 1, -(2 ** 31), 0, 2 ** 31 - 1]);
    expectNumbers(numbers(x.cast("uint32")), [1, 0, 2 ** 32 - 1, 0, 0, 2 ** 32 - 1]);
    expectNumbers(numbers(x.cast("bool")), [1, 1, 1, 1, 1, 1]);
    expectNumbers(numbers(float64([1 + EPSILON]).cast("float32")), [1]);
  });

  test("a derivative through an integer is zero", () => {
    checkLine(["there and back", (x) => x.cast("int32").cast("float64").mul(x), [2.5], [5], [2], [0]]);
  });
});
