import {
  add,
  atan2,
  clip,
  cos,
  div,
  equal,
  exp,
  greater,
  less,
  log,
  mul,
  neg,
  pow,
  relu,
  sigmoid,
  sin,
  softplus,
  square,
  stopGradient,
  type Tensor,
  tanh,
  where,
} from "@cotangent/core";
import { ruleFault } from "../../gradients/support/faults.ts";
import { between, drawn, ordinary, sometimes } from "../support/draws.ts";
import type { FaultTable, Inputs } from "../support/rows.ts";
import { withBackward, withBackward2 } from "../support/rules.ts";

const vector: Inputs = (random) => [drawn(random, [random.whole(1, 4)], ordinary)];
const pair: Inputs = (random) => {
  const shape = [random.whole(1, 4)];
  return [drawn(random, shape, ordinary), drawn(random, shape, ordinary)];
};
const above: Inputs = (random) => [drawn(random, [random.whole(1, 4)], between(0.2, 3))];

const sine = (x: Tensor) => sin(x);
const wrongSign = withBackward(sine, (ct, x) => neg(mul(ct, cos(x))));

const squared = (x: Tensor) => square(x);
const factorTwo = withBackward(squared, (ct, x) => mul(ct, x));

const exponential = (x: Tensor) => exp(x);
const factorThousandth = withBackward(exponential, (ct, x) => mul(ct, exp(x)).mul(1.001));

const tangent = (x: Tensor) => tanh(x);
const factorTiny = withBackward(tangent, (ct, x) => mul(ct, square(tanh(x)).neg().add(1)).mul(1 + 1e-5));

const product = (x: Tensor, y: Tensor) => mul(x, y);
const productSwapped = withBackward2(product, (ct, x, y) => [mul(ct, x), mul(ct, y)]);

const growth = (x: Tensor) => mul(x, exp(x));
const growthTerm = withBackward(growth, (ct, x) => mul(ct, mul(x, exp(x))));

const quotient = (x: Tensor, y: Tensor) => div(x, y);
const quotientSign = withBackward2(quotient, (ct, x, y) => [div(ct, y), div(mul(ct, x), square(y))]);

const wave = (x: Tensor) => sin(x);
const waveAtZero = withBackward(wave, (ct, x) => where(equal(x, 0), 0, mul(ct, cos(x))));

const cube = (x: Tensor) => mul(x, square(x));
const cubeAtEnd = withBackward(cube, (ct, x) => where(less(x, 1), mul(ct, square(x)).mul(3), 0));
const cubeNegative = withBackward(cube, (ct, x) => mul(ct, mul(x, x.abs())).mul(3));
const cubeLarge = withBackward(cube, (ct, x) => mul(ct, mul(x, clip(x, -10, 10))).mul(3));

const logOfMore = (x: Tensor) => log(add(x, 0.01));
const shiftedLog = withBackward(logOfMore, (ct, x) => div(ct, x));

const clamp = (x: Tensor) => clip(x, -1, 1);
const clampNoMask = withBackward(clamp, (ct) => ct);

const rectifier = (x: Tensor) => relu(x);
const rectifierNoMask = withBackward(rectifier, (ct) => ct);

const logistic = (x: Tensor) => sigmoid(x);
const logisticUnit = withBackward(logistic, (_, x) => mul(sigmoid(x), sigmoid(neg(x))));
const logisticSquares = withBackward(logistic, (ct, x) => mul(square(ct), mul(sigmoid(x), sigmoid(neg(x)))));

const rectified = (x: Tensor) => softplus(x);
const rectifiedOverflow = withBackward(rectified, (ct, x) => mul(ct, div(exp(x), add(exp(x), 1))));

const root = (x: Tensor) => x.sqrt();
const rootNaN = withBackward(root, (ct, x) => div(ct, mul(x.sqrt(), 2)));

const firstOf = (x: Tensor, _: Tensor) => sin(x);
const firstOfBoth = withBackward2(firstOf, (ct, x) => [mul(ct, cos(x)), ct]);

let kept: Tensor | null = null;
const hat = (x: Tensor) => exp(neg(square(x)));
const hatStale = withBackward(hat, (ct, x) => {
  kept ??= stopGradient(x);
  return mul(ct, mul(hat(kept), kept)).mul(-2);
});

/** Rules of operations that go element by element. */
export const elementwise: FaultTable = {
  url: import.meta.url,
  rows: [
    {
      name: "wrong-sign",
      wrong: "the derivative of sin with the wrong sign",
      f: (x: Tensor) => wrongSign(x), // fault: wrong-sign
      inputs: vector,
      culprit: { operation: "sine", operand: 0 },
    },
    {
      name: "factor-2",
      wrong: "the 2 of the derivative of x^2 forgotten",
      f: (x: Tensor) => factorTwo(x), // fault: factor-2
      inputs: vector,
      culprit: { operation: "squared", operand: 0 },
    },
    {
      name: "factor-1.001",
      wrong: "the derivative of exp times 1.001",
      f: (x: Tensor) => factorThousandth(x), // fault: factor-1.001
      inputs: vector,
      culprit: { operation: "exponential", operand: 0 },
    },
    {
      name: "factor-1.00001",
      wrong: "the derivative of tanh times 1 + 1e-5",
      f: (x: Tensor) => factorTiny(x), // fault: factor-1.00001
      inputs: vector,
      culprit: { operation: "tangent", operand: 0 },
    },
    {
      name: "wrong-operand",
      wrong: "a product whose operands get each other's gradients",
      f: (x: Tensor, y: Tensor) => productSwapped(x, y), // fault: wrong-operand
      inputs: pair,
      culprit: { operation: "product" },
    },
    {
      name: "missing-term",
      wrong: "x e^x without the first term of the product rule",
      f: (x: Tensor) => growthTerm(x), // fault: missing-term
      inputs: vector,
      culprit: { operation: "growth", operand: 0 },
    },
    {
      name: "quotient-sign",
      wrong: "x / y without the minus of the derivative by y",
      f: (x: Tensor, y: Tensor) => quotientSign(x, y), // fault: quotient-sign
      inputs: pair,
      culprit: { operation: "quotient", operand: 1 },
    },
    {
      name: "at-zero",
      wrong: "the derivative of sin wrong at exactly 0",
      f: (x: Tensor) => waveAtZero(x), // fault: at-zero
      inputs: (random) => [drawn(random, [3], sometimes([0], ordinary))],
      culprit: { operation: "wave", operand: 0 },
    },
    {
      name: "end-of-range",
      wrong: "the derivative of x^3 on [0, 1] wrong at the end of the range",
      f: (x: Tensor) => cubeAtEnd(x), // fault: end-of-range
      inputs: (random) => [drawn(random, [3], sometimes([1], between(0, 1)))],
      culprit: { operation: "cube", operand: 0 },
    },
    {
      name: "negative-only",
      wrong: "the derivative of x^3 wrong for negative x",
      f: (x: Tensor) => cubeNegative(x), // fault: negative-only
      inputs: vector,
      culprit: { operation: "cube", operand: 0 },
    },
    {
      name: "large-only",
      wrong: "the derivative of x^3 wrong for |x| > 10",
      f: (x: Tensor) => cubeLarge(x), // fault: large-only
      inputs: (random) => [drawn(random, [2], sometimes([-12, 15, 40], ordinary))],
      culprit: { operation: "cube", operand: 0 },
    },
    {
      name: "tanh-without-square",
      wrong: "1 - tanh x for the derivative of tanh x",
      f: (x: Tensor) => tanh(x), // fault: tanh-without-square
      inputs: vector,
      fault: ruleFault("tanh", "no square", 0, () => (b, t, _, out) => b.mul(t, b.sub(1, out))),
      culprit: { operation: "tanh", operand: 0 },
    },
    {
      name: "log-with-eps",
      wrong: "1 / (x + 1e-6) for the derivative of log x",
      f: (x: Tensor) => log(x), // fault: log-with-eps
      inputs: above,
      fault: ruleFault(
        "log",
        "eps",
        0,
        () =>
          (b, t, [x]) =>
            b.div(t, b.add(x, 1e-6)),
      ),
      culprit: { operation: "log", operand: 0 },
    },
    {
      name: "log-without-eps",
      wrong: "log(x + 0.01) whose derivative forgets the 0.01",
      f: (x: Tensor) => shiftedLog(x), // fault: log-without-eps
      inputs: above,
      culprit: { operation: "logOfMore", operand: 0 },
    },
    {
      name: "pow-exponent",
      wrong: "x^y without a derivative by y",
      f: (x: Tensor, y: Tensor) => pow(x, y), // fault: pow-exponent
      inputs: (random) => [drawn(random, [3], between(1.2, 3)), drawn(random, [3], ordinary)],
      fault: ruleFault("pow", "no derivative by the exponent", 1, null),
      culprit: { operation: "pow", operand: 1 },
    },
    {
      name: "atan2-swapped",
      wrong: "atan2(y, x) whose derivative by y is y / (x^2 + y^2)",
      f: (y: Tensor, x: Tensor) => atan2(y, x), // fault: atan2-swapped
      inputs: pair,
      fault: ruleFault(
        "atan2",
        "the wrong operand",
        0,
        () =>
          (b, t, [y, x]) =>
            b.div(b.mul(t, y), b.add(b.mul(x, x), b.mul(y, y))),
      ),
      culprit: { operation: "atan2", operand: 0 },
    },
    {
      name: "clip-without-mask",
      wrong: "clip that passes the cotangent on outside of its bounds",
      f: (x: Tensor) => clampNoMask(x), // fault: clip-without-mask
      inputs: vector,
      culprit: { operation: "clamp", operand: 0 },
    },
    {
      name: "relu-without-mask",
      wrong: "relu that passes the cotangent on below 0",
      f: (x: Tensor) => rectifierNoMask(x), // fault: relu-without-mask
      inputs: vector,
      culprit: { operation: "rectifier", operand: 0 },
    },
    {
      name: "where-mask",
      wrong: "where whose second branch gets the mask of the first",
      f: (x: Tensor, y: Tensor) => where(greater(x, 0.1), sin(x), y), // fault: where-mask
      inputs: pair,
      fault: ruleFault(
        "where",
        "a mask that is not inverted",
        2,
        () =>
          (b, t, [c]) =>
            b.where(c, t, 0),
      ),
      culprit: { operation: "where", operand: 2 },
    },
    {
      name: "unit-cotangent",
      wrong: "a rule that ignores the cotangent: right where that is 1",
      f: (x: Tensor) => logisticUnit(x), // fault: unit-cotangent
      inputs: vector,
      options: { modes: ["reverse"] },
      culprit: { operation: "logistic", operand: 0 },
    },
    {
      name: "unit-cotangent-scalar",
      wrong: "the same for a scalar function, whose cotangent everybody takes for 1",
      f: (x: Tensor) => logisticUnit(x), // fault: unit-cotangent-scalar
      inputs: (random) => [drawn(random, [], ordinary)],
      options: { modes: ["reverse"] },
      culprit: { operation: "logistic", operand: 0 },
    },
    {
      name: "cotangent-squared",
      wrong: "a rule that is not linear in the cotangent",
      f: (x: Tensor) => logisticSquares(x), // fault: cotangent-squared
      inputs: vector,
      options: { modes: ["reverse"] },
      culprit: { operation: "logistic", operand: 0 },
    },
    {
      name: "overflow",
      wrong: "e^x / (1 + e^x) for the derivative of softplus: NaN for x > 709",
      f: (x: Tensor) => rectifiedOverflow(x), // fault: overflow
      inputs: (random) => [drawn(random, [2], sometimes([720, 1000], ordinary))],
      culprit: { operation: "rectified", operand: 0 },
    },
    {
      name: "nan-under-where",
      wrong: "sqrt where x > 0, else 0: NaN times 0 below",
      f: (x: Tensor) => where(greater(x, 0), rootNaN(x), 0), // fault: nan-under-where
      inputs: vector,
      options: { also: ["maskedNaN"] },
      culprit: { operation: "root", operand: 0 },
    },
    {
      name: "unused-input",
      wrong: "a gradient for an argument on which the value does not depend",
      f: (x: Tensor, y: Tensor) => firstOfBoth(x, y), // fault: unused-input
      inputs: pair,
      culprit: { operation: "firstOf", operand: 1 },
    },
    {
      name: "stale-capture",
      wrong: "a rule that keeps the x of its first call",
      f: (x: Tensor) => hatStale(x), // fault: stale-capture
      inputs: (random) => [drawn(random, [2], ordinary)],
      culprit: { operation: "hat", operand: 0 },
    },
  ],
};
