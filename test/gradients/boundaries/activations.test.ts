import * as core from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { expectNumbers, float64, numbers, ordersAt, table } from "../support/boundary.ts";

type Tensor = core.Tensor;
type Unary = (x: Tensor) => Tensor;
const INF = Number.POSITIVE_INFINITY;
const { NaN: NAN } = Number;
const zeros = (n: number): number[] => new Array<number>(n).fill(0);

const SELU = [1.0507009873554805, 1.6732632423543772];
const half = Math.sqrt(2 / Math.PI);

table("activations at their kinks", [
  ["relu", core.relu, [-1, 0, 1, -INF, INF], [0, 0, 1, 0, INF], [0, 0, 1, 0, 1], zeros(5)],
  ["leakyRelu", core.leakyRelu, [-1, 0, 1, INF], [-0.01, 0, 1, INF], [0.01, 0.01, 1, 1], zeros(4)],
  [
    "leakyRelu, slope 0",
    (x) => core.leakyRelu(x, { negativeSlope: 0 }),
    [-1, 0, 1],
    [0, 0, 1],
    [0, 0, 1],
    zeros(3),
  ],
  [
    "prelu by x",
    (x) => core.prelu(x, float64([0.5, 0.5, 0.5])),
    [-1, 0, 1],
    [-0.5, 0, 1],
    [0.5, 0.5, 1],
    zeros(3),
  ],
  [
    "prelu by its slope",
    (s) => core.prelu(float64([-2, 0, 3]), s),
    [0.5, 0.5, 0.5],
    [-1, 0, 3],
    [-2, 0, 0],
    zeros(3),
  ],
  ["elu", core.elu, [0, 1000, -1000, -INF], [0, 1000, -1, -1], [1, 1, 0, 0], [1, 0, 0, 0]],
  ["elu, alpha 2", (x) => core.elu(x, { alpha: 2 }), [0, 1000, -1000], [0, 1000, -2], [2, 1, 0], [2, 0, 0]],
  [
    "celu, alpha 2",
    (x) => core.celu(x, { alpha: 2 }),
    [0, 1000, -1e5],
    [0, 1000, -2],
    [1, 1, 0],
    [0.5, 0, 0],
  ],
  [
    "selu",
    core.selu,
    [0, 1000, -1000],
    [0, 1000 * SELU[0], -SELU[0] * SELU[1]],
    [SELU[0] * SELU[1], SELU[0], 0],
    [SELU[0] * SELU[1], 0, 0],
  ],
  ["hardtanh", core.hardtanh, [-2, -1, 0, 1, 2, -INF], [-1, -1, 0, 1, 1, -1], [0, 0, 1, 0, 0, 0], zeros(6)],
  ["relu6", core.relu6, [-1, 0, 3, 6, 7, INF], [0, 0, 3, 6, 6, 6], [0, 0, 1, 0, 0, 0], zeros(6)],
  ["hardSigmoid", core.hardSigmoid, [-4, -3, 0, 3, 4], [0, 0, 0.5, 1, 1], [0, 0, 1 / 6, 0, 0], zeros(5)],
  ["hardSwish", core.hardSwish, [-4, -3, 0, 3, 4], [0, 0, 0, 3, 4], [0, 0, 0.5, 1, 1], [0, 0, 1 / 3, 0, 0]],
  ["softsign", core.softsign, [0, 1, -1, 1e300], [0, 0.5, -0.5, 1], [1, 0.25, 0.25, 0], [0, -0.25, 0.25, 0]],
]);

table("smooth activations at 0 and at extreme inputs", [
  ["softplus", core.softplus, [0, 1e3, -1e3, INF, -INF], [Math.LN2, 1e3, 0, INF, 0], [0.5, 1, 0, 1, 0], [0.25, ...zeros(4)]],
  ["logSigmoid", core.logSigmoid, [0, 1e3, -1e3, INF, -INF], [-Math.LN2, 0, -1e3, 0, -INF], [0.5, 0, 1, 0, 1], [-0.25, ...zeros(4)]],
  ["gelu", core.gelu, [0, 1e3, -1e3, 1e300, -1e300], [0, 1e3, 0, 1e300, 0], [0.5, 1, 0, 1, 0], [half, ...zeros(4)]],
  [
    "gelu by tanh",
    (x) => core.gelu(x, { approximate: true }),
    [0, 1e3, -1e3, 1e300, -1e300],
    [0, 1e3, 0, 1e300, 0],
    [0.5, 1, 0, 1, 0],
    [half, ...zeros(4)],
  ],
  ["silu", core.silu, [0, 1e3, -1e3, 1e300, -1e300], [0, 1e3, 0, 1e300, 0], [0.5, 1, 0, 1, 0], [0.5, ...zeros(4)]],
  ["mish", core.mish, [0, 1e3, -1e3, 1e300, -1e300], [0, 1e3, 0, 1e300, 0], [0.6, 1, 0, 1, 0], [0.64, ...zeros(4)]],
]); // biome-ignore format: a table

/** In the lower tail, where values are small: what they are, to a relative 1e-12. */
const TAILS: readonly (readonly [string, Unary, number, number, number, number])[] = [
  ["softplus", core.softplus, -40, Math.exp(-40), Math.exp(-40), Math.exp(-40)],
  ["logSigmoid", core.logSigmoid, 40, -Math.exp(-40), Math.exp(-40), -Math.exp(-40)],
  ["silu", core.silu, -40, -40 * Math.exp(-40), -39 * Math.exp(-40), -38 * Math.exp(-40)],
  ["mish", core.mish, -40, -40 * Math.exp(-40), -39 * Math.exp(-40), -38 * Math.exp(-40)],
  // By mpmath: x * erfc(-x / sqrt(2)) / 2 at -10.
  ["gelu", core.gelu, -10, -7.619853024160526e-23, -7.61840009646481e-22, -7.54070665417229e-21],
];

test.each(TAILS)("%s keeps its digits in the tail", (_, f, at, ...expected) => {
  const { value, first, second } = ordersAt(f, [at]);
  [value[0], first[0], second[0]].forEach((actual, i) => {
    expect(Math.abs(actual / expected[i] - 1), `order ${i}: ${actual}`).toBeLessThan(1e-11);
  });
});

test("the logarithm of a sigmoid that underflows, or is 1, is finite and has a gradient", () => {
  const lines: readonly [Unary, number[]][] = [
    [(x) => core.log(core.sigmoid(x)), [-1000, -40]],
    [(x) => core.log(core.sigmoid(x).reshape([2, 1])).reshape([2]), [-1000, -40]],
    [(x) => core.log1p(core.sigmoid(x).neg()), [1000, 40]],
    [(x) => core.log1p(core.flip(core.sigmoid(x)).neg()).flip(), [1000, 40]],
  ];
  for (const [f, at] of lines) {
    const { value, first, second } = ordersAt(f, at);
    expectNumbers(value, [-1000, -40]);
    expectNumbers(first, [Math.sign(-at[0]), Math.sign(-at[1])]);
    expectNumbers(second, [0, 0]);
  }
});

test("the logarithm of a sigmoid can still be differentiated by the sigmoid", () => {
  const p = core.sigmoid(float64([0, 1]));
  const reciprocal = numbers(p).map((value) => 1 / value);
  expectNumbers(numbers(core.gradients(core.log(p).sum(), [p])[0]), reciprocal);
  const rest = numbers(p).map((value) => -1 / (1 - value));
  expectNumbers(numbers(core.gradients(core.log1p(p.neg()).sum(), [p])[0]), rest);
});

const ALL: readonly (readonly [string, Unary])[] = [
  ["relu", core.relu],
  ["leakyRelu", core.leakyRelu],
  ["elu", core.elu],
  ["celu", (x) => core.celu(x, { alpha: 0.5 })],
  ["selu", core.selu],
  ["gelu", core.gelu],
  ["gelu by tanh", (x) => core.gelu(x, { approximate: "tanh" })],
  ["silu", core.silu],
  ["softplus", core.softplus],
  ["logSigmoid", core.logSigmoid],
  ["mish", core.mish],
  ["softsign", core.softsign],
  ["hardtanh", core.hardtanh],
  ["relu6", core.relu6],
  ["hardSigmoid", core.hardSigmoid],
  ["hardSwish", core.hardSwish],
  ["glu", (x) => core.glu(core.stack([x, x], 0), 0)],
  ["prelu", (x) => core.prelu(x, core.full([], 0.25, { dtype: x.dtype }))],
];

describe.each(["float32", "float64"] as const)("%s: finite for all finite inputs, NaN for NaN", (dtype) => {
  const top = dtype === "float32" ? 3e38 : 1e308;
  const sizes = [1e-40, 1e-10, 0.5, 1, 3, 6, 17, 40, 88, 104, 710, 745, 1e5, 1e10, 1e19, 1e25, top];
  const at = [0, ...sizes, ...sizes.map((x) => -x)];

  test.each(ALL)("%s", (_, f) => {
    const x = core.tensor(at, { dtype });
    const first = core.grad((z: Tensor) => f(z).sum());
    const second = core.grad((z: Tensor) => first(z).sum());
    const pushed = core.jvp(f, [x], [core.onesLike(x)])[1];
    for (const [what, result] of [f(x), first(x), second(x), pushed].entries()) {
      numbers(result).forEach((value, i) => {
        expect(Number.isFinite(value), `order ${what} at ${at[i]}: ${value}`).toBe(true);
      });
    }
    expect(numbers(f(core.tensor([NAN], { dtype })))).toEqual([NAN]);
  });
});
