import { type Form, Level, latexCall, prefix, within } from "../../ir/form.ts";
import { elementwise, none, unary } from "./define.ts";
import { log10 as log10Value } from "./doubleDouble.ts";
import { lgamma as lgammaValue } from "./gamma.ts";
import { erfc as erfcValue, erfinv as erfinvValue, erf as erfValue } from "./special.ts";

const named = (name: string): Form<object> => latexCall(`\\${name}`);
const bracketed =
  (left: string, right: string): Form<object> =>
  ([x]) => ({ text: `${left}${x.text}${right}`, level: Level.atom });

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** Half to even, as IEEE 754 rounds. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const fraction = x - floor;
  const rounded = fraction < 0.5 ? floor : fraction > 0.5 ? floor + 1 : floor % 2 === 0 ? floor : floor + 1;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

/** Does not overflow for any x. */
const sigmoidValue = (x: number): number =>
  x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));

export const neg = unary({
  name: "neg",
  accepts: "numeric",
  fn: (x) => -x,
  derivative: { kind: "linear", transpose: (b, ct) => [b.neg(ct)], mask: (_, mask) => [mask] },
  text: prefix(),
  latex: prefix(true),
});

export const abs = unary({
  name: "abs",
  accepts: "numeric",
  fn: Math.abs,
  derivative: elementwise((b, t, [x]) => b.mul(t, b.sign(x))),
  latex: bracketed("\\left|", "\\right|"),
});

export const sign = unary({ name: "sign", accepts: "numeric", fn: Math.sign, derivative: none });

export const exp = unary({
  name: "exp",
  accepts: "floating",
  fn: Math.exp,
  derivative: elementwise((b, t, _, out) => b.mul(t, out)),
  latex: ([x]) => ({ text: `e^{${x.text}}`, level: Level.power }),
});

export const log = unary({
  name: "log",
  accepts: "floating",
  fn: Math.log,
  derivative: elementwise((b, t, [x]) => b.div(t, x)),
  latex: named("log"),
});

export const expm1 = unary({
  name: "expm1",
  accepts: "floating",
  fn: Math.expm1,
  derivative: elementwise((b, t, [x]) => b.mul(t, b.exp(x))),
});

export const log1p = unary({
  name: "log1p",
  accepts: "floating",
  fn: Math.log1p,
  derivative: elementwise((b, t, [x]) => b.div(t, b.add(x, 1))),
});

export const exp2 = unary({
  name: "exp2",
  accepts: "floating",
  fn: (x) => 2 ** x,
  derivative: elementwise((b, t, _, out) => b.mul(t, b.mul(out, Math.LN2))),
  text: ([x]) => ({ text: `2^${within(x, Level.power)}`, level: Level.power, digit: true }),
  latex: ([x]) => ({ text: `2^{${x.text}}`, level: Level.power, digit: true }),
});

export const log2 = unary({
  name: "log2",
  accepts: "floating",
  fn: Math.log2,
  derivative: elementwise((b, t, [x]) => b.div(t, b.mul(x, Math.LN2))),
  latex: latexCall("\\log_2"),
});

export const log10 = unary({
  name: "log10",
  accepts: "floating",
  fn: log10Value,
  derivative: elementwise((b, t, [x]) => b.div(t, b.mul(x, Math.LN10))),
  latex: latexCall("\\log_{10}"),
});

export const sin = unary({
  name: "sin",
  accepts: "floating",
  fn: Math.sin,
  derivative: elementwise((b, t, [x]) => b.mul(t, b.cos(x))),
  latex: named("sin"),
});

export const cos = unary({
  name: "cos",
  accepts: "floating",
  fn: Math.cos,
  derivative: elementwise((b, t, [x]) => b.neg(b.mul(t, b.sin(x)))),
  latex: named("cos"),
});

export const tan = unary({
  name: "tan",
  accepts: "floating",
  fn: Math.tan,
  derivative: elementwise((b, t, _, out) => b.mul(t, b.add(b.mul(out, out), 1))),
  latex: named("tan"),
});

export const asin = unary({
  name: "asin",
  accepts: "floating",
  fn: Math.asin,
  derivative: elementwise((b, t, [x]) => b.div(t, b.sqrt(b.mul(b.sub(1, x), b.add(x, 1))))),
  latex: named("arcsin"),
});

export const acos = unary({
  name: "acos",
  accepts: "floating",
  fn: Math.acos,
  derivative: elementwise((b, t, [x]) => b.neg(b.div(t, b.sqrt(b.mul(b.sub(1, x), b.add(x, 1)))))),
  latex: named("arccos"),
});

export const atan = unary({
  name: "atan",
  accepts: "floating",
  fn: Math.atan,
  derivative: elementwise((b, t, [x]) => b.div(t, b.add(b.mul(x, x), 1))),
  latex: named("arctan"),
});

export const sinh = unary({
  name: "sinh",
  accepts: "floating",
  fn: Math.sinh,
  derivative: elementwise((b, t, [x]) => b.mul(t, b.cosh(x))),
  latex: named("sinh"),
});

export const cosh = unary({
  name: "cosh",
  accepts: "floating",
  fn: Math.cosh,
  derivative: elementwise((b, t, [x]) => b.mul(t, b.sinh(x))),
  latex: named("cosh"),
});

export const tanh = unary({
  name: "tanh",
  accepts: "floating",
  fn: Math.tanh,
  derivative: elementwise((b, t, _, out) => b.mul(t, b.sub(1, b.mul(out, out)))),
  latex: named("tanh"),
});

export const asinh = unary({
  name: "asinh",
  accepts: "floating",
  fn: Math.asinh,
  derivative: elementwise((b, t, [x]) => b.div(t, b.sqrt(b.add(b.mul(x, x), 1)))),
});

export const acosh = unary({
  name: "acosh",
  accepts: "floating",
  fn: Math.acosh,
  derivative: elementwise((b, t, [x]) => b.div(t, b.mul(b.sqrt(b.sub(x, 1)), b.sqrt(b.add(x, 1))))),
});

export const atanh = unary({
  name: "atanh",
  accepts: "floating",
  fn: Math.atanh,
  derivative: elementwise((b, t, [x]) => b.div(t, b.mul(b.sub(1, x), b.add(x, 1)))),
});

export const sigmoid = unary({
  name: "sigmoid",
  accepts: "floating",
  fn: sigmoidValue,
  // sigmoid(-x), not 1 - sigmoid(x): the latter is 0 from x = 17 on in float32.
  derivative: elementwise((b, t, [x], out) => b.mul(t, b.mul(out, b.sigmoid(b.neg(x))))),
  latex: latexCall("\\sigma"),
});

export const erf = unary({
  name: "erf",
  accepts: "floating",
  fn: erfValue,
  derivative: elementwise((b, t, [x]) => b.mul(t, b.mul(b.exp(b.neg(b.mul(x, x))), TWO_OVER_SQRT_PI))),
});

export const erfc = unary({
  name: "erfc",
  accepts: "floating",
  fn: erfcValue,
  derivative: elementwise((b, t, [x]) => b.mul(t, b.mul(b.exp(b.neg(b.mul(x, x))), -TWO_OVER_SQRT_PI))),
});

export const erfinv = unary({
  name: "erfinv",
  accepts: "floating",
  fn: erfinvValue,
  derivative: elementwise((b, t, _, out) => b.mul(t, b.mul(b.exp(b.mul(out, out)), 1 / TWO_OVER_SQRT_PI))),
  latex: latexCall("\\operatorname{erf}^{-1}"),
});

export const lgamma = unary({
  name: "lgamma",
  accepts: "floating",
  fn: lgammaValue,
  derivative: elementwise((b, t, [x]) => b.mul(t, b.polygamma(0, x))),
  latex: ([x]) => ({
    text: `\\log\\left|\\Gamma\\left(${x.text}\\right)\\right|`,
    level: Level.atom,
  }),
});

export const sqrt = unary({
  name: "sqrt",
  accepts: "floating",
  fn: Math.sqrt,
  derivative: elementwise((b, t, _, out) => b.div(t, b.mul(out, 2))),
  latex: bracketed("\\sqrt{", "}"),
});

export const cbrt = unary({
  name: "cbrt",
  accepts: "floating",
  fn: Math.cbrt,
  derivative: elementwise((b, t, _, out) => b.div(t, b.mul(b.mul(out, out), 3))),
  latex: bracketed("\\sqrt[3]{", "}"),
});

export const floor = unary({
  name: "floor",
  accepts: "floating",
  fn: Math.floor,
  derivative: none,
  latex: bracketed("\\lfloor ", " \\rfloor"),
});

export const ceil = unary({
  name: "ceil",
  accepts: "floating",
  fn: Math.ceil,
  derivative: none,
  latex: bracketed("\\lceil ", " \\rceil"),
});

export const round = unary({ name: "round", accepts: "floating", fn: roundHalfEven, derivative: none });
export const trunc = unary({ name: "trunc", accepts: "floating", fn: Math.trunc, derivative: none });

export const isNaN = unary({
  name: "isNaN",
  accepts: "floating",
  result: "bool",
  fn: (x) => (Number.isNaN(x) ? 1 : 0),
  derivative: none,
  latex: ([x]) => ({
    text: `${within(x, Level.compare, true)} \\neq ${within(x, Level.compare, true)}`,
    level: Level.compare,
  }),
});
