import { shortest } from "../../ir/numbers.ts";
import type { DType } from "../../types/dtype.ts";

/**
 * A number of a formula: n / d in lowest terms, d > 0. Sums and products of fractions and of short decimals are exact, so
 * that x / 3 + x / 6 is x / 2, and 2.7 - 1 is 1.7. What no fraction of safe integers equals is held as n, with d = 1.
 */
export interface Rational {
  readonly n: number;
  readonly d: number;
  /** Written with a decimal point, as the user wrote it, and not as a fraction. */
  readonly decimal: boolean;
}

function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** n / d in lowest terms, or rounded where these are too large. */
export function fraction(n: number, d: number, decimal = false): Rational {
  if (!Number.isSafeInteger(n) || !Number.isSafeInteger(d) || d === 0) return { n: n / d, d: 1, decimal };
  const divisor = gcd(n, d) * Math.sign(d);
  const whole = d / divisor;
  // No zero has a sign here.
  return { n: n / divisor + 0, d: whole, decimal: decimal && whole !== 1 };
}

export const integer = (n: number): Rational => ({ n, d: 1, decimal: false });
// Written out: a bundle without formulas leaves out what is no call.
export const ZERO: Rational = { n: 0, d: 1, decimal: false };
export const ONE: Rational = { n: 1, d: 1, decimal: false };
export const MINUS_ONE: Rational = { n: -1, d: 1, decimal: false };
export const TWO: Rational = { n: 2, d: 1, decimal: false };
export const HALF: Rational = { n: 1, d: 2, decimal: false };

/** More digits than these are a measurement, or an irrational number, and no fraction. */
const MAX_DECIMALS = 12;

/** What a tensor's element says: 0.1 of float32 is 1 / 10. */
export function rationalOf(value: number, dtype: DType): Rational {
  const short = shortest(value, dtype);
  if (Number.isInteger(short)) return integer(short + 0);
  const [, decimals = ""] = /^-?\d+\.(\d+)$/.exec(String(short)) ?? [];
  if (decimals === "" || decimals.length > MAX_DECIMALS) return integer(short);
  const d = 10 ** decimals.length;
  const n = Math.round(short * d);
  return n / d === short ? fraction(n, d, true) : integer(short);
}

export const valueOf = ({ n, d }: Rational): number => n / d;
export const isZero = ({ n }: Rational): boolean => n === 0;
export const isOne = ({ n, d }: Rational): boolean => n === 1 && d === 1;
export const isMinusOne = ({ n, d }: Rational): boolean => n === -1 && d === 1;
export const isWhole = ({ n, d }: Rational): boolean => d === 1 && Number.isSafeInteger(n);
export const isEven = (r: Rational): boolean => isWhole(r) && r.n % 2 === 0;
export const isNegative = ({ n }: Rational): boolean => n < 0;
export const same = (a: Rational, b: Rational): boolean => a.n === b.n && a.d === b.d;
export const keyOf = ({ n, d, decimal }: Rational): string => `${n}/${d}${decimal ? "." : ""}`;

/** Whether 1 / n has finitely many decimals. */
export function isFiniteDecimal(n: number): boolean {
  let rest = Math.abs(n);
  if (!Number.isSafeInteger(rest) || rest === 0) return false;
  while (rest % 2 === 0) rest /= 2;
  while (rest % 5 === 0) rest /= 5;
  return rest === 1;
}

export const negate = (r: Rational): Rational => ({ ...r, n: 0 - r.n });
export const magnitude = (r: Rational): Rational => (r.n < 0 ? negate(r) : r);
export const reciprocal = ({ n, d, decimal }: Rational): Rational => fraction(d, n, decimal);

export const plus = (a: Rational, b: Rational): Rational =>
  a.d === b.d && a.d === 1
    ? { n: a.n + b.n, d: 1, decimal: false }
    : fraction(a.n * b.d + b.n * a.d, a.d * b.d, a.decimal || b.decimal);

export const times = (a: Rational, b: Rational): Rational =>
  fraction(a.n * b.n, a.d * b.d, a.decimal || b.decimal);

/** base^exponent where that is a fraction again, else null. */
export function exactPower(base: Rational, exponent: Rational): Rational | null {
  if (isWhole(exponent)) {
    const size = Math.abs(exponent.n);
    const power = fraction(base.n ** size, base.d ** size, base.decimal);
    return exponent.n < 0 ? reciprocal(power) : power;
  }
  if (exponent.d !== 2 || base.n < 0) return null;
  const [n, d] = [Math.sqrt(base.n), Math.sqrt(base.d)];
  if (!Number.isSafeInteger(n) || !Number.isSafeInteger(d)) return null;
  return exactPower(fraction(n, d, base.decimal), integer(exponent.n));
}
