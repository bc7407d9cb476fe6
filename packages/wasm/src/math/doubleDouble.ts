import { type Expr, type FunctionBuilder, f64, type Local, op } from "../assemble/index.ts";
import { F64 } from "./lanes.ts";

/** Arithmetic of one float64, or of two in a vector. */
export interface Arithmetic64 {
  constant(f: FunctionBuilder, value: number): Expr;
  add(a: Expr, b: Expr): Expr;
  sub(a: Expr, b: Expr): Expr;
  mul(a: Expr, b: Expr): Expr;
}

/** Arithmetic of scalars. */
export const SCALAR64: Arithmetic64 = {
  constant: (_, value) => f64(value),
  add: (a, b) => op("f64.add", a, b),
  sub: (a, b) => op("f64.sub", a, b),
  mul: (a, b) => op("f64.mul", a, b),
};

/** Arithmetic of vectors. */
export const VECTOR64: Arithmetic64 = F64;

/** An unevaluated sum of two float64 numbers, the second below half an ULP of the first: about 106 bits. */
export interface Pair {
  readonly high: Local;
  readonly low: Local;
}

/** 2^27 + 1, which splits float64 into halves of 26 bits. */
const SPLITTER = 134217729;

/** a + b without error, where |a| >= |b|, or a is 0 (Dekker, Numer. Math. 18, 1971). */
export function fastTwoSum(f: FunctionBuilder, { add, sub }: Arithmetic64, a: Local, b: Local): Pair {
  const high = f.let(add(a, b));
  return { high, low: f.let(add(sub(a, high), b)) };
}

/** a - b without error, likewise. */
export function fastTwoDifference(f: FunctionBuilder, { sub }: Arithmetic64, a: Local, b: Local): Pair {
  const high = f.let(sub(a, b));
  return { high, low: f.let(sub(sub(a, high), b)) };
}

/** a + b without error (Knuth, The Art of Computer Programming 2, 4.2.2, theorem B). */
export function twoSum(f: FunctionBuilder, { add, sub }: Arithmetic64, a: Local, b: Local): Pair {
  const high = f.let(add(a, b));
  const part = f.let(sub(high, a));
  return { high, low: f.let(add(sub(a, sub(high, part)), sub(b, part))) };
}

/** The upper half of the significant bits, and the rest (Veltkamp). Overflows from 2^996 on. */
export function split(f: FunctionBuilder, { mul, sub, constant }: Arithmetic64, x: Local): Pair {
  const scaled = f.let(mul(x, constant(f, SPLITTER)));
  const high = f.let(sub(scaled, sub(scaled, x)));
  return { high, low: f.let(sub(x, high)) };
}

/** a * b without error (Dekker, Numer. Math. 18, 1971), unless it overflows or its low part underflows. */
export function twoProduct(f: FunctionBuilder, arithmetic: Arithmetic64, a: Local, b: Local): Pair {
  const [left, right] = [split(f, arithmetic, a), split(f, arithmetic, b)];
  return splitProduct(f, arithmetic, a, left, b, right);
}

/** `twoProduct` of numbers that were split before. */
export function splitProduct(
  f: FunctionBuilder,
  { add, sub, mul }: Arithmetic64,
  a: Expr,
  left: { readonly high: Expr; readonly low: Expr },
  b: Expr,
  right: { readonly high: Expr; readonly low: Expr },
): Pair {
  const high = f.let(mul(a, b));
  const first = sub(mul(left.high, right.high), high);
  const crossed = add(add(first, mul(left.high, right.low)), mul(left.low, right.high));
  return { high, low: f.let(add(crossed, mul(left.low, right.low))) };
}

/** The sum of two pairs. */
export function addPairs(f: FunctionBuilder, arithmetic: Arithmetic64, a: Pair, b: Pair): Pair {
  const { add } = arithmetic;
  const sum = twoSum(f, arithmetic, a.high, b.high);
  return fastTwoSum(f, arithmetic, sum.high, f.let(add(sum.low, add(a.low, b.low))));
}

/** The product of two pairs. */
export function mulPairs(f: FunctionBuilder, arithmetic: Arithmetic64, a: Pair, b: Pair): Pair {
  const { add, mul } = arithmetic;
  const exact = twoProduct(f, arithmetic, a.high, b.high);
  const crossed = add(mul(a.high, b.low), mul(a.low, b.high));
  return fastTwoSum(f, arithmetic, exact.high, f.let(add(exact.low, crossed)));
}
