import {
  type Expr,
  type FunctionBuilder,
  i32,
  type Local,
  op,
  type PlainName,
  shuffle32,
} from "../assemble/index.ts";
import type { VectorFunction } from "./types.ts";

/** Bytes of a vector whose lanes all hold `value`. */
const float32Bytes = (value: number): Uint8Array => new Uint8Array(new Float32Array(4).fill(value).buffer);
const float64Bytes = (value: number): Uint8Array => new Uint8Array(new Float64Array(2).fill(value).buffer);

/** Vector arithmetic of one lane type, so that formulas can be read. */
function lanesOf(type: "f32x4" | "f64x2") {
  const binary =
    (name: string) =>
    (a: Expr, b: Expr): Expr =>
      op(`${type}.${name}` as PlainName, a, b);
  const unary =
    (name: string) =>
    (a: Expr): Expr =>
      op(`${type}.${name}` as PlainName, a);
  const bytes = type === "f32x4" ? float32Bytes : float64Bytes;
  const constant = (f: FunctionBuilder, value: number): Local => f.constant(bytes(value));
  const add = binary("add");
  const mul = binary("mul");
  const pairs = (f: FunctionBuilder, x: Local, square: Local, coefficients: readonly number[]): Expr => {
    const terms: Expr[] = [];
    for (let i = 0; i < coefficients.length; i += 2) {
      const term = constant(f, coefficients[i]);
      const next = coefficients[i + 1];
      terms.push(next === undefined ? term : add(mul(constant(f, next), x), term));
    }
    return terms.reduceRight((sum, term) => add(mul(sum, square), term));
  };
  return {
    constant,
    add,
    sub: binary("sub"),
    mul,
    div: binary("div"),
    /** The lesser; `a` where one is NaN. One instruction on x86, where min is five. */
    pmin: binary("pmin"),
    /** The greater; `a` where one is NaN. */
    pmax: binary("pmax"),
    eq: binary("eq"),
    ne: binary("ne"),
    lt: binary("lt"),
    le: binary("le"),
    gt: binary("gt"),
    ge: binary("ge"),
    abs: unary("abs"),
    neg: unary("neg"),
    sqrt: unary("sqrt"),
    nearest: unary("nearest"),
    /** Horner's scheme: coefficients from the lowest power up. */
    polynomial(f: FunctionBuilder, x: Local, coefficients: readonly number[]): Expr {
      return coefficients
        .slice(0, -1)
        .reduceRight<Expr>(
          (sum, coefficient) => add(mul(sum, x), constant(f, coefficient)),
          constant(f, coefficients[coefficients.length - 1]),
        );
    },
    /**
     * The same by pairs of terms and Horner's scheme in x^2 (Estrin 1960 goes on to pairs of pairs), where x^2 is at
     * hand: as many instructions, half as long a chain of dependent ones.
     */
    pairs,
    /** `pairs` where x^2 is not at hand: 10 to 20 % faster than Horner's scheme in x in asin, atan2 and sin. */
    series: (f: FunctionBuilder, x: Local, coefficients: readonly number[]): Expr =>
      pairs(f, x, f.let(mul(x, x)), coefficients),
    /** The same with a leading coefficient of 1, which is not among the coefficients and costs no multiplication. */
    monic(f: FunctionBuilder, x: Local, coefficients: readonly number[]): Expr {
      return coefficients.reduceRight<Expr>(
        (sum, coefficient) =>
          sum === x ? add(x, constant(f, coefficient)) : add(mul(sum, x), constant(f, coefficient)),
        x,
      );
    },
  };
}

/** Arithmetic of f32x4. */
export const F32 = lanesOf("f32x4");
/** Arithmetic of f64x2. */
export const F64 = lanesOf("f64x2");

export const and = (a: Expr, b: Expr): Expr => op("v128.and", a, b);
export const or = (a: Expr, b: Expr): Expr => op("v128.or", a, b);
export const xor = (a: Expr, b: Expr): Expr => op("v128.xor", a, b);
/** `a` and not `b`. */
export const andNot = (a: Expr, b: Expr): Expr => op("v128.andnot", a, b);
/** `mask ? a : b`, lane by lane. */
export const choose = (mask: Expr, a: Expr, b: Expr): Expr => op("v128.bitselect", a, b, mask);
export const anyTrue = (mask: Expr): Expr => op("v128.any_true", mask);

export const shl32 = (a: Expr, bits: number): Expr => op("i32x4.shl", a, i32(bits));
export const sar32 = (a: Expr, bits: number): Expr => op("i32x4.shr_s", a, i32(bits));
export const shl64 = (a: Expr, bits: number): Expr => op("i64x2.shl", a, i32(bits));
export const shr64 = (a: Expr, bits: number): Expr => op("i64x2.shr_u", a, i32(bits));

/** A hoisted vector of equal 32-bit integers. */
export const int32s = (f: FunctionBuilder, value: number): Local =>
  f.constant(new Uint8Array(new Int32Array(4).fill(value).buffer));
/** A hoisted vector of equal 64-bit integers. */
export const int64s = (f: FunctionBuilder, value: bigint): Local =>
  f.constant(new Uint8Array(new BigInt64Array(2).fill(BigInt.asIntN(64, value)).buffer));

const NEGATIVE_32 = -0x80000000;
const NEGATIVE_64 = 1n << 63n;

/** The sign bits of float32 lanes. */
export const signs32 = (f: FunctionBuilder, x: Expr): Expr => and(x, int32s(f, NEGATIVE_32));
/** The sign bits of float64 lanes. */
export const signs64 = (f: FunctionBuilder, x: Expr): Expr => and(x, int64s(f, NEGATIVE_64));

/**
 * A float32 function computed in float64, two lanes at a time: what the float64 function gets wrong by far less than
 * 2^-24 is lost in the one rounding at the end.
 */
export const throughFloat64 =
  (fn: VectorFunction): VectorFunction =>
  (f, ...xs) => {
    const vectors = xs.map((x) => f.let(x));
    const low = f.let(fn(f, ...vectors.map((x) => f.let(op("f64x2.promote_low_f32x4", x)))));
    const high = f.let(
      fn(f, ...vectors.map((x) => f.let(op("f64x2.promote_low_f32x4", shuffle32(x, x, [2, 3, 2, 3]))))),
    );
    return shuffle32(op("f32x4.demote_f64x2_zero", low), op("f32x4.demote_f64x2_zero", high), [0, 1, 4, 5]);
  };
