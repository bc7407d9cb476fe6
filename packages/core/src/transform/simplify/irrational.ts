import type { DType } from "../../types/dtype.ts";
import { HALF, MINUS_ONE, negate, ONE, type Rational, TWO } from "./rational.ts";

interface Irrational {
  readonly coefficient: Rational;
  /** What the number is a multiple of, or of whose inverse. */
  readonly base: number;
  readonly exponent: Rational;
}

const ROOT_OF_PI = 1.7724538509055159;

/** Numbers that derivatives and users write, as coefficient * base^exponent. */
const IRRATIONAL: readonly (readonly [
  value: number,
  coefficient: Rational,
  base: number,
  exponent: Rational,
])[] = [
  [Math.PI, ONE, Math.PI, ONE],
  [Math.E, ONE, Math.E, ONE],
  [Math.LN2, ONE, Math.LN2, ONE],
  [Math.LN10, ONE, Math.LN10, ONE],
  [ROOT_OF_PI, ONE, ROOT_OF_PI, ONE],
  [2 / ROOT_OF_PI, TWO, ROOT_OF_PI, MINUS_ONE],
  [1 / (2 / ROOT_OF_PI), HALF, ROOT_OF_PI, ONE],
];

/** The known irrational number that a tensor of the dtype holds, or null. */
export function irrational(given: number, dtype: DType): Irrational | null {
  if (Number.isInteger(given)) return null;
  const size = Math.abs(given);
  for (const [value, coefficient, base, exponent] of IRRATIONAL) {
    if (size !== value && !(dtype === "float32" && Math.fround(size) === Math.fround(value))) continue;
    return { coefficient: given < 0 ? negate(coefficient) : coefficient, base, exponent };
  }
  return null;
}
