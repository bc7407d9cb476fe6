import {
  type Expr,
  type FunctionBuilder,
  f64,
  i64,
  type Local,
  lane,
  op,
  type Signature,
} from "../assemble/index.ts";
import { twoProduct, VECTOR64 } from "./doubleDouble.ts";
import { and, anyTrue, choose, F64, or, signs64, throughFloat64, xor } from "./lanes.ts";
import type { VectorFunction } from "./types.ts";

/**
 * The remainder with the divisor's sign. The remainder of the magnitudes is exact; only when it has to be taken from
 * the divisor, because the signs differ, is there one rounding.
 */

const { sub, div, mul, add, abs, constant } = F64;

const REMAINDER: Signature = { params: ["f64", "f64"], results: ["f64"] };

/** a - q b without error, where q = trunc(a / b), or one more than that of the exact quotient: a / b rounds. */
type Subtract = (f: FunctionBuilder, a: Local, q: Local, b: Local) => Expr;

/** Where the quotient is below the limit and the divisor below the other, `subtract` is exact. */
function magnitude(
  f: FunctionBuilder,
  a: Local,
  b: Local,
  subtract: Subtract,
  limits: readonly [number, number],
): Local {
  const q = f.let(op("f64x2.trunc", div(a, b)));
  const difference = f.let(subtract(f, a, q, b));
  const negative = F64.lt(difference, constant(f, 0));
  const result = f.let(add(difference, and(negative, b)));
  const usual = f.let(and(F64.lt(q, constant(f, limits[0])), F64.lt(b, constant(f, limits[1]))));
  f.if(anyTrue(op("v128.not", usual)), () => {
    const remainder = f.helper("remainder", REMAINDER, writeRemainder);
    const [first, second] = [0, 1].map((i) =>
      f.callFor(remainder, lane("f64x2.extract_lane", i, a), lane("f64x2.extract_lane", i, b)),
    );
    f.set(result, choose(usual, result, lane("f64x2.replace_lane", 1, op("f64x2.splat", first), second)));
  });
  return result;
}

const mod =
  (subtract: Subtract, limits: readonly [number, number]): VectorFunction =>
  (f, x, y) => {
    const [dividend, divisor] = [f.let(x), f.let(y)];
    const b = f.let(abs(divisor));
    const remainder = magnitude(f, f.let(abs(dividend)), b, subtract, limits);
    const opposite = op("i64x2.lt_s", xor(dividend, divisor), constant(f, 0));
    const rest = choose(and(opposite, F64.ne(remainder, constant(f, 0))), sub(b, remainder), remainder);
    return or(rest, signs64(f, divisor));
  };

/** mod of float32: quotients of 29 bits have exact products with divisors of 24. */
export const modFloat32: VectorFunction = throughFloat64(
  mod((_, a, q, b) => sub(a, mul(q, b)), [2 ** 29, Number.POSITIVE_INFINITY]),
);

/** mod of float64; from 2^996 on divisors cannot be split. */
export const modFloat64: VectorFunction = mod(
  (f, a, q, b) => {
    const product = twoProduct(f, VECTOR64, q, b);
    return sub(sub(a, product.high), product.low);
  },
  [2 ** 53, 2 ** 990],
);

/** `(a: f64, b: f64) => f64`: the remainder of any numbers that are not negative. */
function writeRemainder(f: FunctionBuilder): void {
  const [a, b] = f.params;
  const defined = op("i32.and", op("f64.lt", a, f64(Number.POSITIVE_INFINITY)), op("f64.gt", b, f64(0)));
  f.if(op("i32.eqz", defined), () => f.return(f64(Number.NaN)));
  f.if(op("f64.lt", a, b), () => f.return(a));
  const exponentOf = (x: Local): Local => f.let(op("i64.shr_u", op("i64.reinterpret_f64", x), i64(52n)));
  const [e, divisorsE] = [exponentOf(a), exponentOf(b)];
  const rest = significand(f, a, e);
  const divisor = significand(f, b, divisorsE);
  f.set(rest, op("i64.rem_u", rest, divisor));
  const left = f.let(op("i64.sub", e, divisorsE));
  f.while(
    () => op("i64.gt_s", left, i64(0n)),
    () => {
      // Long division, eleven bits at a time: the rest has at most 53 of 64.
      const bits = f.let(i64(11n));
      f.if(op("i64.lt_s", left, bits), () => f.set(bits, left));
      f.set(rest, op("i64.rem_u", op("i64.shl", rest, bits), divisor));
      f.set(left, op("i64.sub", left, bits));
    },
  );
  const scale = op("f64.reinterpret_i64", op("i64.shl", divisorsE, i64(52n)));
  f.result(op("f64.mul", op("f64.mul", op("f64.convert_i64_u", rest), f64(2 ** -52)), scale));
}

/** The significand of a positive number as an integer; the exponent field of subnormal numbers becomes 1. */
function significand(f: FunctionBuilder, x: Expr, exponent: Local): Local {
  const bits = f.let(op("i64.and", op("i64.reinterpret_f64", x), i64((1n << 52n) - 1n)));
  f.if(
    op("i64.eqz", exponent),
    () => f.set(exponent, i64(1n)),
    () => f.set(bits, op("i64.or", bits, i64(1n << 52n))),
  );
  return bits;
}
