import {
  atom,
  differenceForm,
  type Formula,
  fractionForm,
  infix,
  Level,
  latexCall,
  productForm,
  quotientForm,
  raised,
  sumForm,
  within,
} from "../../ir/form.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { binary, elementwise } from "./define.ts";

/** IEEE 754: pow(1, y) and pow(-1, +-inf) are 1, where JavaScript says NaN. */
const powValue = (x: number, y: number): number =>
  x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;

/** The remainder with the divisor's sign. */
function modValue(x: number, y: number): number {
  const remainder = x % y;
  if (remainder === 0) return y < 0 || Object.is(y, -0) ? -0 : 0;
  return remainder < 0 !== y < 0 ? remainder + y : remainder;
}

/** Rounded down, as `mod` wants it; 0 for a zero divisor. */
const quotientValue = (x: number, y: number): number => (y === 0 ? 0 : Math.floor(x / y));

export const add = binary({
  name: "add",
  accepts: "numeric",
  fn: (x, y) => x + y,
  derivative: { kind: "linear", transpose: (_, ct) => [ct, ct], mask: (_, mask) => [mask, mask] },
  text: sumForm(),
  latex: sumForm(true),
});

export const sub = binary({
  name: "sub",
  accepts: "numeric",
  fn: (x, y) => x - y,
  derivative: { kind: "linear", transpose: (b, ct) => [ct, b.neg(ct)], mask: (_, mask) => [mask, mask] },
  text: differenceForm(),
  latex: differenceForm(true),
});

export const mul = binary({
  name: "mul",
  accepts: "numeric",
  fn: (x, y) => x * y,
  integerFn: Math.imul,
  derivative: elementwise(
    (b, t, [, y]) => b.mul(t, y),
    (b, t, [x]) => b.mul(x, t),
  ),
  text: productForm(),
  latex: productForm(true),
});

export const div = binary({
  name: "div",
  accepts: "floating",
  fn: (x, y) => x / y,
  derivative: elementwise(
    (b, t, [, y]) => b.div(t, y),
    (b, t, [, y], out) => b.neg(b.mul(b.div(t, y), out)),
  ),
  text: (operands, params, node) => meanForm(operands, node, "mean") ?? quotientForm(operands, params, node),
  latex: (operands, params, node) =>
    meanForm(operands, node, "\\operatorname{mean}") ?? fractionForm(operands, params, node),
});

/** A sum divided by the number of its elements is a mean. */
function meanForm([{ sumOf }]: readonly Formula[], { inputs }: Tensor, name: string): Formula | null {
  if (sumOf === undefined) return null;
  let [total, count] = inputs;
  while (total.inputs.length === 1 && total.prim.name !== "reduceSum") total = total.inputs[0];
  while (count.inputs.length === 1) count = count.inputs[0];
  const elements = total.inputs[0].size / total.size;
  if (count.prim.name !== "constant" || (count.params as { value: number }).value !== elements) return null;
  return atom(name === "mean" ? `mean(${sumOf.text})` : `${name}\\left(${sumOf.text}\\right)`);
}

export const quotient = binary({
  name: "quotient",
  accepts: "integer",
  fn: quotientValue,
  derivative: { kind: "none" },
  text: infix(" // ", Level.product, false),
  latex: ([x, y]) => ({
    text: `\\left\\lfloor\\frac{${x.text}}{${y.text}}\\right\\rfloor`,
    level: Level.atom,
  }),
});

export const pow = binary({
  name: "pow",
  accepts: "floating",
  fn: powValue,
  derivative: elementwise(
    (b, t, [x, p]) => {
      const exponent = b.literalValue(p);
      if (exponent === 0) return null;
      if (exponent !== null) return b.mul(t, b.mul(b.pow(x, exponent - 1), exponent));
      // x^0 is constant, although p * x^(p - 1) is 0 * infinity at 0, and NaN for NaN. Elsewhere it is 0 by itself, and
      // has a derivative by p that is not.
      const isNumber = b.bitwise("and", b.compare("notEqual", x, 0), b.compare("equal", x, x));
      const defined = b.bitwise("or", b.compare("notEqual", p, 0), isNumber);
      return b.where(defined, b.mul(t, b.mul(p, b.pow(x, b.sub(p, 1)))), 0);
    },
    (b, t, [x, p], out) => {
      // 0^p is constantly 0 for p > 0, although out * log(x) is 0 * infinity there.
      const defined = b.bitwise("or", b.compare("notEqual", x, 0), b.compare("less", p, 0));
      return b.where(defined, b.mul(t, b.mul(out, b.log(x))), 0);
    },
  ),
  text: ([x, y], _, { inputs }) => {
    const half = halves(inputs[1]);
    return raised(x, half === null ? within(y, Level.power) : `(${half}/2)`);
  },
  latex: ([x, y], _, { inputs }) => {
    const half = halves(inputs[1]);
    return raised(
      x,
      half === null ? `{${y.text}}` : `{${half < 0 ? "-" : ""}\\frac{${Math.abs(half)}}{2}}`,
      true,
    );
  },
});

/** n, when the exponent is the literal n / 2; null for whole numbers and all else. */
function halves(exponent: Tensor): number | null {
  let node = exponent;
  while (node.inputs.length === 1 && node.prim.alias !== true && node.prim.name === "broadcast")
    node = node.inputs[0];
  if (node.prim.name !== "constant") return null;
  const twice = 2 * (node.params as { value: number }).value;
  return Number.isInteger(twice) && twice % 2 !== 0 ? twice : null;
}

const extremum = (name: "max" | "min", fn: (x: number, y: number) => number, wins: "greater" | "less") =>
  binary({
    name,
    accepts: "numeric",
    fn,
    // Ties give each side one half.
    derivative: elementwise(
      (b, t, [x, y]) =>
        b.where(b.compare(wins, x, y), t, b.where(b.compare("equal", x, y), b.mul(t, 0.5), 0)),
      (b, t, [x, y]) =>
        b.where(b.compare(wins, y, x), t, b.where(b.compare("equal", x, y), b.mul(t, 0.5), 0)),
    ),
    latex: latexCall(`\\${name}`),
  });

export const max = extremum("max", Math.max, "greater");
export const min = extremum("min", Math.min, "less");

export const mod = binary({
  name: "mod",
  accepts: "numeric",
  fn: modValue,
  integerFn: (x, y) => (y === 0 ? 0 : modValue(x, y)),
  derivative: elementwise(
    (_, t) => t,
    (b, t, [x, y]) => b.neg(b.mul(t, b.floor(b.div(x, y)))),
  ),
  text: infix(" mod ", Level.product, false),
  latex: infix(" \\bmod ", Level.product, false, true),
});

export const atan2 = binary({
  name: "atan2",
  accepts: "floating",
  fn: Math.atan2,
  derivative: elementwise(
    (b, t, [y, x]) => b.div(b.mul(t, x), b.add(b.mul(x, x), b.mul(y, y))),
    (b, t, [y, x]) => b.neg(b.div(b.mul(t, y), b.add(b.mul(x, x), b.mul(y, y)))),
  ),
});
