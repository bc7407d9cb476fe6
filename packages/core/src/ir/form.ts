import type { Tensor } from "./tensor.ts";

/** A written formula and how tightly its outermost operation binds. */
export interface Formula {
  readonly text: string;
  readonly level: number;
  /** What stands after the minus sign, where the formula begins with one: a + (-b) is written a - b. */
  readonly minus?: string;
  /** Whether it is a number: numbers are written before what they multiply. */
  readonly number?: boolean;
  /** Whether it begins with a digit, so that in LaTeX no other factor can stand right before it. */
  readonly digit?: boolean;
  /** Of a sum over elements: what is summed up, for means. */
  readonly sumOf?: Formula;
}

/** Writes an operation, given its written operands. */
export type Form<P> = (operands: readonly Formula[], params: P, node: Tensor) => Formula;

/** Levels of binding, weakest first. */
export const Level = { or: 1, compare: 2, sum: 3, product: 4, prefix: 5, power: 6, atom: 7 } as const;

/** The formula's text, in parentheses when it binds weaker than `level`. */
export const within = (formula: Formula, level: number, latex = false): string =>
  formula.level >= level ? formula.text : latex ? `\\left(${formula.text}\\right)` : `(${formula.text})`;

export const atom = (text: string): Formula => ({ text, level: Level.atom });

/** `name(a, b)` */
export const callForm =
  <P>(name: string | ((params: P, node: Tensor) => string)): Form<P> =>
  (operands, params, node) =>
    atom(
      `${typeof name === "string" ? name : name(params, node)}(${operands.map(({ text }) => text).join(", ")})`,
    );

/** `\name\left(a, b\right)` */
export const latexCall =
  <P>(name: string | ((params: P, node: Tensor) => string)): Form<P> =>
  (operands, params, node) =>
    atom(
      `${typeof name === "string" ? name : name(params, node)}\\left(${operands.map(({ text }) => text).join(", ")}\\right)`,
    );

/** A formula that begins with a minus sign. */
const negative = (minus: string, level: number): Formula => ({
  text: `-${minus}`,
  level,
  minus,
  digit: false,
});

/** In parentheses when it binds weaker than `level`, or begins with a minus sign where none may stand. */
const unsigned = (formula: Formula, level: number, latex = false): string =>
  formula.minus === undefined
    ? within(formula, level, latex)
    : within({ ...formula, level: 0 }, level, latex);

/** `-a`; before products and fractions, without parentheses. */
export const prefix =
  (latex = false): Form<object> =>
  ([operand]) =>
    negative(
      unsigned(operand, Level.product, latex),
      operand.level < Level.prefix ? Level.product : Level.prefix,
    );

/** `a + b` or `a - b`; the sign that b is written with counts. */
const additive =
  (own: "+" | "-", other: "+" | "-", latex: boolean): Form<object> =>
  ([left, right]) => {
    const signed = right.minus !== undefined && right.level >= Level.product;
    const rest = signed
      ? `${other} ${right.minus}`
      : `${own} ${within(right, own === "+" ? Level.sum : Level.product, latex)}`;
    // A minus in front of the first term is none of the whole sum.
    return { text: `${within(left, Level.sum, latex)} ${rest}`, level: Level.sum };
  };

/** `a + b`, and `a - b` where b is written with a minus. */
export const sumForm = (latex = false): Form<object> => additive("+", "-", latex);

/** `a - b`, and `a + b` where b is written with a minus. */
export const differenceForm = (latex = false): Form<object> => additive("-", "+", latex);

/** A product: numbers first, and the square of what is multiplied by itself. */
export const productForm =
  (latex = false): Form<object> =>
  (operands, _, { inputs }) => {
    if (inputs[0] === inputs[1] && !operands[0].number)
      return raised(operands[0], latex ? "{2}" : "2", latex);
    const swap = operands[1].number === true && operands[0].number !== true;
    const [first, second] = swap ? [operands[1], operands[0]] : operands;
    if (swap && second.minus !== undefined && second.level >= Level.product && first.minus === undefined) {
      // -x times 3 is -3 * x.
      const digits = latex && second.digit ? " \\cdot " : latex ? " " : " * ";
      return negative(`${first.text}${digits}${second.minus}`, Level.product);
    }
    const join = latex ? (second.digit && second.level >= Level.product ? " \\cdot " : " ") : " * ";
    const rest = `${join}${unsigned(second, Level.product, latex)}`;
    if (first.minus !== undefined && first.level >= Level.product)
      return negative(`${first.minus}${rest}`, Level.product);
    return {
      text: `${within(first, Level.product, latex)}${rest}`,
      level: Level.product,
      digit: first.digit,
    };
  };

/** `a^b`, the exponent as it is written. */
export const raised = (base: Formula, exponent: string, latex = false): Formula => ({
  text: `${within(base, Level.atom, latex)}^${exponent}`,
  level: Level.power,
  digit: base.digit && base.level >= Level.atom,
});

/** `a / b` */
export const quotientForm: Form<object> = ([left, right]) => {
  const rest = ` / ${unsigned(right, Level.prefix)}`;
  if (left.minus !== undefined && left.level >= Level.product)
    return negative(`${left.minus}${rest}`, Level.product);
  return { text: `${within(left, Level.product)}${rest}`, level: Level.product };
};

/** A fraction; the minus of what is above the line stands before it. */
export const fractionForm: Form<object> = ([left, right]) => {
  if (left.minus !== undefined && left.level >= Level.product)
    return negative(`\\frac{${left.minus}}{${right.text}}`, Level.product);
  return { text: `\\frac{${left.text}}{${right.text}}`, level: Level.power };
};

/** `a op b`; the right operand is put in parentheses at equal level when the operation does not associate. */
export const infix =
  (symbol: string, level: number, associative: boolean, latex = false): Form<object> =>
  ([left, right]) => ({
    text: `${within(left, level, latex)}${symbol}${unsigned(right, associative ? level : level + 1, latex)}`,
    level,
  });

/** The operand alone: the operation only moves or spreads values, and formulas do not show that. */
export const transparent: Form<object> = ([operand]) => operand;
