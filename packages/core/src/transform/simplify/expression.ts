import type { Params, Primitive } from "../../ir/primitive.ts";
import type { Tensor } from "../../ir/tensor.ts";
import type { DType } from "../../types/dtype.ts";
import type { Shape } from "../../types/shape.ts";
import { isFiniteDecimal, isNegative, isOne, magnitude, ONE, type Rational } from "./rational.ts";

/** Where the elements of an expression live. One object for each, so that they are compared by identity. */
export interface Space {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly id: number;
}

interface Common {
  /** Grows with creation: what an expression is made of has smaller ids. */
  readonly id: number;
  /** How many operations its formula shows, signs left out. Simplification never makes it greater. */
  readonly size: number;
  /** Equal for equal expressions, whenever they were made: settles the order of what otherwise looks alike. */
  readonly hash: number;
  /** The beginning of its formula, for alphabetical order. */
  readonly label: string;
  /** The degree as a polynomial in the leaves; NaN when it is none. */
  readonly degree: number;
}

/** The same number everywhere; it fits into every space. */
export interface NumberExpression extends Common {
  readonly kind: "number";
  readonly value: Rational;
}

/** A symbol, a variable, data: kept as it is. */
export interface LeafExpression extends Common {
  readonly kind: "leaf";
  readonly space: Space;
  readonly tensor: Tensor;
  /** Pi, the logarithm of 2 and the like: numbers that no fraction equals stay what they are. */
  readonly constant: boolean;
}

/** What applies an operation. */
export interface Application {
  readonly prim: Primitive;
  readonly params: Params;
  readonly args: readonly Expression[];
  /** Those of the arguments: a number does not know its own. */
  readonly argSpaces: readonly Space[];
  readonly space: Space;
}

/** An operation that is no algebra: a function, a sum over axes, a matrix product. */
export interface CallExpression extends Common, Application {
  readonly kind: "call";
}

export interface Factor {
  readonly base: Expression;
  readonly exponent: Rational;
}

/** base^exponent * ..., each base once, in textbook order. Numbers stand before products, in sums. */
export interface ProductExpression extends Common {
  readonly kind: "product";
  readonly space: Space;
  readonly factors: readonly Factor[];
}

export interface Term {
  readonly expression: Expression;
  readonly coefficient: Rational;
  /** A sum that stays one term of the sum that reads it. */
  readonly whole?: boolean;
}

/** coefficient * expression + ... + constant, each expression once, in textbook order. 2 * x is a sum of one term. */
export interface SumExpression extends Common {
  readonly kind: "sum";
  readonly space: Space;
  readonly terms: readonly Term[];
  readonly constant: Rational;
}

export type Expression =
  | NumberExpression
  | LeafExpression
  | CallExpression
  | ProductExpression
  | SumExpression;

/** What the rules build with; equal expressions are one object. */
export interface Algebra {
  number(value: Rational): NumberExpression;
  /** An element of a tensor: a number, or an irrational one by name. */
  literal(value: number, space: Space): Expression;
  /** coefficient * expression + ..., collected. */
  sum(terms: readonly Term[], space: Space): Expression;
  /** base^exponent * ..., collected. */
  product(factors: readonly Factor[], space: Space): Expression;
  /** An operation, after the rules of its name. */
  call(application: Application): Expression;
  /** A function of one argument, by name. */
  unary(name: string, x: Expression, space: Space): Expression;
  /** The sum as it is, in order. */
  bareSum(terms: ReadonlyMap<Expression, Rational>, constant: Rational, space: Space): Expression;
  /** The product as it is, in order. */
  bareProduct(factors: ReadonlyMap<Expression, Rational>, space: Space): Expression | null;
  bareCall(application: Application): Expression;
  /** Runs what tries another form of a sum; null where attempts are nested too deeply already. */
  attempt(form: () => Expression): Expression | null;
}

export const term = (expression: Expression, coefficient: Rational = ONE): Term => ({
  expression,
  coefficient,
});
export const factor = (base: Expression, exponent: Rational = ONE): Factor => ({ base, exponent });

/** Longer sums and products, where others are made of them, stay one part of those: else formulas could explode. */
const MAX_PARTS = 16;

export const isLongSum = (x: Expression): boolean => x.kind === "sum" && x.terms.length > MAX_PARTS;
export const isLongProduct = (x: Expression): boolean => x.kind === "product" && x.factors.length > MAX_PARTS;

/** The argument when x is `name(argument)`, else null. */
export const argumentOf = (x: Expression, name: string): Expression | null =>
  x.kind === "call" && x.prim.name === name ? x.args[0] : null;

/** The one term of c * x, or null: neither x + y nor x + 1. */
export const singleTerm = (x: Expression): Term | null =>
  x.kind === "sum" && x.terms.length === 1 && x.constant.n === 0 ? x.terms[0] : null;

/** The factors of a product; of anything else, itself. */
export const factorsOf = (x: Expression): readonly Factor[] =>
  x.kind === "product" ? x.factors : [factor(x)];

const factorSize = ({ base, exponent }: Factor): number => base.size + (isOne(magnitude(exponent)) ? 0 : 1);

/** A fraction of products has its operations above and below the line, and the line. */
export function productSize(factors: readonly Factor[]): number {
  let size = 0;
  let above = 0;
  let below = 0;
  for (const one of factors) {
    size += factorSize(one);
    if (isNegative(one.exponent)) below++;
    else above++;
  }
  return size + Math.max(above - 1, 0) + Math.max(below - 1, 0) + (below > 0 ? 1 : 0);
}

/** The size of coefficient * x. Signs cost nothing. */
export function scaledSize(coefficient: Rational, x: Expression): number {
  const { n, d } = writtenFraction(magnitude(coefficient));
  const above = x.kind !== "product" || x.factors.some(({ exponent }) => !isNegative(exponent));
  return x.size + (n !== 1 && above ? 1 : 0) + (d !== 1 ? 1 : 0);
}

export function sumSize(terms: readonly Term[], constant: Rational): number {
  let size = terms.length - (constant.n === 0 ? 1 : 0);
  for (const { coefficient, expression } of terms) size += scaledSize(coefficient, expression);
  return size;
}

/** The numbers above and below the line: decimals are written as they are, above it or else below it. */
export function writtenFraction({ n, d, decimal }: Rational): { readonly n: number; readonly d: number } {
  if (decimal && isFiniteDecimal(d)) return { n: n / d, d: 1 };
  if (decimal && isFiniteDecimal(n)) return { n: 1, d: d / n };
  return { n, d };
}
