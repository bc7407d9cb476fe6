import {
  affineScan,
  cos,
  customJvp,
  customVjp,
  exp,
  max,
  min,
  mul,
  sigmoid,
  sin,
  square,
  stopGradient,
  type Tensor,
  tanh,
} from "@cotangent/core";
import { explicitFault, ruleFault } from "../../gradients/support/faults.ts";
import { between, drawn, ordinary } from "../support/draws.ts";
import type { FaultTable, Inputs } from "../support/rows.ts";
import { withBackward, withBackward2 } from "../support/rules.ts";

const vector: Inputs = (random) => [drawn(random, [random.whole(1, 3)], ordinary)];
const pair: Inputs = (random) => {
  const shape = [random.whole(1, 3)];
  return [drawn(random, shape, ordinary), drawn(random, shape, ordinary)];
};

const sine = (x: Tensor) => sin(x);
const sineDetached = withBackward(sine, (ct, x) => mul(ct, stopGradient(cos(x))));
const sineCotangentDetached = withBackward(sine, (ct, x) => mul(stopGradient(ct), cos(x)));

const exponential = (x: Tensor) => exp(x);
const exponentialSaved = customVjp(exponential, {
  forward: (x: Tensor) => {
    const y = exp(x);
    return [y, stopGradient(y)];
  },
  backward: (y, ct) => [mul(ct, y)],
});

const exponentialOfInput = customVjp(exponential, {
  forward: (x: Tensor) => [exp(x), x],
  backward: (x, ct) => [mul(ct, x)],
});

const cosine = (x: Tensor) => cos(x);
const wrongCosine = withBackward(cosine, (ct, x) => mul(ct, sin(x)));
const wave = withBackward(sine, (ct, x) => mul(ct, wrongCosine(x))); // fault: wrong-second-derivative

const product = (x: Tensor, y: Tensor) => mul(square(x), y);
const productMixed = withBackward2(product, (ct, x, y) => [
  mul(ct, mul(x, stopGradient(y))).mul(2),
  mul(ct, square(x)),
]);

const plain = (x: Tensor, y: Tensor) => mul(x, y);
const productTangent = customJvp(plain, { jvp: ([x, y], [dx]) => [mul(x, y), mul(dx, y)] });

const saturated = (x: Tensor) => tanh(x);
const saturatedTangent = customJvp(saturated, {
  jvp: ([x], [dx]) => [tanh(x), mul(dx, square(tanh(x)).sub(1))],
});

/** What only a certain mode or the second order shows. */
export const orders: FaultTable = {
  url: import.meta.url,
  rows: [
    {
      name: "detached-factor",
      wrong: "cos x detached in the backward pass of sin: right at first order",
      f: (x: Tensor) => sineDetached(x), // fault: detached-factor
      inputs: vector,
      options: { order: 2 },
      culprit: { operation: "sine", operand: 0 },
    },
    {
      name: "detached-saved-value",
      wrong: "a saved value of exp that was detached: right at first order",
      f: (x: Tensor) => exponentialSaved(x), // fault: detached-saved-value
      inputs: vector,
      options: { order: 2 },
      culprit: { operation: "exponential", operand: 0 },
    },
    {
      name: "wrong-saved-value",
      wrong: "exp saves its argument and takes it for its value",
      f: (x: Tensor) => exponentialOfInput(x), // fault: wrong-saved-value
      inputs: vector,
      culprit: { operation: "exponential", operand: 0 },
    },
    {
      name: "wrong-second-derivative",
      wrong: "a backward pass that uses an operation whose own derivative has the wrong sign",
      f: (x: Tensor) => wave(x),
      inputs: vector,
      options: { order: 2 },
      culprit: { operation: "cosine", operand: 0 },
    },
    {
      name: "mixed-derivative",
      wrong: "x^2 y whose mixed second derivative is lost",
      f: (x: Tensor, y: Tensor) => productMixed(x, y), // fault: mixed-derivative
      inputs: pair,
      options: { order: 2 },
      culprit: { operation: "product" },
    },
    {
      name: "detached-cotangent",
      wrong:
        "a backward pass that detaches the cotangent: wrong only inside of something else, at second order",
      f: (x: Tensor) => square(sineCotangentDetached(x)), // fault: detached-cotangent
      inputs: vector,
      options: { order: 2, modes: ["reverse", "reverseOverReverse"] },
      culprit: { operation: "sine", operand: 0 },
    },
    {
      name: "constant-slope",
      wrong: "the slope of sigmoid taken for a constant",
      f: (x: Tensor) => sigmoid(x), // fault: constant-slope
      inputs: vector,
      options: { order: 2 },
      fault: ruleFault(
        "sigmoid",
        "constant slope",
        0,
        () => (b, t, _, out) => b.mul(t, b.stopGradient(b.mul(out, b.sub(1, out)))),
      ),
      culprit: { operation: "sigmoid", operand: 0 },
    },
    {
      name: "forward-only",
      wrong: "forward mode of max that adds up all tangents",
      f: (x: Tensor) => max(x), // fault: forward-only
      inputs: (random) => [drawn(random, [3], between(-2, 2))],
      fault: explicitFault("reduceMax", "all elements", ({ vjp }) => ({
        vjp,
        jvp: (b, [t], [x], _, params) => {
          const { axes } = params as { axes: readonly number[] };
          const places = axes.map((axis) => axis + x.rank);
          return b.reduce("sum", t as Tensor, places);
        },
      })),
      culprit: { operation: "reduceMax", operand: 0 },
    },
    {
      name: "forward-second-order",
      wrong: "forward mode of min that loses what it is differentiated by again",
      f: (x: Tensor) => min(mul(x, square(x))), // fault: forward-second-order
      inputs: (random) => [drawn(random, [3], between(-2, 2))],
      options: { order: 2 },
      fault: explicitFault("reduceMin", "detached", ({ vjp, jvp }) => ({
        vjp,
        jvp: (b, ...rest) => b.stopGradient(jvp?.(b, ...rest) as Tensor),
      })),
      culprit: { operation: "reduceMin", operand: 0 },
    },
    {
      name: "reverse-only",
      wrong: "reverse mode of a recurrence that takes factors one step too early",
      f: (a: Tensor, c: Tensor) => affineScan(a, c), // fault: reverse-only
      inputs: (random) => [drawn(random, [4], ordinary), drawn(random, [4], ordinary)],
      fault: explicitFault("cumulativeAffine", "too early", ({ jvp }) => ({
        jvp,
        vjp: (b, ct, [a], out, params) => {
          const { axis, reverse } = params as { axis: number; reverse: boolean };
          const g = b.affine(a, ct, axis + a.rank, !reverse);
          return [b.mul(g, out), g];
        },
      })),
      culprit: { operation: "cumulativeAffine" },
    },
    {
      name: "tangent-term",
      wrong: "a forward rule of x y without the tangent of y",
      f: (x: Tensor, y: Tensor) => productTangent(x, y), // fault: tangent-term
      inputs: pair,
      culprit: { operation: "plain", operand: 1 },
    },
    {
      name: "tangent-sign",
      wrong: "a forward rule of tanh with the wrong sign",
      f: (x: Tensor) => saturatedTangent(x), // fault: tangent-sign
      inputs: vector,
      culprit: { operation: "saturated", operand: 0 },
    },
  ],
};
