import type { Tensor } from "./tensor.ts";

/** A written formula and how tightly its outermost operation binds. */
export interface Formula {
  readonly text: string;
  readonly level: number;
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

/** `a + b`; the right operand is put in parentheses at equal level when the operation does not associate. */
export const infix =
  (symbol: string, level: number, associative: boolean, latex = false): Form<object> =>
  ([left, right]) => ({
    text: `${within(left, level, latex)}${symbol}${within(right, associative ? level : level + 1, latex)}`,
    level,
  });

/** `-a` */
export const prefix =
  (symbol: string, latex = false): Form<object> =>
  ([operand]) => ({ text: `${symbol}${within(operand, Level.prefix, latex)}`, level: Level.prefix });

/** The operand alone: the operation only moves or spreads values, and formulas do not show that. */
export const transparent: Form<object> = ([operand]) => operand;
