import { cast, cosh, div, exp, exp2, hypot, mul, neg, sin, sqrt, square, type Tensor } from "@cotangent/core";
import { between, drawn, ordinary, positive, spread } from "../support/draws.ts";
import type { FaultTable } from "../support/rows.ts";
import { withBackward, withBackward2 } from "../support/rules.ts";

const sine = (x: Tensor) => sin(x);
const sineFloat32 = withBackward(sine, (ct, x) => mul(ct, x.cos()).mul(x.dtype === "float32" ? 1.0001 : 1));
const sineThroughFloat32 = withBackward(sine, (ct, x) => cast(cast(mul(ct, x.cos()), "float32"), x.dtype));

const catenary = (x: Tensor) => cosh(x);
const catenaryDigits = withBackward(catenary, (ct, x) => mul(ct, exp(x).sub(exp(neg(x)))).mul(0.5));

const distance = (x: Tensor, y: Tensor) => hypot(x, y);
const distanceOverflow = withBackward2(distance, (ct, x, y) => {
  const length = sqrt(square(x).add(square(y)));
  return [mul(ct, div(x, length)), mul(ct, div(y, length))];
});

const power = (x: Tensor) => exp2(x);
const powerRounded = withBackward(power, (ct, x) => mul(ct, exp2(x)).mul(Math.fround(Math.LN2)));

/** What only one dtype shows, or what has to do with how many digits it has. */
export const dtypes: FaultTable = {
  url: import.meta.url,
  rows: [
    {
      name: "float32-factor",
      wrong: "a factor of 1.0001 for float32 only",
      f: (x: Tensor) => sineFloat32(x), // fault: float32-factor
      inputs: (random) => [drawn(random, [3], ordinary, "float32")],
      culprit: { operation: "sine" },
    },
    {
      name: "float32-digits",
      wrong: "(e^x - e^-x) / 2 for the derivative of cosh: no digits left near 0 in float32",
      f: (x: Tensor) => catenaryDigits(x), // fault: float32-digits
      inputs: (random) => [drawn(random, [3], spread(-5, -2), "float32")],
      culprit: { operation: "catenary" },
    },
    {
      name: "float32-overflow",
      wrong: "squares that overflow in the derivative of hypot in float32",
      f: (x: Tensor, y: Tensor) => distanceOverflow(x, y), // fault: float32-overflow
      inputs: (random) => [
        drawn(random, [2], positive(18, 25), "float32"),
        drawn(random, [2], positive(18, 25), "float32"),
      ],
      culprit: { operation: "distance" },
    },
    {
      name: "constant-in-float32",
      wrong: "log 2 rounded to float32 in the derivative of 2^x, in float64",
      f: (x: Tensor) => powerRounded(x), // fault: constant-in-float32
      inputs: (random) => [drawn(random, [3], between(-2, 2))],
      culprit: { operation: "power", operand: 0 },
    },
    {
      name: "through-float32",
      wrong: "a gradient that is rounded to float32 on its way, in float64",
      f: (x: Tensor) => sineThroughFloat32(x), // fault: through-float32
      inputs: (random) => [drawn(random, [3], ordinary)],
      culprit: { operation: "sine", operand: 0 },
    },
  ],
};
