import { apartFrom, both, broken, fractional, off, separated, tame, within } from "../domains.ts";
import { call } from "../expression.ts";
import { binary, type Decode, type Operations, unary } from "./operation.ts";

const positive = within(0.3, 4);
const away = off([0], 0.3);
const POWERS = [2, 3, 1, 0, -1, -2, 0.5, 1.7];

/** Whole powers of anything but 0, others of what is positive, and powers that are tensors. */
const pow: Decode = (draw) => {
  if (draw.genes.yes()) {
    const x = draw.float(positive);
    return call("pow", x.expression, draw.partner([x], within(-2, 2)).expression);
  }
  const exponent = draw.genes.of(POWERS);
  const base = Number.isInteger(exponent) ? off([0], 0.4) : positive;
  return call("pow", draw.float(base).expression, exponent);
};

/** The larger or the smaller of two that are never near each other. */
const extremum =
  (name: string): Decode =>
  (draw) => {
    const x = draw.float();
    return call(name, x.expression, draw.partner([x], apartFrom(x.elements)).expression);
  };

/** With numbers as bounds, and with tensors. */
const clip: Decode = (draw) => {
  const x = draw.float(off([-1, 1], 0.2));
  if (!draw.genes.yes()) return call("clip", x.expression, -1, 1);
  const low = draw.partner([x], within(-1.1, -0.9));
  const high = draw.partner([x, low], within(0.9, 1.1));
  return call("clip", x.expression, low.expression, high.expression);
};

const where: Decode = (draw) => {
  const x = draw.float();
  const y = draw.partner([x]);
  const shape = draw.operand(call("add", x.expression, y.expression)).shape;
  return call("where", draw.condition(shape).expression, x.expression, y.expression);
};

const lerp: Decode = (draw) => {
  const x = draw.float();
  const y = draw.partner([x]);
  return call("lerp", x.expression, y.expression, draw.partner([x, y], within(-1, 2)).expression);
};

const polygamma: Decode = (draw) => {
  const order = draw.genes.whole(0, 4);
  return call("polygamma", order, draw.float(within(1, 4)).expression);
};

const nanToNum: Decode = (draw) => call("nanToNum", draw.float().expression, { nan: draw.genes.whole(0, 2) });

/** To every dtype; what is computed with float32 beside float64 is float64. */
const cast: Decode = (draw) => {
  const from = draw.genes.yes() ? draw.integers() : draw.float(broken);
  return call(
    "cast",
    from.expression,
    draw.genes.of(["float64", "float32", draw.dtype, "int32", "bool"] as const),
  );
};

/** Element by element. */
export const elementwise: Operations = {
  ...unary({
    neg: tame,
    sin: tame,
    exp: tame,
    square: tame,
    abs: off([0]),
    sign: off([0]),
    log: positive,
    expm1: tame,
    log1p: within(-0.6, 4),
    exp2: tame,
    log2: positive,
    log10: positive,
    cos: tame,
    tan: within(-1, 1),
    asin: within(-0.7, 0.7),
    acos: within(-0.7, 0.7),
    atan: tame,
    sinh: within(-2, 2),
    cosh: within(-2, 2),
    tanh: tame,
    asinh: tame,
    acosh: within(1.4, 4),
    atanh: within(-0.7, 0.7),
    sigmoid: tame,
    erf: within(-2.5, 2.5),
    erfc: within(-2.5, 2.5),
    erfinv: within(-0.7, 0.7),
    sqrt: positive,
    rsqrt: positive,
    cbrt: away,
    reciprocal: off([0], 0.4),
    floor: broken,
    ceil: broken,
    round: broken,
    trunc: broken,
    degrees: within(-2, 2),
    radians: tame,
    sinc: within(-2.2, 2.2),
    logit: within(0.15, 0.85),
    lgamma: within(0.6, 4),
    digamma: within(0.6, 4),
  }),
  ...binary({
    add: [tame, tame],
    sub: [tame, tame],
    mul: [tame, tame],
    div: [tame, off([0], 0.4)],
    atan2: [away, away],
    hypot: [away, away],
    logaddexp: [tame, tame],
    xlogy: [positive, positive],
    copysign: [off([0]), off([0])],
    squaredDifference: [tame, tame],
    // The quotient stays away from whole numbers, where it jumps.
    mod: [fractional, within(1, 1.02)],
    fmod: [fractional, within(1, 1.02)],
    floorDivide: [both(fractional, off([0])), within(1, 1.02)],
  }),
  pow,
  maximum: extremum("maximum"),
  minimum: extremum("minimum"),
  clip,
  where,
  lerp,
  polygamma,
  nanToNum,
  cast,
  sort: (draw) => {
    const x = draw.float(separated, { minRank: 1 });
    return call("sort", x.expression, { axis: draw.axis(x.shape.length), descending: draw.genes.yes() });
  },
};
